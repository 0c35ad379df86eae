/** Runs the command named on the command line, and turns errors into one line and an exit code. */
import { readFileSync } from 'node:fs'
import { type Io, oneLine } from './io.ts'

/** Exit codes: 0 done, 1 a check failed, 2 usage or unreadable input, 3 nothing in the input is ours. */
type Command = { run(args: readonly string[], io: Io): Promise<number> }

/** Lazy imports, so that each command starts without loading the others. */
const COMMANDS: { readonly [name: string]: () => Promise<Command> } = {
  diagnose: () => import('./commands/diagnose.ts'),
  preflight: () => import('./commands/preflight.ts'),
  comment: () => import('./commands/comment.ts'),
  patterns: () => import('./commands/patterns.ts'),
  match: () => import('./commands/match.ts'),
  audit: () => import('./commands/audit.ts'),
  config: () => import('./commands/config.ts'),
}

const HELP = `rolemedic <command>

  diagnose [FILE|-]     why an iam:PassRole or sts:AssumeRole was denied, and the smallest fix
  preflight PATH...     what a deploy will pass or assume, before it runs, against what is live
  comment [FILE|-]      the output of diagnose --json as a comment for a pull request
  patterns              the EventBridge patterns that the stacks deploy, as JSON
  match FILE            which of those patterns an event matches
  audit list|show ID|verify|report --out FILE.html
                        the log of what was seen, decided and changed, and whether it is intact
  config check [FILE]   validates the configuration and prints it with defaults filled in

  --help, --version     "rolemedic diagnose --help" or "rolemedic help diagnose" explains the options of a command

Exit codes: 0 done, 1 a check failed, 2 usage or unreadable input, 3 nothing in the input is ours.
`

export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  try {
    const [first = '', second = ''] = args
    if (first === 'help' && second !== '') return await dispatch([...args.slice(1), '--help'], io)
    if (args.length === 0 || ['help', '--help', '-h'].includes(first)) return print(HELP, io)
    if (first === '--version' || first === '-v') return print(`${version()}\n`, io)
    if (Object.hasOwn(COMMANDS, first)) return (await (await COMMANDS[first]?.())?.run(args.slice(1), io)) ?? 2
    io.err(oneLine(`unknown command "${first}" (rolemedic --help lists the commands)`))
    return 2
  } catch (error) {
    io.progress(null)
    io.err(oneLine(error instanceof Error ? error.message : String(error)))
    return 2
  }
}

function print(text: string, io: Io): number {
  io.out(text)
  return 0
}

function version(): string {
  const packageFile = new URL('../package.json', import.meta.url)
  const manifest: unknown = JSON.parse(readFileSync(packageFile, 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : ''
}
