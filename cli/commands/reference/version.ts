import { EXIT_CODES } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import { version } from '../../version.ts'

export const versionCommand = defineCommand({
  name: 'version',
  usage: [['rolemedic version', '']],
  about: ['Prints the version, as --version does.'],
  operands: [],
  subcommands: [],
  options: {},
  examples: [{ run: 'rolemedic version', about: 'the version', notRun: null }],
  exitCodes: EXIT_CODES,
  outputs: [],
  takes: 0,
  ask: () => null,
  async answer(_, io) {
    io.out(`${version()}\n`)
    return 0
  },
})
