import { UsageError } from '../../functions/domain/base/errors.ts'
import { configWarnings, parseConfig } from '../../functions/domain/config/check-config.ts'
import { type Io, oneLine } from '../io.ts'
import { parsedArguments } from '../parsed-arguments.ts'

const DEFAULT_FILE = 'rolemedic.config.json'
export const CONFIG_CHECK_HELP = `rolemedic config check [FILE|-] [--json]

Validates the configuration (${DEFAULT_FILE} when no FILE is given) and prints it with defaults filled in.
Each error comes with its place in the file. Exit code 1 when there is one; with --json, they are JSON on standard output.
`

const OPTIONS = { json: { type: 'boolean' } } as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parsedArguments(args, OPTIONS, 'rolemedic config check --help')
  if (values.help) {
    io.out(CONFIG_CHECK_HELP)
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
