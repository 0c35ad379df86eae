/** The alert of a failed deploy in the thread of the card of its first cause, and in the channel: posted once, then kept true. */

import type { ChatMessage } from '../../domain/base/chat-message.ts'
import type { StandingCause } from '../../domain/deploy/causes.ts'
import type { DeployState } from '../../domain/deploy/deploy.ts'
import { alertOf, alertText } from '../../domain/deploy/deploy-alert.ts'
import { roundKey } from '../../domain/deploy/deploy-round.ts'
import { type Proposal, postedCardOf } from '../../domain/proposal/proposal.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Drawing } from '../../ports/drawing.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { changeDeploy, deployState, deploysWith, standingCauses } from './deploy-store.ts'

export type RefreshAlertDeps = {
  readonly store: Pick<ProposalStore, 'get' | 'occurrence' | 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'post' | 'update'>
  readonly drawing: Pick<Drawing, 'alert'>
  readonly clock: Clock
}

/** Whoever posts has done so by then, or has died; its key in the chat tells the next one which. */
const POSTING_MS = 30_000
const MAX_REDRAWS = 5

/** Of every deploy that the proposal blocks. */
export async function refreshAlertsOf(proposal: Proposal, deps: RefreshAlertDeps): Promise<void> {
  const { deploy, fingerprint } = proposal
  const all = await deploysWith(fingerprint, deps)
  const rounds = new Set([...(deploy === null ? [] : [deploy.key]), ...all.map(roundKey)])
  for (const round of rounds) await refreshAlert(round, deps)
}

/** `round`: as a proposal names it. A round that is over is left as it was last told. */
export async function refreshAlert(round: string, deps: RefreshAlertDeps): Promise<void> {
  const { store, chat, drawing } = deps
  const key = round.split('.')[0] ?? round
  let told: string | null = null
  for (let redraws = 0; redraws < MAX_REDRAWS; redraws += 1) {
    const state = await deployState(key, store)
    if (state === null || roundKey(state) !== round || state.causes.length === 0) return
    const causes = await standingCauses(state, store)
    const alert = alertOf(state, causes)
    if (alertText(alert) === told) return
    if (state.alert === null) {
      if (!(await post(state, causes, await drawing.alert(alert), deps))) return
    } else {
      await chat.update(state.alert, await drawing.alert(alert))
    }
    told = alertText(alert)
  }
}

/** False: there is no card yet to stand under, or somebody else is posting it. */
async function post(
  state: DeployState,
  causes: readonly StandingCause[],
  message: ChatMessage,
  { store, chat, clock }: RefreshAlertDeps,
): Promise<boolean> {
  const card = causes
    .map(({ proposal }) => (proposal === null ? null : postedCardOf(proposal)))
    .find(posted => posted !== null)
  if (card === undefined) return false
  const round = roundKey(state)
  const nowMs = clock()
  let mine = false
  await changeDeploy(state.key, store, now => {
    mine = now !== null && roundKey(now) === round && now.alert === null && now.postingUntilMs <= nowMs
    return mine && now !== null ? { ...now, postingUntilMs: nowMs + POSTING_MS } : null
  })
  if (!mine) return false
  const options = { threadTs: card.threadTs ?? card.ts, broadcast: card.threadTs === undefined }
  const alert = await chat.post(card.channel, message, `deploy/${round}`, options)
  await changeDeploy(state.key, store, now =>
    now === null || roundKey(now) !== round ? null : { ...now, alert, postingUntilMs: 0 },
  )
  return true
}
