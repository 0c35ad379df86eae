import { UsageError } from '../../core/base/index.ts'
import type { Description, Options } from '../command.ts'
import { ACCOUNT, CONFIG, described, ORG } from '../options.ts'
import { parseArguments } from '../parse-arguments.ts'

export type StartArguments = {
  readonly help: boolean
  readonly once: boolean
  /** Event files; the sample events if empty. */
  readonly events: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  /** Null: the file of the current folder, or else the sample configuration. */
  readonly config: string | null
  /** Null: `.rolemedic`, or with `--once` a temporary folder. */
  readonly state: string | null
  readonly port: number
  /** Slack users who approve, in turn; `--once` only. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
}

/** Read by default from the current folder. */
export const CONFIG_FILE = 'rolemedic.config.json'

const OPTIONS = {
  once: { type: 'boolean', about: 'print every step for one denial, or for a failed deploy and its cause, and exit' },
  account: ACCOUNT,
  org: ORG,
  config: described(CONFIG, 'default: rolemedic.config.json of this folder, or else the sample configuration'),
  state: {
    type: 'string',
    value: 'DIR',
    about:
      'the folder for proposals, audit log and account copies (default .rolemedic; --once keeps nothing unless given)',
  },
  port: { type: 'string', value: 'N', about: 'the port of the web page; default 4242', read: readPort },
  'approve-as': {
    type: 'string',
    multiple: true,
    value: 'USER',
    about: 'with --once: who approves; repeat it if two must approve',
    read: readApprovers,
  },
  revert: { type: 'boolean', about: 'with --once: revert the change at the end' },
} as const satisfies Options

export const START: Description = {
  name: 'start',
  usage: [
    ['rolemedic start [EVENT.json]... [options]', 'the bot with a web page on http://127.0.0.1:4242'],
    ['rolemedic start --once [EVENT.json]... [options]', 'every step for one denial, without a browser'],
  ],
  about: [],
  operands: [['EVENT.json', 'your own events in the order they happened; default: the samples']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic start',
      about: 'opens no browser: the address is printed',
      notRun: 'runs until Ctrl-C; the test of the web page starts it',
    },
    { run: 'rolemedic start --once', about: 'prints every step for one denial', notRun: null },
    {
      run: 'rolemedic start --once --approve-as U0ONCALL1 --revert',
      about: 'approves, applies and reverts the change',
      notRun: null,
    },
  ],
  exitCodes: [
    [0, 'done; with --once: the denied call is allowed at the end (with --revert: denied again)'],
    [1, 'with --once: it is not'],
    [2, 'usage or unreadable input'],
  ],
  outputs: [],
}

export function parseStartArguments(args: readonly string[]): StartArguments {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic start --help')
  const { help, once, account, org, config, state, port, revert } = values
  const approveAs = values['approve-as'].flat()
  if (once && port !== null) throw new UsageError('--port is for the web page, which --once does not start')
  if (!once && (approveAs.length > 0 || revert)) {
    throw new UsageError('--approve-as and --revert need --once: without it, use the web page')
  }
  if (revert && approveAs.length === 0)
    throw new UsageError('--revert needs --approve-as: only an applied change can be reverted')
  return {
    help,
    once,
    events: positionals,
    accounts: account,
    org,
    config,
    state,
    port: port ?? 4242,
    approveAs,
    revert,
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UsageError('--port takes a number from 0 to 65535')
  return port
}

function readApprovers(text: string): readonly string[] {
  const users = text.split(',').map(user => user.trim())
  if (users.includes('')) throw new UsageError('--approve-as takes a Slack user id, such as U0ONCALL1')
  return users
}
