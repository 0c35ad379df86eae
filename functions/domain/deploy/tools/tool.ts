/** The descriptor of a deploy tool, and what the descriptors share. A new tool is a file next to this one. */

import * as z from 'zod'
import { type Fact, neutralText, orElse, orNull } from '../../../../core/base/index.ts'
import { denialsIn, otherDenialsIn, readMessage, withoutExamples } from '../../../../core/denial/index.ts'
import type {
  BuildRole,
  DeployKind,
  FailedAction,
  FailedDeploy,
  FailureReason,
  OwnIdentity,
  StackOperation,
} from '../deploy.ts'
import type { PartedRun } from './parted-run.ts'

export type DeployTool = {
  readonly kind: DeployKind
  /** The text before the name of the deploy, such as `the deploy of stack`. */
  readonly phrase: string
  readonly events: readonly DeployEventRule[]
  /** Present: anybody with `events:PutEvents` in the account can send the event. The sentence of the alert that says so. */
  readonly hearsay?: string
  /** How to find out why it failed. */
  why(deploy: FailedDeploy): Inquiry
  /** The stack that denials of this deploy name. Null: they name none. */
  stackOf(deploy: FailedDeploy): string | null
  /** False for a reason whose text anybody in the deploy can write: it must not start a proposal. */
  mayStartProposal(reason: FailureReason): boolean
  /** True for a reason that AWS alone writes, though it can echo a value of what is deployed. Absent: for none. */
  isAwsText?(reason: FailureReason): boolean
  /** `home`: the console's URL in that Region. */
  consoleLink(deploy: FailedDeploy, home: string): string
  retry(deploy: FailedDeploy): Retry
  /** The options with which `rolemedic explain-deploy --live` reads it, each with its value. Absent: it reads no such deploy. */
  explain?(deploy: FailedDeploy): readonly (readonly [option: `--${string}`, value: string])[]
  /** What its own calls say of the failure, in a file that `rolemedic explain-deploy` takes. Absent: only a log says it. */
  inFile?(deploy: FailedDeploy): ReasonsInFile | null
}

export type ReasonsInFile = {
  readonly option: '--stack-events' | '--log'
  readonly file: string
  /** Of the AWS CLI, without `aws` and the Region. */
  readonly command: string
  /** The values of the deploy in it. */
  readonly parts: readonly (string | null)[]
}

/** One kind of event that reports a failure. */
export type DeployEventRule = {
  readonly rule: string
  /** The EventBridge pattern. `read` checks what a pattern cannot express. */
  readonly pattern: {
    readonly source: readonly [string]
    readonly 'detail-type': readonly [string]
    readonly detail: object
  }
  readonly read: (event: Envelope, atMs: number) => DeployEvent
}

export type DeployEvent =
  | { readonly kind: 'failed'; readonly deploy: FailedDeploy }
  | { readonly kind: 'not-ours'; readonly why: string }

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html */
export const envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  account: z.string().regex(/^\d{12}$/),
  region: z.string().regex(/^[a-z0-9-]{4,32}$/),
  time: z.string(),
  resources: orElse(z.array(z.string()), []),
  detail: z.record(z.string(), z.unknown()),
})
export type Envelope = z.infer<typeof envelope>

export const optionalText = orNull(z.string().max(16_384))
export const shortText = (mostChars: number) => z.string().min(1).max(mostChars)

export const notOurs = (why: string): DeployEvent => ({ kind: 'not-ours', why })
export const otherStatus = (what: string, status: string): DeployEvent =>
  notOurs(`the ${what} is in ${neutralText(status, 64)}`)

type What = Pick<FailedDeploy, 'kind' | 'target' | 'name' | 'attempt' | 'status'> &
  Partial<Pick<FailedDeploy, 'reasons' | 'log' | 'retried' | 'link' | 'partOf' | 'builds'>>

export function failedDeploy({ account, region }: Envelope, failedAtMs: number, what: What): DeployEvent {
  const deploy = { accountId: account, region, failedAtMs, reasons: [], log: null, ...what }
  return { kind: 'failed', deploy: { ...deploy, name: neutralText(deploy.name, 256) } }
}

export const reasonOf = (text: string, atMs: number, resource: string | null = null): FailureReason => ({
  text,
  resource,
  resourceType: null,
  atMs,
})

/** What a test expects or a plan prints is no denial of the deploy. */
export const logOf = (text: string, atMs: number, resource: string | null = null): FailureReason => ({
  ...reasonOf(withoutExamples(text), atMs, resource),
  isLog: true,
})

/** A deploy with events of its own, as another one ran it. */
export type DeployPart = Pick<FailedDeploy, 'kind' | 'target'> & { readonly fromMs: number }

/** What the tools report beyond the event. */
export type Findings = {
  /** The deploy of the event, or the deploy that it is part of. */
  readonly deploy: FailedDeploy
  readonly reasons: readonly FailureReason[]
  /** Null: unknown. */
  readonly startedAtMs: number | null
  /** ARNs of the roles that the deploy uses. */
  readonly roles: readonly string[]
  /** Exact names of the sessions that the deploy uses. */
  readonly sessions: readonly string[]
  /** The identities that its texts may name, each with role and session. */
  readonly own: readonly OwnIdentity[]
  /** The deploy uses the credentials of the person or machine that runs it. */
  readonly caller: boolean
  /** The service that acts on its behalf. Null: none. */
  readonly via: string | null
  /** The stacks that it deploys, if they are known. */
  readonly stackIds: readonly string[]
  /** Names of the roles that are part of what is deployed. */
  readonly ownRoles: readonly string[]
  /** True when each of its texts explains the failure. A denial at the same time that no text names then did not cause it. */
  readonly explained: boolean
  /** Why something could not be read. Null: everything was read. */
  readonly unread: string | null
  /** The deploys that its failed actions ran. Absent: it also failed by something else. */
  readonly ran?: readonly DeployPart[]
  /** Nothing shows that the deploy failed: what failed was tried again, or only a cleanup was left. Absent: it failed. */
  readonly hasFailed?: false
}

/** The next query to the tool, and what follows from its answer. The workflow asks; the descriptor decides. */
export type Inquiry =
  | { readonly ask: 'nothing'; readonly findings: Findings }
  | {
      readonly ask: 'stack'
      readonly stackId: string
      readonly untilMs: number
      readonly next: (read: Fact<StackOperation>) => Inquiry
    }
  | {
      readonly ask: 'failed-actions'
      readonly pipeline: string
      readonly executionId: string
      readonly next: (read: Fact<readonly FailedAction[]>) => Inquiry
    }
  | {
      readonly ask: 'failed-parts'
      readonly run: PartedRun
      readonly next: (read: Fact<readonly FailureReason[]>) => Inquiry
    }
  | {
      readonly ask: 'build-roles'
      /** `<project>:<id>` */
      readonly ids: readonly string[]
      readonly next: (read: Fact<readonly BuildRole[]>) => Inquiry
    }
  | {
      readonly ask: 'log-tails'
      readonly logs: readonly { readonly group: string; readonly stream: string }[]
      /** Called with the logs in the order of `logs`. */
      readonly next: (read: readonly Fact<string>[]) => Inquiry
    }

export const findings = (deploy: FailedDeploy, found: Partial<Findings> = {}): Inquiry => ({
  ask: 'nothing',
  findings: {
    deploy,
    reasons: [],
    startedAtMs: null,
    roles: [],
    sessions: [],
    own: [],
    caller: false,
    via: null,
    ownRoles: [],
    stackIds: [],
    explained: false,
    unread: null,
    ...found,
  },
})

/** Matches a reason that only says that another failure stopped it. */
const CANCELLED = /cancell?ed/i
const MAY_HIDE_A_DENIAL =
  /authoriz|access ?denied|denied|forbidden|\b403\b|assume|pass ?role|circuit breaker|stabili[sz]e|internal (?:failure|error)|\bnull\b|timed? ?out/i

/** A command that failed printed why into its log. */
const OF_A_COMMAND = /\bexit(?:ed)? (?:with )?(?:code|status) [1-9]/i

/** True for words after which the log may hold a denial. */
export const mayHideDenial = (text: string): boolean => MAY_HIDE_A_DENIAL.test(text) || OF_A_COMMAND.test(text)

/** True when each reason explains the failure: by another cause, by a complete denial, or by a cancellation. */
export function isExplained(reasons: readonly FailureReason[]): boolean {
  const texts = reasons.map(({ text }) => neutralText(text)).filter(text => !CANCELLED.test(text))
  return texts.every(text => namesDenial(text) || (text !== '' && !MAY_HIDE_A_DENIAL.test(text)))
}

function namesDenial(text: string): boolean {
  const read = readMessage(text)
  if (read.kind !== 'ours') return read.kind === 'other'
  return read.sentence.subject !== null && read.sentence.resource !== null
}

/** Whose denial it is matters only if there is one. */
export const hasDenial = (text: string): boolean => denialsIn(text).length > 0 || otherDenialsIn(text).length > 0

/**
 * The session name of CloudFormation with a service role.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
 */
export const SERVICE_ROLE_SESSION = 'AWSCloudFormation'

/** The session name of a CodeBuild build. `id`: `<project>:<id>` or the id alone. */
export const sessionOfBuild = (id: string): string => `AWSCodeBuild-${id.split(':').at(-1) ?? id}`

/** The role of each build, in the session that CodeBuild names after the build. */
export const identitiesOf = (builds: readonly BuildRole[]): readonly OwnIdentity[] =>
  builds.map(({ id, roleArn }) => ({ roleArn, session: sessionOfBuild(id) }))

export type Retry = { readonly text: string; readonly command: string | null }

/** Only names that need no quoting go into a command. For all others there is the console. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9@._:/-]*$/

/** `parts`: the values of the deploy in the command. */
export function retryWith(
  text: string,
  { region }: FailedDeploy,
  command: string,
  ...parts: readonly (string | null)[]
): Retry {
  const isPlain = parts.every(part => part !== null && PLAIN.test(part))
  return isPlain ? { text: `${text}:`, command: `aws ${command} --region ${region}` } : retryByHand(`${text}.`)
}

/** Null: its names need quoting, or no command reads it. */
export function explainCommand({ explain }: DeployTool, deploy: FailedDeploy): string | null {
  const options = explain?.(deploy) ?? []
  // A value that looks like an option would be read as one.
  if (options.length === 0 || !options.every(([, value]) => PLAIN.test(value))) return null
  return ['rolemedic explain-deploy --live', ...options.flat(), '--region', deploy.region].join(' ')
}

/** Null: its names need quoting. */
export const fileCommand = ({ file, command, parts }: ReasonsInFile, { region }: FailedDeploy): string | null =>
  parts.every(part => part !== null && PLAIN.test(part)) ? `aws ${command} --region ${region} > ${file}` : null

export const retryByHand = (text: string): Retry => ({ text, command: null })
