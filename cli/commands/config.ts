import { UsageError } from '../../functions/domain/base/errors.ts'
import { configWarnings, parseConfig } from '../../functions/domain/config/check-config.ts'
import { type Io, oneLine } from '../io.ts'
import { parseArguments } from '../parse-arguments.ts'

const DEFAULT_FILE = 'rolemedic.config.json'
const HELP = `rolemedic config check [FILE|-] [--json]

Validates the configuration (default: ${DEFAULT_FILE}) and prints it with defaults filled in.
Each error names its place in the file. Exit code 1 if there are errors; with --json they are JSON on standard output.
`

const OPTIONS = { json: { type: 'boolean' } } as const

export async function run([command, ...args]: readonly string[], io: Io): Promise<number> {
  if (command === 'check') return check(args, io)
  if (command !== undefined && ![command, ...args].every(word => word === '--help' || word === '-h'))
    throw new UsageError('config takes "check" (rolemedic config --help)')
  io.out(HELP)
  return 0
}

async function check(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic config check --help')
  if (values.help) {
    io.out(HELP)
    return 0
  }
  const [file = DEFAULT_FILE, ...more] = positionals
  if (more.length > 0) throw new UsageError('config check takes one file')
  const config = parseConfig(file === '-' ? await io.readStdin() : await io.readFile(file))
  const name = file === '-' ? 'standard input' : file
  if (config.ok) {
    for (const warning of configWarnings(config.value)) io.err(oneLine(`${name}: warning: ${warning}`))
    io.out(`${JSON.stringify(config.value, null, 2)}\n`)
    return 0
  }
  if (values.json) io.out(`${JSON.stringify({ file: name, errors: config.error }, null, 2)}\n`)
  else for (const error of config.error) io.err(oneLine(`${name}: ${error}`))
  return 1
}
