/** Brings a failed deploy and the proposals of what broke it together, whichever came first, and tells people once. */

import { confidenceOf } from '../../domain/deploy/correlation.ts'
import type { DeployState } from '../../domain/deploy/deploy.ts'
import { deployNotice } from '../../domain/deploy/deploy-alert.ts'
import { isPast, joinedCauses, ROUND_MS, roundKey } from '../../domain/deploy/deploy-round.ts'
import { deployTitle } from '../../domain/deploy/tools/tools.ts'
import type { Occurrence, Proposal } from '../../domain/proposal/proposal.ts'
import { requeued } from '../../domain/proposal/transitions.ts'
import type { Notices } from '../../ports/notifier.ts'
import type { Observer } from '../../ports/observer.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { type RefreshCardDeps, refreshCard } from '../card/refresh-card.ts'
import { changeDeploy, deployState, deploysSince, deploysWith, listDeploy, standingCauses } from './deploy-store.ts'
import { type RefreshAlertDeps, refreshAlert } from './refresh-alert.ts'

export type JoinDeployDeps = RefreshAlertDeps &
  RefreshCardDeps & {
    readonly store: Pick<ProposalStore, 'get' | 'occurrence' | 'getMarker' | 'putMarker' | 'replace'>
    readonly notices: Notices
    readonly observer: Observer
  }

/** Every recent deploy that this denial broke, the newest first; the denial is then among its causes. */
export async function deploysBrokenBy(
  occurrence: Occurrence,
  { store, clock }: Pick<JoinDeployDeps, 'store' | 'clock'>,
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
      : confidenceOf(occurrence.denial, state.deploy, state.traces)
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

const NAMED_DEPLOYS = 3

/** What a proposal says of the deploys that it blocks: the surest first. Null: none. */
export function deployOf(broken: readonly DeployState[], fingerprint: string): Proposal['deploy'] {
  const sure = ({ causes }: DeployState) =>
    causes.some(cause => cause.fingerprint === fingerprint && cause.confidence === 'caused by')
  const sorted = [...broken.filter(sure), ...broken.filter(state => !sure(state))]
  const [first] = sorted
  if (first === undefined) return null
  const rest = sorted.length - NAMED_DEPLOYS
  const regions = new Set(sorted.map(({ deploy }) => deploy.region))
  const titles = sorted
    .slice(0, NAMED_DEPLOYS)
    .map(state => deployTitle(state, fingerprint) + (regions.size > 1 ? ` in ${state.deploy.region}` : ''))
  return { key: roundKey(first), title: [...titles, ...(rest > 0 ? [`${rest} more`] : [])].join(', and ') }
}

/**
 * The cards name the deploy, the alert stands under the first, and SNS is told as soon as every cause was looked into. Safe
 * to repeat. Slack may fail: `sweep` brings the alert later. SNS may not: then the caller comes again.
 */
export async function tellDeploy(key: string, deps: JoinDeployDeps): Promise<void> {
  const state = await deployState(key, deps.store)
  if (state === null || state.causes.length === 0) return
  const noticed = await noticeOnce(state, deps)
  const named: string[] = []
  for (const { fingerprint, proposal } of await standingCauses(state, deps.store)) {
    if (proposal === null) continue
    const deploy = deployOf(await deploysWith(fingerprint, deps), fingerprint)
    if (await nameOn(proposal, deploy, deps)) named.push(proposal.id)
  }
  try {
    for (const id of named) await refreshCard(id, deps)
    await refreshAlert(roundKey(state), deps)
  } catch (error) {
    deps.observer.count('AlertsDelayed')
    deps.observer.log('error', 'the alert of a deploy could not be shown yet', { deploy: key, error: String(error) })
    await lookSoon(state, deps)
  }
  if (!noticed.ok) throw noticed.error
}

/** `sweep` draws a card again when it is due, and its alert with it. */
async function lookSoon(state: DeployState, { store, clock }: JoinDeployDeps): Promise<void> {
  for (const { proposal } of await standingCauses(state, store))
    if (proposal?.status === 'open' || proposal?.status === 'closed')
      await store.replace(proposal, requeued(proposal, clock()))
}

/** At least once: a crash between the two lines tells people twice, which is better than never. */
async function noticeOnce(
  state: DeployState,
  { store, notices, clock, observer }: JoinDeployDeps,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly error: unknown }> {
  if (state.noticedAtMs !== null) return { ok: true }
  const causes = await standingCauses(state, store)
  if (causes.some(({ proposal }) => proposal === null)) return { ok: true }
  if (!(await claimNotice(state, { store, clock }))) return { ok: true }
  try {
    await notices.publish(deployNotice(state, causes))
    observer.count('DeploysExplained')
    await changeDeploy(state.key, store, now =>
      now === null || roundKey(now) !== roundKey(state) ? null : { ...now, noticedAtMs: clock() },
    )
    return { ok: true }
  } catch (error) {
    await changeDeploy(state.key, store, now => (now === null ? null : { ...now, noticingUntilMs: 0 }))
    observer.count('NoticesFailed')
    observer.log('error', 'the notice of a deploy could not be published', { deploy: state.key, error: String(error) })
    return { ok: false, error }
  }
}

/** Of two that would tell at the same time one does; should it die, the next event of the deploy finds the time passed. */
const NOTICING_MS = 30_000

async function claimNotice(state: DeployState, { store, clock }: Pick<JoinDeployDeps, 'store' | 'clock'>) {
  const nowMs = clock()
  let mine = false
  await changeDeploy(state.key, store, now => {
    mine = now !== null && roundKey(now) === roundKey(state) && now.noticedAtMs === null && now.noticingUntilMs <= nowMs
    return mine && now !== null ? { ...now, noticingUntilMs: nowMs + NOTICING_MS } : null
  })
  return mine
}

const MAX_ATTEMPTS = 5

/** The worker that writes or reverts a change at this moment must not lose the proposal to this; the alert says it anyway. */
const isLocked = ({ status }: Proposal): boolean => status === 'applying' || status === 'reverting'

/** False: its card says so already. */
async function nameOn(proposal: Proposal, deploy: Proposal['deploy'], { store }: JoinDeployDeps): Promise<boolean> {
  let current = proposal
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    if (current.deploy?.key === deploy?.key && current.deploy?.title === deploy?.title) return false
    if (isLocked(current)) return false
    const written = await store.replace(current, { ...current, deploy })
    if (written.ok) return true
    current = written.error
  }
  return false
}
