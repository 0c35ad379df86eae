/** Completion of commands, options and their values for a shell. */
import { UsageError } from '../../../core/base/index.ts'
import { type Command, type Documented, EXIT_CODES } from '../../command.ts'
import { completionScript, SHELLS } from '../../completion-script.ts'
import { defineCommand } from '../../define-command.ts'

/** `all`: every command. No other command needs the list. */
export const completionCommand = (all: () => Promise<readonly Documented[]>): Command =>
  defineCommand({
    name: 'completion',
    usage: [['rolemedic completion bash|zsh|fish|powershell', '']],
    about: [
      'Prints a script that completes commands, options and their values. bash: add "source <(rolemedic completion bash)" to ~/.bashrc. zsh: add "source <(rolemedic completion zsh)" to ~/.zshrc, or write it as _rolemedic to a folder in $fpath. fish: write it to ~/.config/fish/completions/rolemedic.fish. PowerShell: add "rolemedic completion powershell | Out-String | Invoke-Expression" to $PROFILE (not run by the tests).',
    ],
    operands: [['SHELL', SHELLS.join(', ')]],
    subcommands: SHELLS,
    options: {},
    examples: [{ run: 'rolemedic completion bash', about: 'the script for bash', notRun: null }],
    exitCodes: EXIT_CODES,
    outputs: [],
    takes: 1,
    ask({ positionals: [name] }) {
      const shell = SHELLS.find(one => one === name)
      if (shell === undefined) throw new UsageError(`completion takes one shell: ${SHELLS.join(', ')}`)
      return shell
    },
    async answer(shell, io) {
      io.data(completionScript(shell, await all()))
      return 0
    },
  })
