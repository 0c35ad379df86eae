/** From the words on the command line to the command, and from what went wrong to one line and an exit code. */
import { readFileSync } from 'node:fs'
import { type Io, oneLine } from './io.ts'

/** 0 done, 1 a check said no, 2 usage or unreadable input, 3 nothing in the input is ours. */
type Command = { run(args: readonly string[], io: Io): Promise<number> }

/** Loaded when asked for, so that each starts without the weight of the others. */
const COMMANDS: { readonly [name: string]: () => Promise<Command> } = {
  diagnose: () => import('./commands/diagnose.ts'),
  comment: () => import('./commands/comment.ts'),
  patterns: () => import('./commands/patterns.ts'),
  match: () => import('./commands/match.ts'),
  audit: () => import('./commands/audit.ts'),
  'config check': () => import('./commands/config-check.ts'),
  config: () => import('./commands/config.ts'),
}

const HELP = `rolemedic <command>

  diagnose [FILE|-]     why an iam:PassRole or sts:AssumeRole was denied, and the smallest fix
  comment [FILE|-]      what diagnose --json printed, as a comment for a pull request
  patterns              the EventBridge patterns that the stacks deploy, as JSON
  match FILE            which of those patterns an event matches
  audit list|show ID|verify|report --out FILE.html
                        the record of what was seen, decided and changed, and whether it is whole
  config check [FILE]   validates the configuration and prints it with defaults filled in

  --help, --version     "rolemedic diagnose --help" explains the options of a command, as "rolemedic help diagnose" does

Exit codes: 0 done, 1 a check said no, 2 usage or unreadable input, 3 nothing in the input is ours.
`

export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  try {
    const [first = '', second = ''] = args
    if (first === 'help' && second !== '') return await dispatch([...args.slice(1), '--help'], io)
    if (args.length === 0 || ['help', '--help', '-h'].includes(first)) return say(HELP, io)
    if (first === '--version' || first === '-v') return say(`${version()}\n`, io)
    for (const [name, words] of [
      [`${first} ${second}`, 2],
      [first, 1],
    ] as const) {
      if (Object.hasOwn(COMMANDS, name)) return (await (await COMMANDS[name]?.())?.run(args.slice(words), io)) ?? 2
    }
    io.err(oneLine(`no command "${first}" (rolemedic --help lists them)`))
    return 2
  } catch (error) {
    io.progress(null)
    io.err(oneLine(error instanceof Error ? error.message : String(error)))
    return 2
  }
}

function say(text: string, io: Io): number {
  io.out(text)
  return 0
}

function version(): string {
  const packageFile = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
}
