import { UsageError } from '../../functions/domain/base/errors.ts'
import { parsedArguments } from '../parsed-arguments.ts'

export type StartArguments = {
  readonly help: boolean
  readonly once: boolean
  /** Files of events; the sample events when empty. */
  readonly events: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  readonly config: string
  /** Null: `.rolemedic`, and with `--once` a folder that is gone afterwards. */
  readonly state: string | null
  readonly port: number
  /** Slack users who approve, in turn; `--once` only. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
}

/** Read where it lies, without being named. */
export const CONFIG_FILE = 'rolemedic.config.json'

export const START_HELP = `npm start -- [EVENT.json]... [options]           the bot, with a page on http://127.0.0.1:4242
npm start -- --once [EVENT.json]... [options]    one denial through every step, printed; or a failed deploy
                                                 and what broke it, in the order of the files

  --account FILE      output of aws iam get-account-authorization-details, one per account (repeatable)
  --org FILE          organization, service and resource control policies
  --config FILE       default: rolemedic.config.json
  --state DIR         where proposals, audit and account copies are kept (default .rolemedic; --once keeps nothing unless given)
  --port N            of the page; default 4242
  --approve-as USER   with --once: who approves; repeat it where two must
  --revert            with --once: undo it again at the end`

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
  const { values, positionals } = parsedArguments(args, OPTIONS, 'npm start -- --help')
  const port = Number(values.port ?? '4242')
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError('--port takes a number from 0 to 65535')
  const once = values.once ?? false
  if (once && values.port !== undefined) throw new UsageError('--port is for the page, which --once does not open')
  if (!once && (values['approve-as'] !== undefined || values.revert)) {
    throw new UsageError('--approve-as and --revert go with --once: without it, use the page')
  }
  if (values.revert && values['approve-as'] === undefined)
    throw new UsageError('--revert needs --approve-as: nothing is undone that was not applied')
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
