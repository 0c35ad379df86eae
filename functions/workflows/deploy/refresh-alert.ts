/** The alert of a failed deploy, in the thread of its first cause's card and in the channel. Posted once, then updated. */

import {
  alertOf,
  alertText,
  type CauseWithProposal,
  type DeployStanding,
  type DeployState,
  hasAlert,
  hasCertainCause,
  roundKey,
  shownCauses,
  standingOf,
} from '../../domain/deploy/index.ts'
import { type ChatMessage, isInThread } from '../../domain/messages/index.ts'
import { type Proposal, postedCardOf } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { Renderer } from '../../ports/renderer.ts'
import { causesWithProposals, changeDeploy, deployState, deploysOfCard, heldBy } from './deploy-store.ts'

export type RefreshAlertDeps = {
  readonly store: Pick<ProposalStore, 'get' | 'occurrence' | 'getMarker' | 'putMarker'>
  readonly chat: Pick<Chat, 'reply' | 'update'>
  readonly renderer: Pick<Renderer, 'alert'>
  readonly clock: Clock
}

/** Longer than a post takes. After a crash, the message's key in the chat shows whether it was posted. */
const POST_LEASE_MS = 30_000
const MAX_RENDERS = 5

/** Refreshes the alerts of every deploy that the proposal blocks. */
export async function refreshAlertsOf(proposal: Proposal, deps: RefreshAlertDeps): Promise<void> {
  const { deploy } = proposal
  const all = await deploysOfCard(proposal, deps)
  const rounds = new Set([...(deploy === null ? [] : [deploy.key]), ...all.map(roundKey)])
  for (const round of rounds) await refreshAlert(round, deps)
}

/** Other proposals whose cards name several deploys, one of which this proposal blocks too. */
export async function cardsSharing(
  proposal: Proposal,
  deps: Pick<RefreshAlertDeps, 'store' | 'clock'>,
): Promise<readonly Proposal[]> {
  if (proposal.deploy === null) return []
  const sharing = new Map<string, Proposal>()
  for (const state of await deploysOfCard(proposal, deps)) {
    if (state.causes.length < 2) continue
    for (const { proposal: other } of await causesWithProposals(state, deps.store))
      if (other !== null && other.id !== proposal.id && (other.deploy?.failed ?? []).length > 1)
        sharing.set(other.id, other)
  }
  return [...sharing.values()]
}

/** What each deploy that waits for the card lacks, surest first. Empty: it is one deploy at most, which the card itself is about. */
export async function standingDeploys(
  proposal: Proposal,
  deps: Pick<RefreshAlertDeps, 'store' | 'clock'>,
): Promise<readonly DeployStanding[]> {
  if ((proposal.deploy?.failed ?? []).length < 2) return []
  const held = heldBy(proposal)
  const standing: DeployStanding[] = []
  for (const state of await deploysOfCard(proposal, deps)) {
    const causes = await causesWithProposals(state, deps.store)
    const isOfCard = (cause: CauseWithProposal) =>
      cause.proposal?.id === proposal.id || held.includes(cause.fingerprint)
    if (!causes.some(cause => isOfCard(cause) && cause.confidence === 'caused by')) continue
    // The state that is shown, which may not be stored yet.
    standing.push(
      standingOf(
        state,
        causes.map(cause => (cause.proposal?.id === proposal.id ? { ...cause, proposal } : cause)),
      ),
    )
  }
  return standing
}

/** Where the alert of a deploy is posted that no card explains. */
export type AlertPlace = { readonly channel: string; readonly chat: Pick<Chat, 'post'> }

/** `round`: the deploy and its attempt, as a proposal names it. The alert of an earlier attempt stays unchanged. */
export async function refreshAlert(
  round: string,
  deps: RefreshAlertDeps,
  own: AlertPlace | null = null,
): Promise<void> {
  const { store, chat, renderer } = deps
  const key = round.split('.')[0] ?? round
  let shown: string | null = null
  for (let renders = 0; renders < MAX_RENDERS; renders += 1) {
    const state = await deployState(key, store)
    if (state === null || roundKey(state) !== round || !hasAlert(state)) return
    const causes = await causesWithProposals(state, store)
    const alert = alertOf(state, causes)
    if (alertText(alert) === shown) return
    if (state.alert === null) {
      if (!(await post(state, causes, await renderer.alert(alert), deps, own))) return
    } else {
      await chat.update(state.alert, await renderer.alert(alert))
    }
    shown = alertText(alert)
  }
}

/** `own`: its place without a cause. False: there is no card yet to post it under, or another worker is posting it. */
async function post(
  state: DeployState,
  causes: readonly CauseWithProposal[],
  message: ChatMessage,
  { store, chat, clock }: RefreshAlertDeps,
  own: AlertPlace | null,
): Promise<boolean> {
  // A probable cause is a line in the thread of its card, and no more.
  const shown = shownCauses(state, causes)
  const isSure = hasCertainCause(state)
  const card = shown
    .map(({ proposal }) => (proposal === null ? null : postedCardOf(proposal)))
    .find(posted => posted !== null)
  const options = { key: `deploy/${roundKey(state)}` }
  const place = shown.length === 0 ? own : null
  const send =
    card !== undefined
      ? () => chat.reply(card, message, { ...options, broadcast: isSure && !isInThread(card) })
      : place === null
        ? null
        : () => place.chat.post(place.channel, message, options.key)
  if (send === null) return false
  const round = roundKey(state)
  const nowMs = clock()
  let leased = false
  await changeDeploy(state.key, store, now => {
    leased = now !== null && roundKey(now) === round && now.alert === null && now.postingUntilMs <= nowMs
    return leased && now !== null ? { ...now, postingUntilMs: nowMs + POST_LEASE_MS } : null
  })
  if (!leased) return false
  const alert = await send()
  await changeDeploy(state.key, store, now =>
    now === null || roundKey(now) !== round ? null : { ...now, alert, postingUntilMs: 0 },
  )
  return true
}
