/**
 * Proposes an approved set after three equal approvals of one caller within 30 days: one message, as information. Can be
 * repeated: the list has each approval once, the message is found by its key, and a marker says that it was posted.
 */
import { digestOf } from '../../core/base/index.ts'
import { setSuggestion } from '../domain/card/index.ts'
import type { BotConfig } from '../domain/config/index.ts'
import {
  approvalsKeyOf,
  equalApprovals,
  hasLasted,
  type JudgedSet,
  type PassApproval,
  passApproval,
  suggestedSet,
  withPassApproval,
} from '../domain/grants/index.ts'
import { passApprovals, setSuggested } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Renderer } from '../ports/renderer.ts'
import { channelOf } from '../workflows/card/card-placement.ts'
import type { JudgeSet } from '../workflows/denial/judge-set.ts'
import { doOnce, isDone } from '../workflows/do-once.ts'
import { readableOrNull, updateMarker } from '../workflows/optimistic-update.ts'

export type SuggestDeps = {
  readonly store: Pick<ProposalStore, 'get' | 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly judge: JudgeSet
  readonly config: BotConfig
  readonly clock: Clock
  readonly observer: Observer
}

/** `counted`: fewer than three are equal. `known`: the set was already proposed. */
export type Suggested = 'none' | 'counted' | 'known' | 'posted'

export function makeSuggest(deps: SuggestDeps): (proposalId: string) => Promise<Suggested> {
  const { store, chat, renderer, judge, config, clock, observer } = deps
  return async proposalId => {
    const proposal = await store.get(proposalId)
    const own = proposal === null ? null : passApproval(proposal, config)
    const caller = proposal === null ? null : approvalsKeyOf(proposal)
    if (proposal === null || own === null || caller === null || !hasLasted(proposal)) return 'none'
    const list = await updateMarker(passApprovals(caller), now => withPassApproval(now ?? [], own), store)
    // Checks the list first, because most callers need no further read.
    const equal = equalApprovals(own, list ?? [])
    if (suggestedSet(own, equal, config) === null) return 'counted'
    const found = suggestedSet(own, await lasting(equal, deps), config)
    if (found === null) return 'counted'

    const { pattern, services } = found.set
    const key = digestOf({ pattern, services })
    if (isDone(await store.getMarker(setSuggested(key, 'judged')))) return 'known'
    const judged = await judge({ proposal, pattern, config, nowMs: clock() })
    const state = isRead(judged) ? 'judged' : 'unread'
    const marker = setSuggested(key, state)
    let isPosted = false
    const post = async () => {
      const message = await renderer.notice(setSuggestion(proposal, found, judged))
      await chat.post(channelOf(proposal.denial, config), message, `set-suggestion/${key}/${state}`)
      isPosted = true
    }
    await doOnce(marker, post, deps)
    if (!isPosted) return 'known'
    observer.log('info', 'set_suggested', { proposalId, pattern, state })
    return 'posted'
  }
}

/** A set with roles that could not be read is proposed later, when they can be. */
const isRead = ({ members }: JudgedSet): boolean => members.known && members.value.every(({ isUnread }) => !isUnread)

/** Without the approvals that somebody has reverted. */
async function lasting(
  approvals: readonly PassApproval[],
  { store }: Pick<SuggestDeps, 'store'>,
): Promise<readonly PassApproval[]> {
  const proposals = await Promise.all(approvals.map(({ proposalId }) => readableOrNull(store.get(proposalId))))
  return approvals.filter((_, at) => {
    const proposal = proposals[at] ?? null
    return proposal !== null && hasLasted(proposal)
  })
}
