/**
 * Finds the denial that caused a deploy to fail. Reads the texts of the deploy, ingests the denials in them, and queues the
 * announcement once both the failure and its cause are known. Does nothing for a deploy that no denial explains. Idempotent.
 */

import { HOUR_MS, MINUTE_MS, neutralText } from '../../core/base/index.ts'
import { requestKeyOf } from '../../core/denial/index.ts'
import type { Config } from '../domain/config/index.ts'
import {
  confidenceOf,
  type DeployCause,
  type DeployState,
  deployKey,
  deployName,
  type FailedDeploy,
  type FailureReason,
  hasAlert,
  hearsayOf,
  isNewAttempt,
  isOtherFailure,
  isPast,
  joinedCauses,
  MAX_PERMISSIONS,
  ownPermissions,
  parseDeployEvent,
  pastCausesOf,
  ROUND_MS,
  roundKey,
  wasOver,
  withFailure,
} from '../domain/deploy/index.ts'
import type { Occurrence } from '../domain/proposal/index.ts'
import type { AwsExplanations } from '../ports/aws-explanations.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { decodePermissions } from '../workflows/deploy/decode-permissions.ts'
import {
  causesWithProposals,
  changeDeploy,
  deployState,
  isHeard,
  listDeploy,
} from '../workflows/deploy/deploy-store.ts'
import { type AdvisedPermissionsDeps, advisedPermissions } from './advised-permissions.ts'
import { type DeployRunDeps, foundRun } from './deploy-run.ts'
import { type HarvestDeps, harvest, harvestFaults } from './harvest.ts'
import { type Investigation, type InvestigationDeps, investigateDeploy } from './investigate-deploy.ts'
import { type JudgeFaultsDeps, judgeReported } from './judge-faults.ts'
import { readDeployTemplate } from './read-template.ts'
import { type RecordedPermissionsDeps, recordedPermissions } from './recorded-permissions.ts'

export type AlertDeps = InvestigationDeps &
  JudgeFaultsDeps &
  RecordedPermissionsDeps &
  DeployRunDeps &
  AdvisedPermissionsDeps &
  HarvestDeps & {
    /** Reads proposals and writes none: `propose` adds the deploy to their cards. */
    readonly store: Pick<ProposalStore, 'get' | 'occurrence' | 'occurrencesBetween' | 'getMarker' | 'putMarker'>
    readonly config: Pick<Config, 'deployWindowMinutes' | 'settleSeconds'>
    /** Decodes encoded messages as the reader of the account. Absent: they are left as they are. */
    readonly explanations?: Pick<AwsExplanations, 'decode'>
  }

export type Alerted =
  | { readonly kind: 'not-ours'; readonly why: string }
  /** No denial explains the failure, or none is known yet. `propose` correlates a later one. */
  | { readonly kind: 'silent'; readonly key: string }
  /** Its reason could not be read, which its alert says. */
  | { readonly kind: 'unread'; readonly key: string }
  /** By denials, or by a role that a service could not use: then there may be no card, and no cause. */
  | { readonly kind: 'explained'; readonly key: string; readonly causes: readonly DeployCause[] }

export function makeAlert(deps: AlertDeps): (event: unknown) => Promise<Alerted> {
  return async event => {
    const { observer, store } = deps
    const parsed = parseDeployEvent(event)
    const why = parsed.kind === 'not-ours' ? parsed.why : await whyUnheard(parsed.deploy, deps)
    if (parsed.kind === 'not-ours' || why !== null) {
      observer.count('NotOurs')
      observer.log('info', 'deploy_event_not_ours', { why })
      return { kind: 'not-ours', why: why ?? '' }
    }
    const read = await investigateDeploy(parsed.deploy, deps)
    const { deploy, correlation } = read
    if (read.hasFailed === false) return { kind: 'silent', key: deployKey(deploy) }
    if (await isToldByParts(read, deps)) return { kind: 'silent', key: deployKey(deploy) }
    const key = deployKey(deploy)
    const before = await deployState(key, store)
    // Stored before the denials are ingested, so that their card shows everything that the deploy lacks.
    const { faults, denials } = await judgeReported(read, deps.clock(), deps)
    const { permissions: all, withheld } = ownPermissions(read.reasons, deploy, read.actors.own)
    const reported = all.slice(0, MAX_PERMISSIONS)
    const keys = [...read.reported.map(one => one.denial), ...denials].map(requestKeyOf)
    const lacked = { permissions: reported, faults, requests: keys }
    const begins = before === null ? false : await newRound(before, deploy, lacked, deps)
    const isHarvested = read.reported.length > 0 || denials.length > 0
    const early = isHarvested ? await readDeployTemplate(read, deps) : null
    if (early !== null) {
      const begun = { deploy: withoutLongReasons(deploy), correlation, causes: [], template: early }
      const stored = await changeDeploy(key, store, now => withFailure(now, begun, begins))
      if (stored !== null) await listDeploy(stored, store)
    }
    // Read last: CloudTrail may have delivered one of its denials meanwhile.
    const seen = await occurrencesNear(deploy, deps)
    const known = begins === true ? [] : (before?.causes ?? [])
    const { causes: harvested, left } = await harvest(read, seen, known, deps)
    const past = before !== null && begins === true ? pastCausesOf(before) : before?.past
    const likely = seen.flatMap(occurrence => {
      const { fingerprint, denial } = occurrence
      const confidence = isPast(occurrence, past) ? null : confidenceOf(denial, deploy, correlation)
      return confidence === null ? [] : [{ fingerprint, confidence }]
    })
    const causes = joinedCauses([...harvested, ...(await harvestFaults(denials, deps))], likely)
    observer.count('DeploysFailed')
    const otherReason = correlation.explained && read.reported.length === 0
    if (withheld > 0) observer.count('PermissionsWithheld', withheld)
    const recorded = await recordedPermissions(reported, read, deps)
    const judge = { deploy, own: read.actors.own }
    const named =
      deps.explanations === undefined
        ? recorded
        : await decodePermissions(recorded, read.reasons, deploy.accountId, judge, deps.explanations)
    const permissions = await advisedPermissions(named, deploy, deps)
    const isSilent = causes.length === 0 && faults.length === 0 && permissions.length === 0
    const unread = isSilent && read.reported.length === 0 && withheld === 0 ? unreadIn(read, before) : null
    if (isSilent && otherReason && before === null && withheld === 0 && read.unread == null)
      return { kind: 'silent', key }

    // The template is read only if a denial is among the causes.
    const template = early ?? (causes.length === 0 ? null : await readDeployTemplate(read, deps))
    const hasCause = causes.length + faults.length > 0 || permissions.some(({ during }) => during === undefined)
    const other = otherReason && !hasCause ? otherReasonIn(read.reasons) : null
    const failure = {
      deploy: withoutLongReasons(deploy),
      correlation,
      causes,
      ...(left === 0 ? {} : { leftOut: left }),
      ...(template === null ? {} : { template }),
      ...(faults.length === 0 && before?.faults === undefined ? {} : { faults }),
      ...(permissions.length === 0 && before?.permissions === undefined ? {} : { permissions }),
      ...(other === null ? {} : { otherReason: other }),
      ...(withheld === 0 ? {} : { withheld }),
      ...(unread === null ? {} : { unread }),
    }
    const after = await changeDeploy(key, store, now => withFailure(now, failure, begins))
    if (after !== null) await listDeploy(after, store)
    observer.log('info', 'deploy_failed', { kind: deploy.kind, deploy: key, causes: after?.causes.length ?? 0 })
    if (after === null || !hasAlert(after)) return { kind: 'silent', key }
    if (template?.kind === 'read') await queueReanalysis(after, seen, deps)
    await deps.queue.send({ kind: 'announce', deploy: key })
    // The alert does not wait for it, and is shown again with it.
    if (await foundRun(after, read, deps)) await deps.queue.send({ kind: 'announce', deploy: key })
    return isExplained(after) ? { kind: 'explained', key, causes: after.causes } : { kind: 'unread', key }
  }
}

/**
 * A pipeline that failed by nothing but stacks, each of which has an alert that explains it: that alert names the pipeline. The events of
 * a stack come before its pipeline fails; where they come later, both have an alert.
 */
async function isToldByParts({ deploy, ran = [] }: Investigation, { store, queue }: AlertDeps): Promise<boolean> {
  const { accountId, region, failedAtMs } = deploy
  const keys = ran.map(({ kind, target }) => deployKey({ accountId, region, kind, target }))
  const states = await Promise.all(keys.map(key => deployState(key, store)))
  const isTold = states.every((state, index) => {
    const atMs = state?.deploy.failedAtMs ?? 0
    return state !== null && isExplained(state) && atMs >= (ran[index]?.fromMs ?? 0) && atMs <= failedAtMs + SKEW_MS
  })
  if (ran.length === 0 || !isTold) return false
  for (const key of new Set(keys)) {
    await changeDeploy(key, store, now =>
      now === null ? null : { ...now, broke: [...new Set([...(now.broke ?? []), deployName(deploy)])] },
    )
    await queue.send({ kind: 'announce', deploy: key })
  }
  return true
}

const MAX_REASON_CHARS = 300

/** In the words of the tool. */
function otherReasonIn(reasons: readonly FailureReason[]): string | null {
  const first = reasons.find(
    ({ text, during }) => during === undefined && text.trim() !== '' && !/cancell?ed/i.test(text),
  )
  return first === undefined ? null : neutralText(first.text, MAX_REASON_CHARS)
}

const isExplained = ({ causes, faults = [], permissions = [] }: DeployState): boolean =>
  causes.length + faults.length + permissions.length > 0

/** Null: its reason was read, or an earlier event of the attempt gave it. */
function unreadIn({ deploy, unread = null, correlation }: Investigation, before: DeployState | null): string | null {
  if (unread === null || (correlation.explained && deploy.reasons.length > 0)) return null
  const isKnown =
    before !== null &&
    !isNewAttempt(before, deploy) &&
    (isExplained(before) || before.otherReason !== undefined || before.correlation.requests.length > 0)
  return isKnown ? null : neutralText(unread, MAX_REASON_CHARS)
}

/** EventBridge delivers for 24 hours, and the sender of a custom event sets its time. */
const LATEST_MS = 24 * HOUR_MS
const SKEW_MS = 5 * MINUTE_MS

/** What others than AWS report is bounded. Null: it is heard. */
async function whyUnheard(deploy: FailedDeploy, deps: AlertDeps): Promise<string | null> {
  if (hearsayOf(deploy) === null) return null
  const ageMs = deps.clock() - deploy.failedAtMs
  if (ageMs < -SKEW_MS || ageMs > LATEST_MS) return 'the time of a reported deploy is not of the last day'
  const isRoom = await isHeard(deployKey(deploy), deploy, deps)
  return isRoom ? null : 'others than AWS report too many deploys of this account and Region'
}

/** Cards from before the failure lack the findings of the template. */
async function queueReanalysis(state: DeployState, seen: readonly Occurrence[], { queue }: AlertDeps): Promise<void> {
  for (const { fingerprint } of state.causes) {
    const hasCard = seen.some(occurrence => occurrence.fingerprint === fingerprint && occurrence.proposalId !== null)
    const deduplicationId = `propose/${fingerprint}/template/${roundKey(state)}/${state.attempts.length}`
    if (hasCard) await queue.send({ kind: 'propose', fingerprint }, { deduplicationId })
  }
}

/** CloudTrail delivers minutes late, so the occurrence may be newer than the failure. */
async function occurrencesNear(deploy: FailedDeploy, deps: AlertDeps): Promise<readonly Occurrence[]> {
  const { accountId, region, failedAtMs } = deploy
  const fromMs = failedAtMs - deps.config.deployWindowMinutes * MINUTE_MS
  return deps.store.occurrencesBetween(accountId, region, fromMs, deps.clock())
}

async function newRound(
  before: DeployState,
  deploy: FailedDeploy,
  lacked: Parameters<typeof isOtherFailure>[1],
  { store }: AlertDeps,
): Promise<boolean | 'other'> {
  if (!isNewAttempt(before, deploy)) return false
  if (deploy.failedAtMs - before.deploy.failedAtMs > ROUND_MS) return true
  const isOver = before.causes.length > 0 && wasOver(await causesWithProposals(before, store), deploy.failedAtMs)
  if (isOver) return true
  // Who reports its own failures could name another permission in each, and have an alert for it.
  if (hearsayOf(deploy) !== null) return false
  // An event of an earlier attempt that comes late is no news.
  return deploy.failedAtMs >= before.deploy.failedAtMs && isOtherFailure(before, lacked) ? 'other' : false
}

const STORED_REASONS = 3
const STORED_CHARS = 600

/** Keeps the stored deploy small. Its reasons have already been read. */
function withoutLongReasons(deploy: FailedDeploy): FailedDeploy {
  const reasons = deploy.reasons.slice(0, STORED_REASONS)
  return { ...deploy, reasons: reasons.map(reason => ({ ...reason, text: reason.text.slice(0, STORED_CHARS) })) }
}
