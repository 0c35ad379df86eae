/** Why a deploy failed: denied roles, and services that could not use theirs. The same judgement as the bot's alert. */

import { actionOfCall, createServiceLinkedRole } from '../../../core/actions/index.ts'
import {
  type Denial,
  type DenyingLayer,
  findHints,
  hintsBeside,
  MAX_OTHER_DENIALS,
  type RefusedCall,
  requestKeyOf,
  unclearRefusalIn,
} from '../../../core/denial/index.ts'
import { type Cause, type Diagnosis, isGeneratedName, type RoleLife } from '../../../core/diagnosis/index.ts'
import { entityName, parseArn } from '../../../core/iam/index.ts'
import type { PolicyChange, Verification } from '../../../core/patch/index.ts'
import type { Timeline } from '../../../core/timeline/index.ts'
import {
  decidedBy,
  type FailureReason,
  type FaultAnswer,
  type FaultStep,
  type MissingPermission,
  mayHaveAdvice,
  permissionAnswer,
  permissionSteps,
  roleAsWritten,
  serviceReports,
  statementAdvice,
} from '../../../functions/domain/deploy/index.ts'
import {
  type Analysis,
  analyze,
  analyzeTogether,
  isEncoded,
  judgeTrustFaults,
  withMade,
} from '../../../functions/workflows/index.ts'
import { type IamReader, openReader } from '../iam-reader.ts'
import { readConfig } from '../read-config.ts'
import { askedHistory, earlierOf, type HistoryTimes, MAX_DENIALS_ASKED, readingTime } from '../trail/asked-history.ts'
import { readTrail } from '../trail/read-trail.ts'
import { ageNotes, filesGiven } from '../trail/snapshot-age.ts'
import type { UseCaseWorld } from '../world.ts'
import { type OpenTools, openTools, readRun } from './failed-run.ts'
import type { ExplainDeployQuestion } from './question.ts'
import type { RunReport } from './run-report.ts'
import { type LackedStatement, type StatementDraft, statementDrafts } from './statement-drafts.ts'
import { type DeployHint, whatToGive } from './what-to-give.ts'

export type DeployCauseFound = {
  readonly kind: 'role-action' | 'role-not-assumable' | 'service-linked-role' | 'other-action'
  readonly certainty: 'certain' | 'probable'
  readonly during: 'operation' | 'rollback' | 'delete'
  readonly cause: Cause | null
  readonly action: string | null
  /** The refused call of a permission that no text names. Absent: it is named, or ours. */
  readonly call?: RefusedCall | null
  /** The action that no text names may be one of ours. */
  readonly isOpen?: true
  readonly principal: string | null
  readonly resource: string | null
  readonly layer: DenyingLayer
  readonly where: { readonly logicalId: string | null; readonly line: number | null }
  readonly answer: FaultAnswer
  readonly summary: string
  readonly next: readonly FaultStep[]
  /** Null: no trail was given. */
  readonly timeline?: Timeline | null
}

export type ExplainDeployAnswer = {
  readonly notes: readonly string[]
  readonly run: RunReport
  readonly causes: readonly DeployCauseFound[]
  readonly changes: readonly PolicyChange[]
  readonly verification: Verification | null
  readonly otherReason: string | null
  readonly hints: readonly DeployHint[]
  /** Of other actions, for the code. Empty without code. */
  readonly drafts: readonly StatementDraft[]
}

type Found = {
  readonly cause: DeployCauseFound
  readonly atMs: number
  readonly denial: Denial | null
  /** Of another action. */
  readonly lacked?: LackedStatement
}

/** Null: nothing failed. Throws UsageError for an input that cannot be read. */
export async function explainFailedDeploy(
  question: ExplainDeployQuestion,
  world: UseCaseWorld,
  open: typeof openReader = openReader,
  openRun: OpenTools = openTools,
): Promise<ExplainDeployAnswer | null> {
  const nowMs = question.atMs ?? world.nowMs()
  const config = await readConfig(question.config, world)
  const iam = await open(question.access, question.region, world)
  const [only, other] = iam.given ?? []
  const run = await readRun(question, nowMs, other === undefined ? (only?.accountId ?? null) : null, world, {
    open: openRun,
    explanations: iam.explanations,
  })
  if (run === null) return null
  const options = { reader: iam.reader, config, nowMs, asked: true }
  // A role that the deploy makes under a fixed name is judged as the source writes it, also where a rollback has deleted it.
  const made = run.source === null ? null : { partition: run.partition, roles: run.source.made, onlyAbsent: true }
  const withOwn = made === null ? options : { ...options, reader: withMade(iam.reader, { ...made, profiles: [] }) }
  const { trail: paths = [] } = question
  // What stands now is read now, whatever the time of the question.
  const readAtMs = iam.history === undefined ? (question.atMs ?? iam.writtenAtMs ?? null) : world.nowMs()
  const around =
    paths.length === 0
      ? null
      : await readTrail(
          paths,
          run.denials.map(({ denial }) => denial),
          world,
        )
  const trail =
    around === null
      ? {}
      : {
          trail: {
            ...{ trail: around.trail, readAtMs, archive: iam.archive ?? null },
            ...filesGiven(iam.history !== undefined, question.atMs),
          },
        }
  const denied = await deniedRoles(
    run,
    iam,
    { nowMs: world.nowMs(), earlier: earlierOf(iam, question.atMs) },
    { ...withOwn, ...trail },
    around?.recorded ?? new Set(),
  )
  const place = {
    ...{ stack: run.isStack ? run.name : null, accountId: run.accountId, region: run.region },
    ...{ partition: run.partition, principal: run.by },
  }
  const reports = serviceReports(run.reasons)
  const { faults } = await judgeTrustFaults({ reports, source: run.source, ...place }, options)
  const found: Found[] = [
    ...denied,
    ...faults.map(({ fault, report, cause, denial }) => ({
      atMs: report.reason.atMs,
      denial,
      cause: {
        ...{ kind: fault.kind, certainty: fault.certainty, during: duringOf(report.reason, run) },
        cause: cause as Cause | null,
        action: fault.kind === 'service-linked-role' ? 'iam:CreateServiceLinkedRole' : 'sts:AssumeRole',
        ...{ principal: fault.service, resource: fault.role ?? roleAsWritten(report) },
        layer: fault.answer === 'retry' ? ('unknown' as const) : layerOf(cause, null),
        where: { logicalId: report.resource, line: run.hasLines ? report.line : null },
        ...{ answer: fault.answer, summary: fault.summary, next: fault.next },
      },
    })),
  ]
  const others = await otherActions(run)
  const all = [...withoutTwice(found), ...others]
  // One certain cause silences every probable one. What the rollback was denied did not break the deploy.
  const isCausedBy = ({ cause }: Found) => cause.during !== 'rollback'
  const isSure = all.some(one => isCausedBy(one) && one.cause.certainty === 'certain')
  const shown = all
    .filter(({ cause }) => !isSure || cause.certainty === 'certain')
    .toSorted((a, b) => a.atMs - b.atMs || (a.cause.where.line ?? 0) - (b.cause.where.line ?? 0))
  const patched = shown.flatMap(({ denial }) => denial ?? [])
  const change = patched.length === 0 ? null : await analyzeTogether(patched, withOwn)
  const verified = change?.verified ?? null
  const drafts = await statementDrafts(
    shown.flatMap(({ lacked }) => lacked ?? []),
    question,
    world,
  )
  world.progress(null)
  const hints = hintsBeside(
    findHints(run.reasons.map(({ text }) => text).join('\n')),
    shown.flatMap(({ denial }) => denial ?? []),
  )
  const isExplained = shown.some(isCausedBy)
  // A refusal of which the text has only a part is no other reason.
  const refusal = run.otherReason === null ? null : unclearRefusalIn(run.otherReason, { isLog: true })
  const isPartOfRefusal = !isExplained && refusal?.besidesPolicies === false
  return {
    notes: [
      ...run.notes,
      ...(others.length < MAX_OTHER_DENIALS ? [] : [`of other permissions only ${MAX_OTHER_DENIALS} were read`]),
      ...(around?.notes ?? []),
      ...ageNotes(
        run.denials.map(({ denial }) => denial),
        iam.history === undefined ? readAtMs : null,
      ),
    ],
    run: isPartOfRefusal ? { ...run, isUntold: true } : run,
    drafts,
    causes: shown.map(({ cause }) => cause),
    changes: verified?.patch.changes ?? [],
    verification: verified?.verification ?? null,
    otherReason: isExplained ? null : run.otherReason,
    hints: [
      ...(shown.some(({ cause }) => cause.kind !== 'other-action') && patched.length === 0 ? [] : hints),
      ...(run.isUntold && !isExplained ? [whatToGive(run)] : []),
    ],
  }
}

/**
 * "… due to missing permissions for iam:CreateServiceLinkedRole" is a denial without a caller, and the word of a service that lacks its
 * role. IAM shows whether that role exists, the denial which permission is missing: one of them stands.
 */
function withoutTwice(found: readonly Found[]): readonly Found[] {
  const isNameless = ({ cause: { kind, action, principal } }: Found) =>
    kind === 'role-action' && action === createServiceLinkedRole.name && principal === null
  const isSame = (a: Found, b: Found) => a.atMs === b.atMs && a.cause.where.line === b.cause.where.line
  return found.filter(one => {
    const { kind, answer } = one.cause
    if (isNameless(one))
      return !found.some(
        other => other.cause.kind === 'service-linked-role' && other.cause.answer !== 'unknown' && isSame(one, other),
      )
    return (
      kind !== 'service-linked-role' ||
      answer !== 'unknown' ||
      !found.some(other => isNameless(other) && isSame(one, other))
    )
  })
}

async function deniedRoles(
  run: RunReport,
  { given, explanations, history }: IamReader,
  read: HistoryTimes,
  options: Parameters<typeof analyze>[1],
  recorded: ReadonlySet<string>,
): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const [index, { denial: reported, reason, line, certainty: ofText }] of run.denials.entries()) {
    const certainty = recorded.has(requestKeyOf(reported)) ? 'certain' : ofText
    if (reported.principal.kind === 'service' || !isOfRun(reported.principal.arn, run)) continue
    const denial =
      reported.stack === undefined && run.isStack && run.name !== null ? { ...reported, stack: run.name } : reported
    const life = lifeOf(denial, run)
    const isAsked = options.trail === undefined && history !== undefined && index < MAX_DENIALS_ASKED
    const asked = isAsked ? await askedHistory(denial, history, options.reader, read) : null
    const files = options.trail !== undefined && history !== undefined ? options.trail : null
    const trail = files === null ? asked : { ...files, readAtMs: await readingTime(denial, options.reader, read) }
    const analysis = await analyze(denial, {
      ...options,
      ...(trail === null ? {} : { trail }),
      ...(life === null ? {} : { life }),
      ...(given === null ? {} : { given }),
      ...(explanations === null ? {} : { explanations }),
    })
    const { diagnosis, verified, refusal } = analysis
    const answer = answerTo(analysis, run.isStack ? run.name : null)
    found.push({
      atMs: reason.atMs,
      denial: verified === null || certainty === 'probable' ? null : denial,
      cause: {
        ...{ kind: 'role-action', certainty, during: duringOf(reason, run), cause: diagnosis.cause },
        ...{ action: denial.action, principal: denial.principal.arn, resource: denial.resource },
        layer: layerOf(diagnosis.cause, diagnosis),
        where: { logicalId: reason.resource, line: run.hasLines ? line : null },
        answer: certainty === 'probable' && answer === 'patch' ? 'unknown' : answer,
        summary: diagnosis.summary,
        next: certainty === 'probable' ? recordSteps(denial) : stepsOf(analysis, answer, refusal?.owner ?? null),
        timeline: timelineOf(analysis, reason),
      },
    })
  }
  return found
}

/** Of a log nobody knows when the call was denied, and so not how old the role was: it was read just now. */
function timelineOf({ timeline = null, denial }: Analysis, { isLog, atMs }: FailureReason): Timeline | null {
  const isUndated = isLog === true && denial.timeMs === atMs
  return timeline !== null && isUndated ? { ...timeline, roleAgeMs: null } : timeline
}

/** Null: the stack events do not show that the role was deleted. */
function lifeOf({ resource, passes }: Denial, { deletedRoles, course }: RunReport): RoleLife | null {
  const arn = resource ?? passes[0]?.arn ?? null
  const deletedAtMs = arn === null ? undefined : deletedRoles.get(entityName(arn))
  return deletedAtMs === undefined
    ? null
    : { deletedAtMs, byRollback: course?.kind !== 'deleting', neverExisted: false }
}

/** Others can write what the text says: nothing is offered for it. */
function recordSteps({ action, call: { eventName } }: Denial): readonly FaultStep[] {
  const what = `Before anything is allowed, find the record of ${action} in CloudTrail (--trail): it names who was denied what.`
  const command =
    eventName === null
      ? null
      : `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=${eventName}`
  return [{ do: what, command, who: null }]
}

function answerTo({ diagnosis, verified }: Analysis, stack: string | null): FaultAnswer {
  if (verified !== null) return 'patch'
  if (diagnosis.roleGone !== undefined) return isGeneratedName(diagnosis.roleGone, stack) ? 'code' : 'missing'
  switch (diagnosis.cause) {
    case 'already-allowed':
    case 'transient':
      return 'retry'
    case 'role-not-found':
    case 'role-name-mismatch':
      return 'missing'
    case 'identity-gap':
    case 'identity-condition':
    case 'identity-and-trust-gap':
    case 'trust-gap':
    case 'unknown':
      return diagnosis.verdict === 'not-ours' ? 'owner' : 'unknown'
    default:
      return 'owner'
  }
}

function stepsOf({ diagnosis }: Analysis, answer: FaultAnswer, owner: string | null): readonly FaultStep[] {
  const steps = diagnosis.nextSteps.map(step => ({ do: step.text, command: step.command, who: step.owner }))
  if (steps.length > 0) return steps
  const only = (what: string, who: string | null = null) => [{ do: what, command: null, who }]
  switch (answer) {
    case 'patch':
      return only('Have the patch approved, then deploy again.')
    case 'retry':
      return only('Deploy again.')
    case 'missing':
      return only('Create the role, or name the right one in the code.', 'who writes the code')
    case 'owner':
      return only('Ask who decides this.', owner)
    default:
      return only('Give the policies of the account (--account FILE or --live) for a proof.')
  }
}

/** What a job says of other accounts than its own is left out. */
function isOfRun(principal: string | null, { hearsay, accountId }: RunReport): boolean {
  const named = parseArn(principal ?? '')?.accountId
  return hearsay == null || named === undefined || named === '' || named === accountId
}

/** A denial of another action explains the failure, and nothing is offered for it. */
async function otherActions(run: RunReport): Promise<readonly Found[]> {
  const { permissions } = run
  if (!permissions.some(mayHaveAdvice)) return permissions.map(one => foundPermission(one, run))
  const { suggestStatement } = await import('../../../core/published-actions/index.ts')
  const found: Found[] = []
  for (const one of permissions) {
    const answer = mayHaveAdvice(one) ? suggestStatement(one, run) : null
    const { principal } = one
    const lacked =
      answer?.kind === 'suggested' && principal !== null ? { lacked: { principal, statement: answer.statement } } : {}
    found.push({
      ...foundPermission(answer === null ? one : { ...one, advice: statementAdvice(answer) }, run),
      ...lacked,
    })
  }
  return found
}

function foundPermission(one: MissingPermission, run: RunReport): Found {
  const open = openAction(one, run)
  return {
    atMs: one.atMs,
    denial: null,
    cause: {
      ...{ kind: 'other-action', certainty: one.certainty, during: duringOf(one, run), cause: null },
      ...{ action: one.action, call: one.call, principal: one.principal, resource: one.resource, layer: one.layer },
      ...(open === null ? {} : { isOpen: true }),
      where: { logicalId: one.place, line: run.hasLines ? one.line : null },
      answer: permissionAnswer(one),
      summary: open?.summary ?? `${decidedBy(one)} Named only: rolemedic patches roles that are passed or assumed.`,
      next: [...(open?.next ?? []), ...permissionSteps(one)],
    },
  }
}

/** Null: its action is named, or none of ours. */
function openAction(one: MissingPermission, run: RunReport): Pick<DeployCauseFound, 'summary' | 'next'> | null {
  if (isEncoded(one, run.reasons))
    return {
      summary: 'Only the encoded message names the action, which may be iam:PassRole.',
      next: [
        {
          do: 'Decode the message with credentials of the same account, and give rolemedic diagnose what that prints.',
          command: 'aws sts decode-authorization-message --encoded-message ENCODED_MESSAGE > decoded.json',
          who: null,
        },
      ],
    }
  const { action, call } = one
  const called = { eventSource: `${call?.service}.amazonaws.com`, eventName: call?.operation ?? '' }
  if (action !== null || actionOfCall(called) === null) return null
  return {
    summary: `${decidedBy(one)} It does not name the role either: with the record of the call, rolemedic diagnoses the denial.`,
    next: [],
  }
}

/** The time of a log is that of its end, or not known. */
function duringOf(
  { atMs, isLog }: Pick<FailureReason, 'atMs' | 'isLog'>,
  { course }: RunReport,
): DeployCauseFound['during'] {
  if (course?.kind === 'deleting') return 'delete'
  return course?.kind === 'rolled-back' && isLog !== true && atMs > course.sinceMs ? 'rollback' : 'operation'
}

function layerOf(cause: string | null, diagnosis: Diagnosis | null): DenyingLayer {
  switch (cause) {
    case 'identity-gap':
    case 'identity-condition':
    case 'identity-and-trust-gap':
      return 'identity'
    case 'trust-gap':
    case 'trust-condition':
    case 'deleted-trust-principal':
    case 'self-assume':
      return 'trust'
    case 'boundary-gap':
      return 'boundary'
    case 'session-policy-gap':
      return 'session'
    case 'scp-gap':
      return 'scp'
    case 'rcp-gap':
      return 'rcp'
    case 'vpce-gap':
      return 'vpce'
    case 'explicit-deny': {
      const type = diagnosis?.evidence.find(({ policyType }) => policyType !== 'aws')?.policyType
      return type === undefined || type === 'aws' ? 'unknown' : type
    }
    default:
      return 'unknown'
  }
}
