import { UsageError } from '../../core/base/index.ts'
import { type Description, EXIT_CODES, type Options } from '../command.ts'
import { OUTPUT_FORMATS, type OutputFormat, outputFormat } from '../output-format.ts'
import { parseArguments } from '../parse-arguments.ts'
import { AT, givenTime } from '../time-option.ts'

export type DiagnoseArguments = {
  readonly help: boolean
  /** A file, or `-` for standard input; null with `message` or `log`. */
  readonly file: string | null
  /** A file with the log of a build or deploy, or `-` for standard input. */
  readonly log: string | null
  readonly message: string | null
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: string | null
  readonly live: { readonly profile: string | null; readonly region: string | null } | null
  readonly withGetRole: boolean
  /** Null for the current time. */
  readonly atMs: number | null
  readonly format: OutputFormat
}

export const NO_INPUT = 'give a FILE, -, --log FILE or --message TEXT'
const HINT = '(rolemedic diagnose --help)'

const OPTIONS = {
  message: {
    type: 'string',
    value: 'TEXT',
    about: 'instead of FILE: the error text on your screen, as it is, or a decoded message',
  },
  log: {
    type: 'string',
    value: 'FILE',
    about:
      'instead of FILE: the log of a build or deploy, of any length; - is standard input. Prints every denial in it once, with its line number',
  },
  account: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
  },
  org: { type: 'string', value: 'FILE', about: 'the organization with its service and resource control policies' },
  config: { type: 'string', value: 'FILE', about: 'a rolemedic.config.json; default: the default settings' },
  live: {
    type: 'boolean',
    about: 'read IAM (and Organizations, if allowed) with your AWS credentials instead of --account',
  },
  profile: { type: 'string', value: 'P', about: 'with --live: the profile of the AWS configuration' },
  region: { type: 'string', value: 'R', about: 'with --live: the Region' },
  'with-get-role': { type: 'boolean', about: 'also allow iam:GetRole on the same role in a PassRole patch' },
  at: AT,
  json: { type: 'boolean', about: '--format json' },
  format: {
    type: 'string',
    value: 'F',
    values: OUTPUT_FORMATS,
    about:
      'text; json: one object per denial, one per line; terraform, cdk, cloudformation or cli: the change as code; markdown: a comment for a pull request',
  },
} as const satisfies Options

export const DIAGNOSE: Description = {
  name: 'diagnose',
  usage: [['rolemedic diagnose [FILE|-] [options]', '']],
  about: [],
  operands: [
    [
      'FILE',
      'a CloudTrail record or log file, an EventBridge or SQS event, the output of aws cloudtrail lookup-events, or JSON Lines of these; the output of aws sts decode-authorization-message; - is standard input',
    ],
  ],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic diagnose --message "User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task"',
      about: 'the error text on the screen; says what it would need to see for a proof',
      notRun: null,
    },
    {
      run: 'rolemedic diagnose event.json --account account.json',
      about: 'a CloudTrail record against the policies of the account',
      notRun: null,
    },
    {
      run: 'rolemedic diagnose event.json --account account.json --format terraform',
      about: 'the change as Terraform',
      notRun: null,
    },
    { run: 'rolemedic diagnose --log build.log --json', about: 'every denial in a log, for a program', notRun: null },
    {
      run: 'rolemedic diagnose --live --profile prod event.json',
      about: 'reads IAM with your credentials and changes nothing',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['diagnosis'],
}

export function parseDiagnoseArguments(args: readonly string[]): DiagnoseArguments {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic diagnose --help')
  const { message = null, log = null, account = [], org = null, config = null, live = false, profile, region } = values
  const [file = null] = positionals
  if (values.help !== true) {
    if (positionals.length > 1) throw new UsageError(`diagnose takes one FILE, not ${positionals.length} ${HINT}`)
    const inputs = [file, message, log].filter(input => input !== null).length
    if (inputs > 1)
      throw new UsageError(
        `give a FILE, ${log === null ? '' : '--log '}or --message, not ${inputs === 2 ? 'both' : 'all'} ${HINT}`,
      )
    if (inputs === 0) throw new UsageError(`${NO_INPUT} ${HINT}`)
    if (message?.trim() === '') throw new UsageError(`--message is empty ${HINT}`)
    if (live && account.length > 0) throw new UsageError(`give --live or --account FILE, not both ${HINT}`)
    if (!live && (profile ?? region) !== undefined) throw new UsageError(`--profile and --region need --live ${HINT}`)
  }
  return {
    help: values.help ?? false,
    file,
    message,
    log,
    accounts: account,
    org,
    config,
    live: live ? { profile: profile ?? null, region: region ?? null } : null,
    withGetRole: values['with-get-role'] ?? false,
    atMs: givenTime(values.at, HINT),
    format: outputFormat(values.format, values.json ?? false, HINT),
  }
}
