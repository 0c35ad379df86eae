/** Correlates a failed deploy with the proposals of its causes, whichever comes first, and announces it once. */

import { fail, ok } from '../../../core/base/index.ts'
import type { BotConfig } from '../../domain/config/index.ts'
import {
  blockedDeploys,
  confidenceOf,
  type DeployState,
  deployNotice,
  hasAlert,
  isPast,
  joinedCauses,
  ROUND_MS,
  roundKey,
  shownCauses,
} from '../../domain/deploy/index.ts'
import { isObserved, type Occurrence, type Proposal, requeued } from '../../domain/proposal/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Notifier } from '../../ports/notifier.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { modeOfDenial, withoutFaults } from '../approval/account-mode.ts'
import { channelOf } from '../card/card-placement.ts'
import { type RefreshCardDeps, refreshCard } from '../card/refresh-card.ts'
import { updateProposal } from '../optimistic-update.ts'
import {
  causesWithProposals,
  changeDeploy,
  deployState,
  deploysOfCard,
  deploysSince,
  deploysWith,
  heldBy,
  listDeploy,
} from './deploy-store.ts'
import { type RefreshAlertDeps, refreshAlert } from './refresh-alert.ts'

export type CorrelateDeps = RefreshAlertDeps &
  RefreshCardDeps & {
    readonly store: Pick<ProposalStore, 'get' | 'occurrence' | 'getMarker' | 'putMarker' | 'replace'>
    readonly notifier: Notifier
    readonly observer: Observer
    readonly chat: Pick<Chat, 'post'>
    readonly config: BotConfig
    readonly units: AccountUnits
  }

type BrokenByDeps = Pick<CorrelateDeps, 'store' | 'clock'>

/** Every recent deploy that this denial broke, newest first. Adds the denial to their causes. */
export async function deploysBrokenBy(
  occurrence: Occurrence,
  { store, clock }: BrokenByDeps,
): Promise<readonly DeployState[]> {
  const { accountId, region } = occurrence.denial
  const here =
    accountId === null || region === null ? [] : await deploysSince({ accountId, region }, clock() - ROUND_MS, store)
  const elsewhere = (await deploysWith(occurrence.fingerprint, { store, clock })).filter(
    ({ key }) => !here.some(state => state.key === key),
  )
  const broken: DeployState[] = []
  for (const state of [...here, ...elsewhere]) {
    const confidence = isPast(occurrence, state.past)
      ? null
      : confidenceOf(occurrence.denial, state.deploy, state.correlation)
    const among = state.causes.some(({ fingerprint }) => fingerprint === occurrence.fingerprint)
    if (confidence === null && !among) continue
    const cause = confidence === null ? [] : [{ fingerprint: occurrence.fingerprint, confidence }]
    const joined = await changeDeploy(state.key, store, now =>
      now === null ? null : { ...now, causes: joinedCauses(now.causes, cause) },
    )
    if (joined === null) continue
    await listDeploy(joined, store)
    broken.push(joined)
  }
  return broken
}

/**
 * Names the deploy on the cards, posts the alert under the first card, and publishes the SNS notice once every cause is
 * analyzed. Idempotent. If Slack fails, `sweep` posts the alert later; if SNS fails, the caller must retry.
 */
export async function announceDeploy(key: string, deps: CorrelateDeps): Promise<void> {
  const state = await deployState(key, deps.store)
  if (state === null) return
  if (shownCauses(state, state.causes).length === 0) return announceAlone(state, deps)
  const noticed = await publishNoticeOnce(state, deps)
  const named: string[] = []
  for (const { fingerprint, proposal, confidence } of await causesWithProposals(state, deps.store)) {
    if (proposal === null || confidence !== 'caused by') continue
    const held = [...new Set([...heldBy(proposal), fingerprint])]
    const deploy = blockedDeploys(await deploysOfCard(proposal, deps, fingerprint), held)
    // A card of several deploys says what each of them lacks.
    if ((await nameOn(proposal, deploy, deps)) || (deploy?.failed ?? []).length > 1) named.push(proposal.id)
  }
  try {
    for (const id of named) await refreshCard(id, deps)
    await refreshAlert(roundKey(state), deps)
  } catch (error) {
    deps.observer.count('AlertsDelayed')
    deps.observer.log('error', 'deploy_alert_delayed', { deploy: key, error: String(error) })
    await requeueCards(state, deps)
  }
  if (!noticed.ok) throw noticed.error
}

/**
 * Without a card: nothing is to be approved, because another attempt is enough, or the code or an owner decides. In an observed
 * account nobody is told.
 */
async function announceAlone(state: DeployState, deps: CorrelateDeps): Promise<void> {
  if (!hasAlert(state)) return
  const { accountId } = state.deploy
  const { config, units, chat } = deps
  const { mode } = await modeOfDenial({ accountId }, { config, units: withoutFaults(units) })
  if (mode === 'observe') return
  // What nobody could read is no cause: a notice follows once there is one.
  const isExplained = (state.faults ?? []).length + (state.permissions ?? []).length > 0
  const noticed = isExplained ? await publishNoticeOnce(state, deps) : { ok: true as const }
  await refreshAlert(roundKey(state), deps, { channel: channelOf({ accountId }, config), chat })
  if (!noticed.ok) throw noticed.error
}

/** `sweep` refreshes a card when it is due, and its alert with it. */
async function requeueCards(state: DeployState, { store, clock }: CorrelateDeps): Promise<void> {
  for (const { proposal } of await causesWithProposals(state, store))
    if (proposal?.status === 'open' || proposal?.status === 'closed')
      await store.replace(proposal, requeued(proposal, clock()))
}

/** At least once: a crash between publishing and recording publishes twice. */
async function publishNoticeOnce(
  state: DeployState,
  { store, notifier, clock, observer }: CorrelateDeps,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly error: unknown }> {
  if (state.noticedAtMs !== null) return { ok: true }
  const causes = shownCauses(state, await causesWithProposals(state, store))
  if (causes.some(({ proposal }) => proposal === null)) return { ok: true }
  // In observed accounts nobody is asked. The digest counts the denials.
  if (causes.length > 0 && causes.every(({ proposal }) => proposal !== null && isObserved(proposal)))
    return { ok: true }
  if (!(await leaseNotice(state, { store, clock }))) return { ok: true }
  try {
    await notifier.publish(deployNotice(state, causes))
    observer.count('DeploysExplained')
    await changeDeploy(state.key, store, now =>
      now === null || roundKey(now) !== roundKey(state) ? null : { ...now, noticedAtMs: clock() },
    )
    return { ok: true }
  } catch (error) {
    await changeDeploy(state.key, store, now => (now === null ? null : { ...now, noticingUntilMs: 0 }))
    observer.count('NoticesFailed')
    observer.log('error', 'deploy_notice_not_published', { deploy: state.key, error: String(error) })
    return { ok: false, error }
  }
}

/** One worker publishes at a time. If it crashes, the next event of the deploy finds the lease expired. */
const NOTICE_LEASE_MS = 30_000

async function leaseNotice(state: DeployState, { store, clock }: Pick<CorrelateDeps, 'store' | 'clock'>) {
  const nowMs = clock()
  let leased = false
  await changeDeploy(state.key, store, now => {
    leased =
      now !== null && roundKey(now) === roundKey(state) && now.noticedAtMs === null && now.noticingUntilMs <= nowMs
    return leased && now !== null ? { ...now, noticingUntilMs: nowMs + NOTICE_LEASE_MS } : null
  })
  return leased
}

/** The worker that applies or reverts the change must not lose its conditional write to this one. The alert names the deploy anyway. */
const isBeingWritten = ({ status }: Proposal): boolean => status === 'applying' || status === 'reverting'

/** False: the card already names it. */
async function nameOn(proposal: Proposal, deploy: Proposal['deploy'], { store }: CorrelateDeps): Promise<boolean> {
  const named = await updateProposal(
    proposal,
    current => {
      const isNamed = current.deploy?.key === deploy?.key && current.deploy?.title === deploy?.title
      return isNamed || isBeingWritten(current) ? fail('as-it-is') : ok({ ...current, deploy })
    },
    store,
  )
  return named.ok
}
