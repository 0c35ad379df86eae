import { UsageError } from '../../core/base/index.ts'
import { parseEntityArn, parseSessionArn } from '../../core/iam/index.ts'
import type { Description, Options } from '../command.ts'
import { OUTPUT_FORMATS, type OutputFormat, outputFormat } from '../output-format.ts'
import { parseArguments } from '../parse-arguments.ts'
import { AT, givenTime } from '../time-option.ts'

export type PreflightArguments = {
  readonly help: boolean
  readonly paths: readonly string[]
  /** The deploying principal; null if only the source can name it. */
  readonly as: string | null
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: string | null
  readonly live: { readonly profile: string | null; readonly region: string | null } | null
  readonly region: string | null
  readonly format: OutputFormat
  readonly parameters: ReadonlyMap<string, string>
  /** Null for the current time. */
  readonly atMs: number | null
}

const HINT = '(rolemedic preflight --help)'

const OPTIONS = {
  as: {
    type: 'string',
    value: 'ARN',
    about:
      "who deploys; without it the deploy role that the source names: the CDK's CloudFormation execution role, the role that a Terraform provider assumes",
  },
  account: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
  },
  org: { type: 'string', value: 'FILE', about: 'the organization, its service and resource control policies' },
  config: { type: 'string', value: 'FILE', about: 'a rolemedic.config.json; the defaults without it' },
  live: { type: 'boolean', about: 'read IAM with your AWS credentials instead of --account' },
  profile: { type: 'string', value: 'P', about: 'with --live: the profile of the AWS configuration' },
  region: { type: 'string', value: 'R', about: 'the Region that is deployed to' },
  parameter: {
    type: 'string',
    multiple: true,
    value: 'K=V',
    about: 'a parameter of the template (repeatable); without it, its default',
  },
  format: { type: 'string', value: 'F', values: OUTPUT_FORMATS, about: OUTPUT_FORMATS.join(', ') },
  at: AT,
  json: { type: 'boolean', about: '--format json' },
} as const satisfies Options

export const PREFLIGHT: Description = {
  name: 'preflight',
  usage: [['rolemedic preflight PATH... [options]', '']],
  about: [],
  operands: [
    [
      'PATH',
      'a CloudFormation or SAM template (JSON or YAML), a cdk.out folder, or the output of terraform show -json PLAN',
    ],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic preflight template.yaml --as arn:aws:iam::111122223333:role/deploy/pipeline-deploy --account account.json',
      about: 'a template, for a role that deploys it',
      notRun: null,
    },
    { run: 'rolemedic preflight cdk.out --live', about: 'a CDK app, against IAM', notRun: 'needs AWS credentials' },
  ],
  exitCodes: [
    [0, 'all is allowed'],
    [1, 'something is denied or unknown'],
    [2, 'unreadable'],
    [3, 'nothing is passed or assumed'],
  ],
  outputs: ['preflight'],
}

export function parsePreflightArguments(args: readonly string[]): PreflightArguments {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic preflight --help')
  const { as: principal = null, account = [], live = false, profile = null, region = null } = values
  if (values.help !== true) {
    if (positionals.length === 0) throw new UsageError(`give a PATH: a template, cdk.out or a plan ${HINT}`)
    if (live && account.length > 0) throw new UsageError(`give --live or --account FILE, not both ${HINT}`)
    if (!live && profile !== null) throw new UsageError(`--profile goes with --live ${HINT}`)
  }
  return {
    help: values.help ?? false,
    paths: positionals,
    as: principal === null ? null : principalArn(principal),
    accounts: account,
    org: values.org ?? null,
    config: values.config ?? null,
    live: live ? { profile, region } : null,
    region,
    format: outputFormat(values.format, values.json === true, HINT),
    parameters: new Map((values.parameter ?? []).map(parameterOf)),
    atMs: givenTime(values.at, HINT),
  }
}

function principalArn(text: string): string {
  if (parseEntityArn(text) === null && parseSessionArn(text) === null) {
    throw new UsageError(`--as takes the ARN of a role, a user or a role session, not "${text}" ${HINT}`)
  }
  return text
}

function parameterOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--parameter takes KEY=VALUE, not "${text}" ${HINT}`)
  return [text.slice(0, at), text.slice(at + 1)]
}
