import { UsageError } from '../../../core/base/index.ts'
import { EXIT_CODES } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import { nearest } from '../../nearest.ts'
import { OUTPUT_NAMES, outputSchemaText } from '../../outputs/outputs.ts'

/** The schema of the configuration file, which is input. */
const CONFIG = 'config'
const NAMES = [...OUTPUT_NAMES, CONFIG]

export const schemaCommand = defineCommand({
  name: 'schema',
  usage: [['rolemedic schema NAME', '']],
  about: ['Prints the JSON Schema of an output, or of the configuration file.', `NAME: ${NAMES.join(', ')}.`],
  operands: [['NAME', 'the output; without it, prints the names']],
  subcommands: NAMES,
  options: {},
  examples: [
    { run: 'rolemedic schema', about: 'the names', notRun: null },
    { run: 'rolemedic schema diagnosis', about: 'the schema of diagnose --json', notRun: null },
  ],
  exitCodes: EXIT_CODES,
  outputs: [],
  takes: 1,
  ask({ positionals: [name = null] }) {
    if (name === null || name === CONFIG) return name
    const known = OUTPUT_NAMES.find(one => one === name)
    if (known !== undefined) return known
    const near = nearest(name, NAMES)
    throw new UsageError(
      `no output is called "${name}": ${near === null ? `there are ${NAMES.join(', ')}` : `did you mean ${near}?`}`,
    )
  },
  async answer(name, io) {
    io.data(name === null ? `${NAMES.join('\n')}\n` : name === CONFIG ? await configSchema() : outputSchemaText(name))
    return 0
  },
})

async function configSchema(): Promise<string> {
  const { configJsonSchema } = await import('../../../functions/domain/config/config-json-schema.ts')
  return configJsonSchema()
}
