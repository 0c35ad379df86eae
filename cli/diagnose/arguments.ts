import { UsageError } from '../../functions/domain/base/errors.ts'
import { type OutputFormat, outputFormat } from '../output-format.ts'
import { parseArguments } from '../parse-arguments.ts'

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

export const DIAGNOSE_HELP = `rolemedic diagnose [FILE|-] [options]

  FILE                 a CloudTrail record or log file, an EventBridge or SQS event, the output of
                       aws cloudtrail lookup-events, or JSON Lines of these; the output of
                       aws sts decode-authorization-message; - is standard input
  --message TEXT       instead of FILE: the error text on your screen, as it is, or a decoded message
  --log FILE           instead of FILE: the log of a build or deploy, of any length; - is standard input.
                       Prints every denial in it once, with its line number
  --account FILE       output of aws iam get-account-authorization-details, one per account (repeatable)
  --org FILE           the organization with its service and resource control policies
  --config FILE        a rolemedic.config.json; default: the default settings
  --live               read IAM (and Organizations, if allowed) with your AWS credentials instead of --account
  --profile P, --region R   with --live
  --with-get-role      also allow iam:GetRole on the same role in a PassRole patch
  --at TIME            the time to use as now, for time conditions and ages: 2026-11-24T03:00:00Z
  --format F           text; json: one object per denial, one per line (also --json); terraform, cdk,
                       cloudformation or cli: the change as code; markdown: a comment for a pull request
`

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/
export const NO_INPUT = 'give a FILE, -, --log FILE or --message TEXT'
const HINT = '(rolemedic diagnose --help)'

const OPTIONS = {
  message: { type: 'string' },
  log: { type: 'string' },
  account: { type: 'string', multiple: true },
  org: { type: 'string' },
  config: { type: 'string' },
  live: { type: 'boolean' },
  profile: { type: 'string' },
  region: { type: 'string' },
  'with-get-role': { type: 'boolean' },
  at: { type: 'string' },
  json: { type: 'boolean' },
  format: { type: 'string' },
} as const

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
    atMs: values.at === undefined ? null : timeMs(values.at),
    format: outputFormat(values.format, values.json ?? false, HINT),
  }
}

function timeMs(text: string): number {
  const ms = ISO_TIME.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new UsageError(`--at takes a time like 2026-11-24T03:00:00Z, not "${text}"`)
  return ms
}

/** Date.parse accepts a day that the month does not have, and returns one of the next month. */
function isDay(text: string): boolean {
  const ms = Date.parse(text)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
