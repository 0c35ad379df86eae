import { UsageError } from '../../core/base/index.ts'
import { configWarnings, parseDeployedConfig } from '../../functions/domain/config/index.ts'
import { type Description, EXIT_CODES, helpText, type Options } from '../command.ts'
import { type Io, oneLine, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { JSON_FORM } from '../options.ts'
import { parseArguments } from '../parse-arguments.ts'
import { inputName } from '../use-cases/world.ts'

const DEFAULT_FILE = 'rolemedic.config.json'

const OPTIONS = { json: JSON_FORM } as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'config',
  usage: [['rolemedic config check [FILE|-] [--json]', '']],
  about: [
    `Validates the configuration (default: ${DEFAULT_FILE}) and prints it with defaults filled in. Each error names its place in the file: also an id that is still the sample's. Exit code 1 if there are errors; with --json they are JSON on standard output.`,
  ],
  operands: [['FILE', `default: ${DEFAULT_FILE}`]],
  subcommands: ['check'],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic config check', about: 'the configuration in the current folder', notRun: null },
    { run: 'rolemedic config check --json my-config.json', about: 'for a program', notRun: null },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['config-check'],
}

export async function run([command, ...args]: readonly string[], io: Io): Promise<number> {
  if (command === 'check') return check(args, io)
  if (command !== undefined && ![command, ...args].every(word => word === '--help' || word === '-h'))
    throw new UsageError('config takes "check" (rolemedic config --help)')
  io.out(helpText(DESCRIPTION))
  return 0
}

async function check(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic config check --help')
  if (values.help) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const [file = DEFAULT_FILE, ...more] = positionals
  if (more.length > 0) throw new UsageError('config check takes one file')
  const given = await readGiven(file, io)
  const name = inputName(given)
  const parsed = parseDeployedConfig(given.text)
  if (parsed.ok) {
    const { config, isSample } = parsed.value
    for (const warning of configWarnings(config, { isSample })) io.err(oneLine(`${name}: warning: ${warning}`))
    io.out(`${jsonText(config, 2)}\n`)
    return 0
  }
  if (values.json) io.out(`${jsonText({ file: name, errors: parsed.error }, 2)}\n`)
  else for (const error of parsed.error) io.err(oneLine(`${name}: ${error}`))
  return 1
}
