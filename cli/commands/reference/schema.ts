import { UsageError } from '../../../core/base/index.ts'
import { type Description, EXIT_CODES, helpText } from '../../command.ts'
import { type Io, missingInput } from '../../io.ts'
import { nearest } from '../../nearest.ts'
import { OUTPUT_NAMES, outputSchemaText } from '../../outputs/outputs.ts'
import { parseArguments } from '../../parse-arguments.ts'

/** The schema of the configuration file, which is input. */
const CONFIG = 'config'
const NAMES = [...OUTPUT_NAMES, CONFIG]

export const DESCRIPTION: Description = {
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
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, {}, 'rolemedic schema --help')
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const [name, ...more] = positionals
  if (name === undefined) {
    io.out(`${NAMES.join('\n')}\n`)
    return 0
  }
  if (name === '') return missingInput('the NAME is empty', helpText(DESCRIPTION), io)
  if (more.length > 0) throw new UsageError('schema takes one NAME')
  if (name === CONFIG) {
    const { configJsonSchema } = await import('../../../functions/domain/config/config-json-schema.ts')
    io.out(configJsonSchema())
    return 0
  }
  const known = OUTPUT_NAMES.find(one => one === name)
  if (known === undefined) {
    const near = nearest(name, NAMES)
    throw new UsageError(
      `no output is called "${name}" (${near === null ? `there are ${NAMES.join(', ')}` : `did you mean ${near}?`})`,
    )
  }
  io.out(outputSchemaText(known))
  return 0
}
