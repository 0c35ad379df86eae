import { UsageError } from '../../functions/domain/base/errors.ts'
import { parseArguments } from '../parse-arguments.ts'

export type StartArguments = {
  readonly help: boolean
  readonly once: boolean
  /** Event files; the sample events if empty. */
  readonly events: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: string
  /** Null: `.rolemedic`, or with `--once` a temporary folder. */
  readonly state: string | null
  readonly port: number
  /** Slack users who approve, in turn; `--once` only. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
}

/** Read by default from the current folder. */
export const CONFIG_FILE = 'rolemedic.config.json'

export const START_HELP = `npm start -- [EVENT.json]... [options]           the bot with a web page on http://127.0.0.1:4242
npm start -- --once [EVENT.json]... [options]    prints every step for one denial; or for a failed deploy
                                                 and its cause, in the order of the files

  --account FILE      output of aws iam get-account-authorization-details, one per account (repeatable)
  --org FILE          the organization with its service and resource control policies
  --config FILE       default: rolemedic.config.json
  --state DIR         the folder for proposals, audit log and account copies (default .rolemedic; --once keeps nothing unless given)
  --port N            the port of the web page; default 4242
  --approve-as USER   with --once: who approves; repeat it if two must approve
  --revert            with --once: revert the change at the end`

const OPTIONS = {
  once: { type: 'boolean' },
  account: { type: 'string', multiple: true },
  org: { type: 'string' },
  config: { type: 'string' },
  state: { type: 'string' },
  port: { type: 'string' },
  'approve-as': { type: 'string', multiple: true },
  revert: { type: 'boolean' },
} as const

export function parseStartArguments(args: readonly string[]): StartArguments {
  const { values, positionals } = parseArguments(args, OPTIONS, 'npm start -- --help')
  const port = Number(values.port ?? '4242')
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError('--port takes a number from 0 to 65535')
  const once = values.once ?? false
  if (once && values.port !== undefined) throw new UsageError('--port is for the web page, which --once does not start')
  if (!once && (values['approve-as'] !== undefined || values.revert)) {
    throw new UsageError('--approve-as and --revert need --once: without it, use the web page')
  }
  if (values.revert && values['approve-as'] === undefined)
    throw new UsageError('--revert needs --approve-as: only an applied change can be reverted')
  const approveAs = (values['approve-as'] ?? []).flatMap(users => users.split(',').map(user => user.trim()))
  if (approveAs.includes('')) throw new UsageError('--approve-as takes a Slack user id, such as U0ONCALL1')
  return {
    help: values.help ?? false,
    once,
    events: positionals,
    accounts: values.account ?? [],
    org: values.org ?? null,
    config: values.config ?? CONFIG_FILE,
    state: values.state ?? null,
    port,
    approveAs,
    revert: values.revert ?? false,
  }
}
