/** Completion of commands, options and their values for a shell. */
import { UsageError } from '../../../core/base/index.ts'
import { type Command, type Description, type Documented, EXIT_CODES, helpText } from '../../command.ts'
import { completionScript, SHELLS } from '../../completion-script.ts'
import type { Io } from '../../io.ts'
import { parseArguments } from '../../parse-arguments.ts'

const DESCRIPTION: Description = {
  name: 'completion',
  usage: [['rolemedic completion bash|zsh|fish', '']],
  about: [
    'Prints a script that completes commands, options and their values. bash: add "source <(rolemedic completion bash)" to ~/.bashrc. zsh: add "source <(rolemedic completion zsh)" to ~/.zshrc, or write it as _rolemedic to a folder in $fpath. fish: write it to ~/.config/fish/completions/rolemedic.fish.',
  ],
  operands: [],
  subcommands: SHELLS,
  options: {},
  examples: [{ run: 'rolemedic completion bash', about: 'the script for bash', notRun: null }],
  exitCodes: EXIT_CODES,
  outputs: [],
}

/** `all`: every command, which this one alone needs to know. */
export const completionCommand = (all: () => Promise<readonly Documented[]>): Command => ({
  DESCRIPTION,
  run: (args, io) => run(args, io, all),
})

async function run(args: readonly string[], io: Io, all: () => Promise<readonly Documented[]>): Promise<number> {
  const { values, positionals } = parseArguments(args, {}, 'rolemedic completion --help')
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const shell = SHELLS.find(one => one === positionals[0])
  if (shell === undefined || positionals.length > 1)
    throw new UsageError(`completion takes one shell: ${SHELLS.join(', ')}`)
  io.out(completionScript(shell, await all()))
  return 0
}
