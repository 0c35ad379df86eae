/**
 * Options that more than one command has, each as one object: form, help, values and parser. A command lists the objects that
 * it accepts (`described` rewords the help) and adds its own options.
 */

import { ACTIONS, actionWithOrWithoutPrefix } from '../core/actions/index.ts'
import { DAY_MS, parseTime, UsageError } from '../core/base/index.ts'
import { parseEntityArn, parseSessionArn } from '../core/iam/index.ts'
import { CODE_FORMATS, type CodeFormat } from '../core/patch/index.ts'
import type { Option } from './command.ts'
import type { IamSource } from './use-cases/iam-reader.ts'

/** The same option with the help text of one command. */
export const described = <const O extends Option>(option: O, about: string): O => ({ ...option, about })

export const ACCOUNT = {
  type: 'string',
  multiple: true,
  value: 'FILE',
  about:
    'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
} as const satisfies Option

export const ORG = {
  type: 'string',
  value: 'FILE',
  about: 'the organization with its service and resource control policies',
} as const satisfies Option

export const CONFIG = {
  type: 'string',
  value: 'FILE',
  about: 'a rolemedic.config.json; default: the default settings',
} as const satisfies Option

export const FOLDER = {
  type: 'string',
  value: 'FOLDER',
  about: 'where the files go; default: the current folder',
} as const satisfies Option

export const LIVE = {
  type: 'boolean',
  about: 'read IAM with your AWS credentials instead of --account',
} as const satisfies Option

export const PROFILE = {
  type: 'string',
  value: 'P',
  about: 'with --live: the profile of the AWS configuration',
} as const satisfies Option

export const REGION = { type: 'string', value: 'R', about: 'with --live: the Region' } as const satisfies Option

/** For commands that act in the hub. */
export const HUB_PROFILE = described(
  PROFILE,
  'the AWS profile, of the account of the hub (default: the ordinary credentials)',
)
export const HUB_REGION = described(REGION, 'the Region of the hub (default: that of the environment or the profile)')

export const MESSAGE = {
  type: 'string',
  value: 'TEXT',
  about: 'instead of FILE: the error text on your screen, as it is, or a decoded message',
  read(text: string): string {
    if (text.trim() === '') throw new UsageError('--message is empty')
    return text
  },
} as const satisfies Option

export const LOG = {
  type: 'string',
  value: 'FILE',
  about:
    'instead of FILE: the log of a build or deploy, of any length; - is standard input. Prints every denial in it once, with its line number',
} as const satisfies Option

export const isCallerArn = (text: string): boolean => parseEntityArn(text) !== null || parseSessionArn(text) !== null

/** The ARN of a caller. */
export const AS = {
  type: 'string',
  value: 'ARN',
  about: 'who asks: a role, a user or a role session',
  read(text: string): string {
    if (!isCallerArn(text))
      throw new UsageError(`--as takes the ARN of a role, a user or a role session, not "${text}"`)
    return text
  },
} as const satisfies Option

export const TRAIL = {
  type: 'string',
  multiple: true,
  value: 'PATH',
  about:
    'CloudTrail files or folders around the denial, in any form (repeatable): whether it solved itself, and which write took the permission away',
} as const satisfies Option

export const AT = {
  type: 'string',
  value: 'TIME',
  about: 'the time to use as now, for time conditions and ages: 2026-11-24T03:00:00Z; UTC without a zone',
  read: text => timeOf('at', text),
} as const satisfies Option

/** The first time of a period. */
export const SINCE = {
  type: 'string',
  value: 'D',
  about: 'from this day or time on, like 2026-10-01; UTC without a zone',
  read: text => timeOf('since', text),
} as const satisfies Option

/** The end of a period, which is not part of it. */
export const UNTIL = {
  type: 'string',
  value: 'D',
  about: 'until the end of this day, or until this time, like 2026-12-31; UTC without a zone',
  read: text => timeOf('until', text) + (isDay(text) ? DAY_MS : 0),
} as const satisfies Option

/** A parameter of a template: its name and its value. */
export const PARAMETER = {
  type: 'string',
  multiple: true,
  value: 'K=V',
  about: 'a parameter of the template (repeatable); without it, its default',
  read(text: string): readonly [string, string] {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--parameter takes KEY=VALUE, not "${text}"`)
    return [text.slice(0, at), text.slice(at + 1)]
  },
} as const satisfies Option

export const JSON_FORM = { type: 'boolean', about: 'machine-readable output' } as const satisfies Option

const OUTPUT_FORMATS = ['text', 'json', ...CODE_FORMATS, 'markdown'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

export const FORMAT = {
  type: 'string',
  value: 'F',
  values: OUTPUT_FORMATS,
  about: OUTPUT_FORMATS.join(', '),
  read: oneOf('format', OUTPUT_FORMATS),
} as const satisfies Option

/** `--format` of commands whose output is always Markdown. */
export const CODE_FORMAT = {
  type: 'string',
  value: 'F',
  values: CODE_FORMATS,
  about: 'the language of the repository: terraform, cdk, cloudformation or cli; default: what its files tell',
  read: oneOf<CodeFormat>('format', CODE_FORMATS),
} as const satisfies Option

export const OUT = {
  type: 'string',
  value: 'FILE',
  about: 'also write a report as one HTML page',
  read(text: string): string {
    if (text === '' || text === '-') throw new UsageError('--out needs the name of a file')
    return text
  },
} as const satisfies Option

export const AUDIT_LOG = '.rolemedic/audit'

export const FROM = {
  type: 'string',
  value: 'DIR',
  about: `a folder or s3://bucket/prefix; default ${AUDIT_LOG}`,
} as const satisfies Option

export const TABLE = {
  type: 'string',
  value: 'NAME',
  about: 'the table that stores the head of the chain (default: next to the records)',
} as const satisfies Option

export const ACTION = {
  type: 'string',
  value: 'A',
  values: ACTIONS.map(({ name }) => name),
  about: `what is asked: ${ACTIONS.map(({ name }) => name).join(', ')}`,
  read(text: string) {
    const action = actionWithOrWithoutPrefix(text)
    if (action === null) throw new UsageError(`${ACTION_NEEDED}, not "${text}"`)
    return action
  },
} as const satisfies Option

export const ACTION_NEEDED = `--action takes ${ACTIONS.map(({ name }) => name).join(', ')}`

type IamValues = {
  readonly account: readonly string[]
  readonly org: string | null
  readonly live: boolean
  readonly profile: string | null
  readonly region: string | null
}

/** Throws UsageError. `comparing`: with `--live`, the files are an earlier reading of the account. */
export function iamOptions(values: IamValues, comparing: 'comparing' | null = null): IamSource {
  if (values.live && values.account.length > 0 && comparing === null)
    throw new UsageError('give --live or --account FILE, not both')
  return { accounts: values.account, org: values.org, live: liveOptions(values) }
}

/**
 * Throws UsageError for a profile or a Region that nothing would use. For a command whose `--region` has a further meaning,
 * omit the Region.
 */
export function liveOptions(values: Pick<IamValues, 'live' | 'profile' | 'region'>): IamSource['live'] {
  const { live, profile, region } = values
  if (live) return { profile, region }
  if (profile !== null || region !== null) throw new UsageError('--profile and --region need --live')
  return null
}

/** Throws UsageError. `isJson`: `--json`, the short form of `--format json`. */
export function outputFormat(format: OutputFormat | null, isJson: boolean): OutputFormat {
  if (isJson && format !== null && format !== 'json')
    throw new UsageError(`give --json or --format ${format}, not both`)
  return format ?? (isJson ? 'json' : 'text')
}

/** For options with a fixed list of values. */
export function oneOf<const T extends string>(name: string, values: readonly T[]): (text: string) => T {
  return text => {
    const found = values.find(one => one === text)
    if (found === undefined) throw new UsageError(`--${name} takes ${values.join(', ')}, not "${text}"`)
    return found
  }
}

function timeOf(option: string, text: string): number {
  const ms = parseTime(text)
  if (ms === null) throw new UsageError(`--${option} takes a time like 2026-11-24T03:00:00Z, not "${text}"`)
  return ms
}

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text)
