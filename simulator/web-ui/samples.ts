/** The sample denials and failed deploys that the page can send, in their display order. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { InputDeploy } from '../deploy-event-files.ts'
import { type InputRecord, readEvents, readEventsAnew, SAMPLE_EVENTS } from '../sample-records.ts'

export type SampleEvent = {
  readonly id: string
  readonly title: string
  /** Null: sent only on request. Otherwise its position in the channel of a fresh start; the last one is at the top. */
  readonly atStart: number | null
  events(nowMs: number): readonly (InputRecord | InputDeploy)[]
}

/** `other`: uses another role, because denials of one call share one card. */
const sample = (
  file: string,
  title: string,
  atStart: number | null = null,
  other: Renaming = ['', ''],
): SampleEvent => ({
  id: file.replace(/^.*\//, '').replace('.json', ''),
  title,
  atStart,
  events: nowMs => readEventsAnew(join(SAMPLE_EVENTS, file), nowMs).map(event => asNew(renamed(event, other))),
})

/** Records around a denial, which is as if it had just happened; the others keep their distance to it. */
const surrounded = (file: string, title: string, other: Renaming): SampleEvent => ({
  id: file.replace(/^.*\//, '').replace('.json', ''),
  title,
  atStart: null,
  events: nowMs =>
    inOrder(readEvents(join(SAMPLE_EVENTS, file), nowMs), nowMs).map(event => asNew(renamed(event, other))),
})

/** More than `digestAfterCards` of the sample configuration. */
const STORM = 24

export const SAMPLES: readonly SampleEvent[] = [
  sample('ecs-register-task-definition.json', 'A task role that the pipeline may not pass: low risk', 9),
  sample('deploys/stack-rollback.json', 'A stack that rolled back, and the denial behind it', 8),
  sample('lambda-create-function.json', 'A user of the CI system that may not pass a Lambda role', 7),
  sample('cloudformation-create-change-set.json', 'The CDK deploy role: high risk, two approvers', 6),
  sample('assume-role-identity-center.json', 'Jane may not assume an administrator role: two others approve', 5),
  sample('web-identity-github.json', 'A GitHub workflow on another branch: who comes in', 4),
  sample('assume-role-cross-account.json', 'A role of another account: both sides change', 3),
  sample('rds-create-db-instance.json', 'A role that does not exist: nothing to approve', 2),
  sample('assume-role-root.json', 'The root user: nothing to approve', 1),
  sample('ecs-explicit-deny-scp.json', 'A service control policy denies it: nothing to approve', null, [
    'role/app/orders-task',
    'role/orders-exporter',
  ]),
  sample('deploys/stack-with-four-gaps.json', 'A stack that lacks four roles: one card for all'),
  sample('deploys/stack-cannot-assume.json', 'A stack whose function cannot assume its role: the trust lacks Lambda'),
  sample(
    'deploys/stack-makes-its-role.json',
    'A stack whose rollback deleted the role that it passes: no patch can name the next',
  ),
  sample('deploys/stack-makes-named-role.json', 'The same under a fixed name: its exact ARN'),
  sample('deploys/build-failed.json', 'A failed build of which only the log shows the denial'),
  sample('deploys/pipeline-failed.json', 'A failed pipeline, whose log names the denial of its build'),
  sample('deploys/stack-other-action.json', 'A stack that lacks a permission that rolemedic never grants: it is named'),
  sample('deploys/job-failed.json', 'A Terraform job that reports its own failure'),
  sample('deploys/look-alikes/resource-exists.json', 'A stack that failed for another reason: no alert'),
  sample('ec2-run-instances-cut.json', 'An error message that was cut off'),
  sample('assume-role-tag-session.json', 'A session that may not carry its tags'),
  sample('lambda-cross-account-role.json', 'A Lambda role of another account'),
  surrounded(
    'trails/young-role.json',
    'A role that was seconds old: the call worked 8 s later, and its card closes after two minutes',
    ['', ''],
  ),
  surrounded('trails/lost-permission.json', 'A user that could, until a policy was deleted: what changed', [
    'orders-worker',
    'orders-batch',
  ]),
  {
    id: 'storm',
    title: 'Two dozen denials at once: one list',
    atStart: null,
    events: nowMs => Array.from({ length: STORM }, (_, at) => stormDenial(at + 1, nowMs)),
  },
]

export const startSamples = (): readonly SampleEvent[] =>
  SAMPLES.filter(({ atStart }) => atStart !== null).sort((one, other) => (one.atStart ?? 0) - (other.atStart ?? 0))

/** A denial that is sent again is a new event, because repetitions by CloudTrail are ignored. */
function asNew(event: InputRecord | InputDeploy): InputRecord | InputDeploy {
  if ('reader' in event || typeof event.record !== 'object' || event.record === null) return event
  return { ...event, record: { ...event.record, eventID: randomUUID() } }
}

function inOrder(
  events: readonly (InputRecord | InputDeploy)[],
  nowMs: number,
): readonly (InputRecord | InputDeploy)[] {
  const timeOf = ({ record, originalTime }: InputRecord): number =>
    Date.parse(originalTime ?? String(members(record)['eventTime']))
  const denial = events.find(event => !('reader' in event) && 'errorCode' in members(event.record))
  if (denial === undefined || 'reader' in denial) return events
  return events.map(event => {
    if ('reader' in event) return event
    const eventTime = `${new Date(nowMs + timeOf(event) - timeOf(denial)).toISOString().slice(0, 19)}Z`
    return { ...event, record: { ...members(event.record), eventTime } }
  })
}

const members = (record: unknown): { readonly [name: string]: unknown } =>
  typeof record === 'object' && record !== null ? { ...record } : {}

/** The same user, with a different missing role each time. */
function stormDenial(at: number, nowMs: number): InputRecord | InputDeploy {
  const [denial] = readEvents(join(SAMPLE_EVENTS, 'lambda-create-function.json'), nowMs)
  if (denial === undefined) throw new TypeError('the sample of a Lambda role is empty')
  return asNew(renamed(denial, ['orders-worker', `batch-${at}`]))
}

type Renaming = readonly [from: string, to: string]

function renamed(event: InputRecord | InputDeploy, [from, to]: Renaming): InputRecord | InputDeploy {
  if ('reader' in event || from === '') return event
  const record: unknown = JSON.parse(JSON.stringify(event.record).replaceAll(from, to))
  return { ...event, record }
}
