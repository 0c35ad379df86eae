/** The bot on this machine with a web page; with `--once`, one denial through every step. */
import { UsageError } from '../../core/base/index.ts'
import type { Command, Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import type { Io } from '../io.ts'
import { ACCOUNT, CONFIG, described, ORG } from '../options.ts'
import type { ParsedArguments } from '../parse-arguments.ts'
import type { StartQuestion } from '../start/question.ts'

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

/** Tests replace `start`. */
export const startWith = (start: (question: StartQuestion, io: Io) => Promise<number>): Command =>
  defineCommand({
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
    takes: Number.POSITIVE_INFINITY,
    ask: wanted,
    answer: start,
  })

export const startCommand = startWith(async (question, io) => {
  const { start } = await import('../start/main.ts')
  return start(question, io)
})

function wanted({ values, positionals: events }: ParsedArguments<typeof OPTIONS>): StartQuestion {
  const { once, account: accounts, org, config, state, port, revert } = values
  const approveAs = values['approve-as'].flat()
  if (once && port !== null) throw new UsageError('--port is for the web page, which --once does not start')
  if (!once && (approveAs.length > 0 || revert)) {
    throw new UsageError('--approve-as and --revert need --once: without it, use the web page')
  }
  if (revert && approveAs.length === 0)
    throw new UsageError('--revert needs --approve-as: only an applied change can be reverted')
  return { once, events, accounts, org, config, state, port: port ?? 4242, approveAs, revert }
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
