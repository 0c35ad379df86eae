import { UsageError } from '../../../core/base/index.ts'
import { type Description, EXIT_CODES, helpText } from '../../command.ts'
import type { Io } from '../../io.ts'
import { version } from '../../version.ts'

export const DESCRIPTION: Description = {
  name: 'version',
  usage: [['rolemedic version', '']],
  about: ['Prints the version, as --version does.'],
  operands: [],
  subcommands: [],
  options: {},
  examples: [{ run: 'rolemedic version', about: 'the version', notRun: null }],
  exitCodes: EXIT_CODES,
  outputs: [],
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  if (args.some(arg => arg !== '--help' && arg !== '-h')) throw new UsageError('version takes no arguments')
  io.out(args.length > 0 ? helpText(DESCRIPTION) : `${version()}\n`)
  return 0
}
