import { UsageError } from '../../core/base/index.ts'
import { EXIT_CODES, type Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { notes, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { JSON_FORM } from '../options.ts'
import { checkConfig } from '../use-cases/check-config.ts'
import { CONFIG_FILE } from '../use-cases/read-config.ts'
import { inputName } from '../use-cases/world.ts'

const OPTIONS = { json: JSON_FORM } as const satisfies Options

export const configCommand = defineCommand({
  name: 'config',
  usage: [['rolemedic config check [FILE|-] [--json]', '']],
  about: [
    `Validates the configuration (default: ${CONFIG_FILE}) and prints it with defaults filled in. Each error names its place in the file: also an id that is still the sample's. Exit code 1 if there are errors; with --json they are JSON on standard output.`,
  ],
  operands: [['FILE', `default: ${CONFIG_FILE}`]],
  subcommands: ['check'],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic config check', about: 'the configuration in the current folder', notRun: null },
    { run: 'rolemedic config check --json my-config.json', about: 'for a program', notRun: null },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['config-check'],
  noInput: null,
  takes: 2,
  ask({ values: { json }, positionals: [command, file = CONFIG_FILE] }) {
    if (command !== 'check') throw new UsageError('config takes "check"')
    return { file, json }
  },
  async answer({ file, json }, io) {
    const given = await readGiven(file, io)
    const name = inputName(given)
    const checked = checkConfig(given.text)
    if (checked.ok) {
      notes(
        checked.value.warnings.map(warning => `${name}: warning: ${warning}`),
        io,
      )
      io.out(`${jsonText(checked.value.config, 2)}\n`)
      return 0
    }
    if (json) io.out(`${jsonText({ file: name, errors: checked.error }, 2)}\n`)
    else
      notes(
        checked.error.map(error => `${name}: ${error}`),
        io,
      )
    return 1
  },
})
