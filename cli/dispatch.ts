/** Runs the command named on the command line, and turns errors into one line and an exit code. */
import { UsageError } from '../core/base/index.ts'
import type { Command } from './command.ts'
import { COMMAND_NAMES, COMMANDS } from './commands.ts'
import { exitCodeOf, type Io } from './io.ts'
import { nearest } from './nearest.ts'
import { docsPage } from './version.ts'

const help = (): string => `rolemedic <command>
rolemedic FILE|TEXT         diagnoses a file or a text, as "… | rolemedic" does with standard input

${COMMAND_NAMES.map(name => `  ${name.padEnd(16)}${COMMANDS[name].summary}`).join('\n')}

  --help, --version   "rolemedic diagnose --help" or "rolemedic help diagnose" explains the options of a command

Exit codes: 0 done, 1 a check failed, 2 usage or unreadable input, 3 nothing in the input is ours.

Pages that a text names docs/…: ${docsPage('README.md')}
`

export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  return exitCodeOf(io, async () => {
    const [first = '', second = ''] = args
    if (first === 'help' && second !== '' && !second.startsWith('-')) {
      if (commandNamed(second) === undefined) throw unknownCommand(second)
      return await dispatch([...args.slice(1), '--help'], io)
    }
    if (['help', '--help', '-h'].includes(first)) {
      io.out(help())
      return 0
    }
    const named = commandNamed(['--version', '-v'].includes(first) ? 'version' : first)
    if (named !== undefined) {
      const command: Command = await COMMANDS[named].load()
      return await command.run(args.slice(1), io)
    }
    const { withoutCommand } = await import('./commands/diagnose.ts')
    return await withoutCommand(unknownCommand, help).run(args, io)
  })
}

const commandNamed = (text: string) => COMMAND_NAMES.find(name => name === text)

function unknownCommand(word: string): UsageError {
  if (commandNamed(word) !== undefined) return new UsageError(`options stand behind the command: rolemedic ${word} …`)
  if (/[./\\]/.test(word)) return new UsageError(`${word}: no such file, and no command (rolemedic --help lists them)`)
  const near = nearest(word, COMMAND_NAMES)
  const advice = near === null ? 'rolemedic --help lists the commands' : `did you mean ${near}?`
  return new UsageError(`unknown command "${word}" (${advice})`)
}
