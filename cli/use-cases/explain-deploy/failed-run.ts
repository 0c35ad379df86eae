/** What the inputs of `explain-deploy` report about one failed deploy, from files or from CloudFormation. */

import { neutralText, plural, UsageError } from '../../../core/base/index.ts'
import { type Denial, denialsInText, findHints, type UnreadLines } from '../../../core/denial/index.ts'
import { parseArn, partitionOfRegion } from '../../../core/iam/index.ts'
import {
  allWordsOfStack,
  courseOf,
  deletedRolesIn,
  distinctPermissions,
  type FailedDeploy,
  type FailureReason,
  hearsayOf,
  isOwnDenial,
  logOf,
  mayHideDenial,
  missingPermissions,
  operationUntil,
  ownPermissions,
  parseDeployEvent,
  type ReportedDenial,
  reasonsOf,
  reportedDenials,
  SERVICE_ROLE_SESSION,
  type StackEvent,
  stackEventsIn,
} from '../../../functions/domain/deploy/index.ts'
import type { AwsExplanations } from '../../../functions/ports/index.ts'
import { decodePermissions } from '../../../functions/workflows/index.ts'
import type { DeployNeeds } from '../../../iac/needs/index.ts'
import type { LiveTools, liveTools } from '../../live/live-run.ts'
import { type DeploySource, joinedNeeds, readNeeds, unusedParameters } from '../preflight/sources.ts'
import { inputName, type NamedText, type UseCaseWorld } from '../world.ts'
import { endedAt, failureInLog, hasNoReason } from './log-failure.ts'
import type { ExplainDeployQuestion, LiveRun } from './question.ts'
import type { RunDenial, RunReport, StackRun } from './run-report.ts'

/** How the account of a run is asked. Tests give their own. */
export type OpenTools = typeof openTools
export const openTools = async (...asked: Parameters<typeof liveTools>): Promise<LiveTools> =>
  (await import('../../live/live-run.ts')).liveTools(...asked)

export type RunReads = {
  readonly open?: OpenTools
  /** Null: encoded messages are left as they are. */
  readonly explanations?: Pick<AwsExplanations, 'decode'> | null
}

async function fromAws(run: LiveRun, tools: LiveTools, nowMs: number): Promise<readonly StackRun[]> {
  if (run.kind === 'stack') return (await import('../../live/live-stack.ts')).readLiveStack(run.name, tools, nowMs)
  return (await import('../../live/live-run.ts')).readLiveRun(run, tools, nowMs)
}

/** Null: nothing failed. `given`: the account of the files, if it is one. */
export async function readRun(
  question: ExplainDeployQuestion,
  nowMs: number,
  given: string | null,
  world: UseCaseWorld,
  { open = openTools, explanations = null }: RunReads = {},
): Promise<RunReport | null> {
  const parts: StackRun[] = []
  const { event, stackEvents, log, run: named } = question
  if (event !== null) parts.push(...fromEvent(event))
  if (stackEvents !== null) parts.push(...fromStackEvents(stackEvents, question.atMs))
  if (named !== null) parts.push(...(await fromAws(named, await open(named, question, world), nowMs)))
  if (log !== null)
    parts.push(...(isStackEvents(log) ? fromStackEvents(log, question.atMs) : fromLog(log, nowMs, question.region)))
  const [first, ...others] = parts
  if (first === undefined) return null
  const whole = others.reduce(joined, first)
  const run = { ...whole, accountId: whole.accountId ?? given ?? accountIn(whole.reasons) }
  const region = run.region ?? question.region
  const environment = {
    partition: run.partition,
    accountId: run.accountId,
    region,
    stackName: run.isStack ? run.name : null,
  }
  const sources: DeployNeeds[] = run.live == null ? [] : [run.live]
  for (const name of question.sources)
    sources.push(
      await readNeeds(await sourceNamed(name, world), { environment, parameters: question.parameters }, world),
    )
  const source = joinedNeeds(sources)
  const { denials, notes: ofTexts } = denialsOf(run, parts)
  const notes = [...ofTexts, ...unusedParameters(source, question.parameters)]
  const reasons = run.reasons.filter(({ text }) => text.trim() !== '' && !CANCELLED.test(text))
  const isEventAlone = event !== null && parts.length === 1
  const otherReason = neutralText(reasons[0] === undefined ? wordsOfEnd(run) : wordsOfFailure(reasons[0].text), 600)
  return {
    ...run,
    region,
    by: run.by ?? sources.find(({ deployRole }) => deployRole !== null)?.deployRole?.arn ?? null,
    denials,
    ...(await permissionsOf(parts, notes, explanations)),
    source: sources.length === 0 ? null : source,
    otherReason,
    isUntold:
      (reasons.length === 0 && run.lastWords !== BY_A_PERSON) ||
      hasNoReason(otherReason) ||
      (isEventAlone && reasons.some(({ text }) => mayHideDenial(text))),
  }
}

/** A person cancelled it, as CloudFormation says. */
const BY_A_PERSON = 'User Initiated'

/** What it says of its end, where it gives no reason: "ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Bucket]." */
function wordsOfEnd({ status, reasons, lastWords = null }: StackRun): string {
  const words = lastWords ?? reasons.find(({ text }) => text.trim() !== '')?.text ?? null
  return [status, words].filter(part => part !== null).join(': ')
}

/** The whole reason of a resource that another one took down. */
const CANCELLED = /^\s*Resource (?:creation|update|deletion|import) cancell?ed\.?\s*$/i

function wordsOfFailure(text: string): string {
  const failure = failureInLog(text)
  return (failure.kind === 'failed' ? failure.words : null) ?? text.trim()
}

/** The output of `get-template` is the template in a member: as JSON, or as the text of YAML. */
const GET_TEMPLATE = /^\s*\{\s*"(?:TemplateBody|StagesAvailable)"\s*:/

async function sourceNamed(name: string, world: UseCaseWorld): Promise<DeploySource> {
  const text = /\.json$/i.test(name) ? await world.readFile(name).catch(() => '') : ''
  if (!GET_TEMPLATE.test(text)) return { kind: 'path', name }
  const value = jsonOf({ name, text })
  const body = isMembers(value) ? value['TemplateBody'] : undefined
  if (body === undefined) throw new UsageError(`${name}: the output has no TemplateBody`)
  return { kind: 'text', name, text: typeof body === 'string' ? body : JSON.stringify(body, null, 2) }
}

/** The one account whose roles the texts name. */
function accountIn(reasons: readonly FailureReason[]): string | null {
  const named = reasons.flatMap(({ text }) => [...text.slice(0, LOG_HEAD_CHARS).matchAll(/:iam::(\d{12}):role\//g)])
  const [only, ...others] = new Set(named.map(([, id]) => id))
  return only === undefined || others.length > 0 ? null : only
}

/** The facts of the tool come before those of a log. */
function joined(a: StackRun, b: StackRun): StackRun {
  const reasons = [...a.reasons, ...b.reasons]
  return {
    ...a,
    name: a.name ?? b.name,
    isStack: a.isStack || b.isStack,
    accountId: a.accountId ?? b.accountId,
    region: a.region ?? b.region,
    status: a.status ?? b.status,
    atMs: a.atMs ?? b.atMs,
    by: a.by ?? b.by,
    reasons,
    hasLines: a.hasLines || b.hasLines,
    course: a.course ?? b.course,
    deletedRoles: new Map([...a.deletedRoles, ...b.deletedRoles]),
    notes: [...a.notes, ...b.notes],
    live: a.live ?? b.live ?? null,
    deploy: a.deploy ?? b.deploy ?? null,
    lastWords: a.lastWords ?? b.lastWords ?? null,
  }
}

/** What others can write into the texts of a deploy is judged as in its alert. */
async function permissionsOf(
  parts: readonly StackRun[],
  notes: readonly string[],
  explanations: Pick<AwsExplanations, 'decode'> | null,
): Promise<Pick<RunReport, 'permissions' | 'notes'>> {
  const read = await Promise.all(
    parts.map(async ({ reasons, tool, accountId, own }) => {
      const judge = own === undefined || accountId === null ? null : { deploy: { kind: tool, accountId }, own }
      const named =
        judge === null
          ? { permissions: missingPermissions(reasons), withheld: 0 }
          : ownPermissions(reasons, judge.deploy, judge.own)
      if (explanations === null) return named
      const permissions = await decodePermissions(named.permissions, reasons, accountId ?? '', judge, explanations)
      return { ...named, permissions }
    }),
  )
  const withheld = read.reduce((sum, one) => sum + one.withheld, 0)
  const note = `not shown: ${plural(withheld, 'permission')} not of the account of the deploy, as anybody who writes its texts can name any`
  return {
    permissions: distinctPermissions(read.flatMap(({ permissions }) => permissions)),
    notes: withheld === 0 ? notes : [...notes, note],
  }
}

/** One denial in two inputs is one. `notes`: also what was not read. */
function denialsOf(run: StackRun, parts: readonly StackRun[]): Pick<RunReport, 'denials' | 'notes'> {
  const { accountId, region, name, notes } = run
  if (accountId !== null && region !== null) {
    const deploy: FailedDeploy = {
      ...{ kind: 'cloudformation', accountId, region, target: name ?? '', name: name ?? '', attempt: null },
      ...{ status: run.status ?? '', failedAtMs: run.atMs ?? 0, reasons: run.reasons, log: null },
    }
    if (run.isStack) {
      const denials = reportedDenials(deploy, run.reasons).map(({ denial, reason }) => ({
        ...{ denial, reason, certainty: certaintyOf({ denial, reason }, parts) },
        line: reason.resource === null ? lineOf(denial, reason) : null,
      }))
      return { denials, notes }
    }
  }
  const read = run.reasons.map(reason => ({ reason, ...denialsInText(reason.text) }))
  const denials = read.flatMap(({ reason, found }) =>
    found.flatMap(one =>
      one.kind === 'denial'
        ? [
            {
              ...{ denial: { ...one.denial, timeMs: one.denial.timeMs ?? reason.atMs }, reason, line: one.line },
              certainty: certaintyOf({ denial: one.denial, reason }, parts),
            },
          ]
        : [],
    ),
  )
  const unread = read.flatMap(one => one.unread ?? []).map(unreadNote)
  return { denials, notes: [...notes, ...unread] }
}

/** What others can write into the texts of a deploy is judged as in its alert. What was denied in a rollback is said to be that. */
function certaintyOf({ denial, reason }: ReportedDenial, parts: readonly StackRun[]): RunDenial['certainty'] {
  const part = parts.find(({ reasons }) => reasons.includes(reason))
  if (part?.own === undefined || part.accountId === null) return 'certain'
  const { tool: kind, accountId, own } = part
  const { during: _, ...of } = reason
  return isOwnDenial({ denial, reason: of }, { kind, accountId }, { own, sessions: [] }) ? 'certain' : 'probable'
}

const unreadNote = ({ places, firstLine, lastLine }: UnreadLines): string =>
  `${plural(places, 'place')} between the lines ${firstLine} and ${lastLine} may hold denials of roles and were not read`

const lineOf = ({ message }: Denial, { text }: FailureReason): number | null =>
  denialsInText(text).found.find(one => one.kind === 'denial' && one.denial.message === message)?.line ?? null

const NO_ROLES: ReadonlyMap<string, number> = new Map()

const NOTHING = {
  ...{
    name: null,
    isStack: false,
    accountId: null,
    region: null,
    partition: 'aws',
    status: null,
    atMs: null,
    by: null,
  },
  ...{ reasons: [], hasLines: false, course: null, notes: [], deletedRoles: NO_ROLES },
} as const

/** Where what people give as an event belongs. */
const OTHER_INPUTS =
  'a log goes to --log, the output of describe-stack-events to --stack-events, a CloudTrail record to rolemedic diagnose'

function fromEvent(event: NamedText): readonly StackRun[] {
  const value = jsonOf(event, ` (${OTHER_INPUTS})`)
  const parsed = parseDeployEvent(value)
  if (parsed.kind === 'not-ours') {
    if (/is in |without/.test(parsed.why)) return []
    throw new UsageError(`${inputName(event)}: ${parsed.why} (${OTHER_INPUTS})`)
  }
  const { kind, name, accountId, region, status, failedAtMs, reasons } = parsed.deploy
  const hearsay = hearsayOf(parsed.deploy)
  return [
    {
      ...NOTHING,
      ...{ hearsay, own: [], deploy: parsed.deploy, lastWords: lastWordsIn(value) },
      notes: hearsay === null ? [] : [hearsay],
      ...{ tool: kind, name, accountId, region, status, reasons },
      isStack: kind === 'cloudformation',
      partition: partitionOfRegion(region),
      atMs: failedAtMs,
      course: status.startsWith('DELETE') ? { kind: 'deleting' } : null,
    },
  ]
}

/** A stack's own words for its end, which name what failed and not why. */
function lastWordsIn(event: unknown): string | null {
  const detail = isMembers(event) ? event['detail'] : null
  const status = isMembers(detail) ? detail['status-details'] : null
  const words = isMembers(status) ? status['status-reason'] : null
  return typeof words === 'string' && words.trim() !== '' ? words.trim() : null
}

function jsonOf(input: NamedText, advice = ''): unknown {
  if (input.text.trim() === '') throw new UsageError(`${inputName(input)}: the input is empty`)
  try {
    return JSON.parse(input.text)
  } catch (cause) {
    throw new UsageError(`${inputName(input)}: this is not JSON${advice}`, { cause })
  }
}

const isMembers = (value: unknown): value is { readonly [member: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listIn = (value: unknown, member: string): readonly unknown[] => {
  const list = isMembers(value) ? value[member] : undefined
  return Array.isArray(list) ? list : []
}

/** Only the last operation of the stack counts. */
function fromStackEvents(input: NamedText, untilMs: number | null): readonly StackRun[] {
  const value = jsonOf(input)
  const all = stackEventsIn(Array.isArray(value) ? value : listIn(value, 'StackEvents'))
  if (all.length === 0)
    throw new UsageError(`${inputName(input)}: give the output of aws cloudformation describe-stack-events`)
  const newest = all.toSorted((a, b) => b.Timestamp.getTime() - a.Timestamp.getTime())
  const [stack] = listIn(value, 'Stacks')
  const rootId = rootIn(newest)
  const ofRoot = operationUntil(
    newest.filter(({ StackId }) => StackId === rootId),
    untilMs ?? Number.MAX_SAFE_INTEGER,
  )
  const [fromMs, lastMs] = [ofRoot.at(-1)?.Timestamp.getTime() ?? 0, ofRoot[0]?.Timestamp.getTime() ?? 0]
  const isWithin = ({ Timestamp }: StackEvent) => fromMs <= Timestamp.getTime() && Timestamp.getTime() <= lastMs
  const operation = newest.filter(event => (event.StackId === rootId ? ofRoot.includes(event) : isWithin(event)))
  return runOfStack(operation, stack)
}

const STACK_EVENTS = /^\s*(?:\{\s*"StackEvents"|\[\s*\{\s*"(?:StackId|EventId)")\s*:/

/** True for what `--stack-events` takes. A part of it is a log. */
function isStackEvents(log: NamedText): boolean {
  if (!STACK_EVENTS.test(log.text)) return false
  try {
    const value: unknown = JSON.parse(log.text)
    return stackEventsIn(Array.isArray(value) ? value : listIn(value, 'StackEvents')).length > 0
  } catch {
    return false
  }
}

/** The stack in which no other one of the list is nested, the newest first. */
function rootIn(newest: readonly StackEvent[]): string {
  const nested = new Set(
    newest.flatMap(({ ResourceType, PhysicalResourceId: id, StackId }) =>
      ResourceType === 'AWS::CloudFormation::Stack' && id !== null && id !== StackId ? [id] : [],
    ),
  )
  return newest.find(({ StackId }) => !nested.has(StackId))?.StackId ?? newest[0]?.StackId ?? ''
}

const FAILED = /FAILED|ROLLBACK/

/** `operation`: newest first. `stack`: what `describe-stacks` prints of it. Empty: it did not fail. */
function runOfStack(operation: readonly StackEvent[], stack: unknown): readonly StackRun[] {
  const rootId = rootIn(operation)
  const ofStack = operation.filter(({ PhysicalResourceId: id, StackId }) => id === rootId && StackId === rootId)
  const status = (ofStack[0] ?? operation.find(one => FAILED.test(one.ResourceStatus ?? '')))?.ResourceStatus ?? null
  const course = courseOf(ofStack) ?? null
  // What failed and was done again, and what could not be cleaned up, broke nothing.
  if (course?.kind === 'succeeded') return []
  const ofResources = reasonsOf(operation)
  // A transform, for example, fails before any resource.
  const reasons = ofResources.length > 0 ? ofResources : allWordsOfStack(ofStack)
  if (reasons.length === 0 && (status === null || !FAILED.test(status))) return []
  const arn = parseArn(rootId)
  const role = isMembers(stack) && typeof stack['RoleARN'] === 'string' ? stack['RoleARN'] : null
  return [
    {
      ...NOTHING,
      tool: 'cloudformation',
      name: arn?.resource.split('/')[1] ?? null,
      isStack: true,
      accountId: arn === null || !/^\d{12}$/.test(arn.accountId) ? null : arn.accountId,
      region: arn === null || arn.region === '' ? null : arn.region,
      partition: arn?.partition ?? 'aws',
      status,
      atMs: (reasons[0]?.atMs ?? operation[0]?.Timestamp.getTime()) || null,
      by: role,
      own: role === null ? [] : [{ roleArn: role, session: SERVICE_ROLE_SESSION }],
      reasons,
      course,
      deletedRoles: deletedRolesIn(operation),
    },
  ]
}

const TOOLS: readonly (readonly [RegExp, string])[] = [
  [/\bterraform\b|│ Error|Terraform/i, 'terraform'],
  [/\bcdk\b|❌ {1,2}\w/i, 'cdk'],
  [/\bsam deploy\b|CloudFormation events from stack operations/i, 'sam'],
  [/\bserverless\b|\bsls\b/i, 'serverless'],
  [/\bpulumi\b/i, 'pulumi'],
]
const LOG_HEAD_CHARS = 200_000

/** Advice, names of tests and checks that went well have words of a denial too. */
const SAYS_NO = /\b(?:neither|nor|not|no|cannot|denied|denies)\b|n['’]t\b/i

/** Of a log without a word of failure. What was denied before its end was retried. */
function isDenied(text: string): boolean {
  const ended = endedAt(text)
  return denialsInText(text).found.some(
    one => one.kind === 'denial' && SAYS_NO.test(one.denial.message) && (one.line ?? 1) > ended,
  )
}

/** Likewise, of a caller that could not become a role. GitHub's action advises `id-token` to jobs that work, too. */
function couldNotSignIn(text: string): boolean {
  const ended = endedAt(text)
  return findHints(text).some(({ subject, line }) => subject !== 'id-token-permission' && line > ended)
}

function fromLog(log: NamedText, nowMs: number, region: string | null): readonly StackRun[] {
  if (log.text.trim() === '') throw new UsageError(`${inputName(log)}: the input is empty`)
  const reason = logOf(log.text, nowMs)
  const failure = failureInLog(reason.text)
  // A denial that says no is a failure, also without a word of failure.
  if (failure.kind === 'succeeded' && (failure.isSaid || !(isDenied(reason.text) || couldNotSignIn(reason.text)))) {
    if (log.text.includes('\u0000')) throw new UsageError(`${inputName(log)}: this is no text`)
    return []
  }
  const head = log.text.slice(0, LOG_HEAD_CHARS)
  const tool = TOOLS.find(([form]) => form.test(head))?.[1] ?? 'log'
  const partition = region === null ? 'aws' : partitionOfRegion(region)
  return [{ ...NOTHING, ...{ tool, partition, region }, reasons: [reason], hasLines: true }]
}
