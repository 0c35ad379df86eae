/** The bot on this machine with a web page; with `--once`, one denial through every step. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { never, UsageError } from '../../core/base/index.ts'
import type { Command, Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { type Io, notes, oneLine } from '../io.ts'
import { ACCOUNT, CONFIG, described, ORG } from '../options.ts'
import type { ParsedArguments } from '../parse-arguments.ts'
import type { ExplainDeployAnswer } from '../use-cases/explain-deploy/explain-deploy.ts'
import type { OnceQuestion, ServeQuestion } from '../use-cases/start/question.ts'
import type { Running } from '../use-cases/start/serve.ts'

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

export type StartWanted = Omit<OnceQuestion & ServeQuestion, 'state'> & {
  readonly once: boolean
  /** Null: `.rolemedic`, or with `--once` a temporary folder. */
  readonly state: string | null
}

/** Tests replace `start`. */
export const startWith = (start: (wanted: StartWanted, io: Io) => Promise<number>): Command =>
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

export const startCommand = startWith((wanted, io) => (wanted.once ? once(wanted, io) : serve(wanted, io)))

function wanted({ values, positionals: events }: ParsedArguments<typeof OPTIONS>): StartWanted {
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

async function once(wanted: StartWanted, io: Io): Promise<number> {
  const [{ runOnce }, { printOnce }] = await Promise.all([
    import('../use-cases/start/once.ts'),
    import('../formats/start/once-printer.ts'),
  ])
  const state = wanted.state ?? temporaryFolder()
  const end = await printOnce(runOnce({ ...wanted, state }, await startWorld(state, io)), io, wanted.state)
  switch (end.kind) {
    case 'followed':
      return end.asWanted ? 0 : 1
    case 'no-proposal':
      io.err(oneLine('the denial was recorded, but no proposal was created'))
      return 1
    case 'not-ours':
    case 'unreadable':
      io.err(oneLine(end.why))
      return end.kind === 'not-ours' ? 3 : 2
    default:
      return never(end)
  }
}

async function serve(wanted: StartWanted, io: Io): Promise<number> {
  const { servePage } = await import('../use-cases/start/serve.ts')
  const running: Running[] = []
  const close = async () => {
    for (const one of running.splice(0).toReversed()) await one.close()
  }
  endOnSignal(close)
  const state = wanted.state ?? '.rolemedic'
  try {
    const world = {
      ...(await startWorld(state, io)),
      explanation,
      keep: (one: Running) => void running.push(one),
    }
    const page = await servePage({ ...wanted, state }, world)
    notes(page.warnings, io)
    io.out(`rolemedic is at ${page.url} (state in ${state}, Ctrl-C stops it)\n`)
    await page.work()
  } catch (error) {
    await close()
    throw error
  }
  return 0
}

export async function explanation(answer: ExplainDeployAnswer | null): Promise<string> {
  if (answer === null) return 'It did not fail: nothing in the text reports a failure.'
  const { explainDeployText } = await import('../formats/explain-deploy/text-output.ts')
  return explainDeployText(answer, { colour: false })
}

/** Without --state, each run starts empty and keeps nothing. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An error that no caller sees ends the process: the embedded store throws outside of any promise chain. */
async function startWorld(state: string, io: Io) {
  const [{ stateFolderError }, { quietObserver }] = await Promise.all([
    import('../../simulator/state-folder.ts'),
    import('../formats/start/quiet-observer.ts'),
  ])
  const onFault = (error: unknown) => {
    const fault = stateFolderError(error, state)
    if (fault === null) return
    io.err(oneLine(fault.message))
    process.exit(2)
  }
  process.on('uncaughtException', error => {
    onFault(error)
    io.err(String(error.stack))
    process.exit(1)
  })
  return { readFile: io.readFile, nowMs: io.nowMs, observer: quietObserver(io), onFault }
}

/** How long Ctrl-C waits for running work, which ends with the process. The next start can continue from any point. */
const LAST_WORK_MS = 1_500

function endOnSignal(close: () => Promise<void>): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      Promise.race([close(), delay(LAST_WORK_MS)]).finally(() => process.exit(0))
    })
  }
}
