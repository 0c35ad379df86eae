import { UsageError } from '../../core/base/index.ts'
import type { Description, Options } from '../command.ts'
import { parseArguments } from '../parse-arguments.ts'
import { isS3, type Live } from '../use-cases/backtest/s3-paths.ts'

export type BacktestArguments = {
  readonly help: boolean
  readonly paths: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: string | null
  readonly live: Live | null
  readonly out: string | null
  readonly json: boolean
}

export const NO_PATH = 'give a PATH: CloudTrail files, folders of them, or s3://bucket/prefix with --live'
const HINT = '(rolemedic backtest --help)'

const OPTIONS = {
  account: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
  },
  org: { type: 'string', value: 'FILE', about: 'the organization with its service and resource control policies' },
  config: { type: 'string', value: 'FILE', about: 'a rolemedic.config.json; default: the default settings' },
  live: { type: 'boolean', about: 'read s3://… with your AWS credentials' },
  profile: { type: 'string', value: 'P', about: 'with --live: the profile of the AWS configuration' },
  region: { type: 'string', value: 'R', about: 'with --live: the Region of the bucket' },
  out: { type: 'string', value: 'FILE', about: 'also write a report as one HTML page' },
  json: { type: 'boolean', about: 'machine-readable output' },
} as const satisfies Options

export const BACKTEST: Description = {
  name: 'backtest',
  usage: [['rolemedic backtest PATH... [options]', '']],
  about: [
    'What the bot would have done with the past: how many cards on which days, for which causes, and how often its evaluation agrees with what AWS answered. It changes nothing and sends nothing. Records are streamed: a year needs no more memory than a day.',
  ],
  operands: [
    [
      'PATH',
      'a CloudTrail file, a folder (every file in it is read, whatever its name, packed or not; what holds no record is named), the output of aws cloudtrail lookup-events, or s3://bucket/prefix with --live',
    ],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic backtest events/ecs-register-task-definition.json --account events/accounts/orders-dev.json',
      about: 'one record against the policies of its account',
      notRun: null,
    },
    {
      run: 'rolemedic backtest events --account events/accounts/orders-dev.json --out backtest.html',
      about: 'a folder of records, with a report',
      notRun: null,
    },
    {
      run: 'rolemedic backtest s3://my-trail/AWSLogs/ --live --json',
      about: 'straight from the bucket',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'done'],
    [2, 'usage or unreadable input; no record, and a file that was not read'],
    [3, 'no record, or none that passes or assumes a role'],
  ],
  outputs: ['backtest'],
}

export function parseBacktestArguments(args: readonly string[]): BacktestArguments {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic backtest --help')
  const { account = [], org = null, config = null, live = false, profile, region, out = null } = values
  if (values.help !== true) {
    if (positionals.length === 0) throw new UsageError(`${NO_PATH} ${HINT}`)
    const bucket = positionals.find(isS3)
    if (bucket !== undefined && !live)
      throw new UsageError(`${bucket}: add --live to read it with your AWS credentials ${HINT}`)
    if (live && bucket === undefined) throw new UsageError(`--live is for s3://bucket/prefix ${HINT}`)
    if (!live && (profile ?? region) !== undefined) throw new UsageError(`--profile and --region need --live ${HINT}`)
    if (out === '') throw new UsageError(`--out needs the name of a file ${HINT}`)
  }
  return {
    help: values.help ?? false,
    paths: positionals,
    accounts: account,
    org,
    config,
    live: live ? { profile: profile ?? null, region: region ?? null } : null,
    out,
    json: values.json ?? false,
  }
}
