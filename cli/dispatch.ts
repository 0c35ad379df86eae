/** Runs the command named on the command line, and turns errors into one line and an exit code. */
import type { Command } from './command.ts'
import { COMMAND_NAMES, COMMANDS } from './commands.ts'
import { exitCodeOf, type Io, oneLine } from './io.ts'
import { nearest } from './nearest.ts'

const help = (): string => `rolemedic <command>

${COMMAND_NAMES.map(name => `  ${name.padEnd(16)}${COMMANDS[name].summary}`).join('\n')}

  --help, --version   "rolemedic diagnose --help" or "rolemedic help diagnose" explains the options of a command

Exit codes: 0 done, 1 a check failed, 2 usage or unreadable input, 3 nothing in the input is ours.
`

export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  return exitCodeOf(io, async () => {
    const [first = '', second = ''] = args
    if (first === 'help' && second !== '') return await dispatch([...args.slice(1), '--help'], io)
    if (args.length === 0 || ['help', '--help', '-h'].includes(first)) {
      io.out(help())
      return 0
    }
    const named = COMMAND_NAMES.find(name => name === (['--version', '-v'].includes(first) ? 'version' : first))
    if (named === undefined) {
      const near = nearest(first, COMMAND_NAMES)
      const advice = near === null ? 'rolemedic --help lists the commands' : `did you mean ${near}?`
      io.err(oneLine(`unknown command "${first}" (${advice})`))
      return 2
    }
    const command: Command = await COMMANDS[named].load()
    return await command.run(args.slice(1), io)
  })
}
