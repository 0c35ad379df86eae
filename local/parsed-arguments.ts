import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from '../functions/core/errors.ts'

/** Options and files of one command; a mistake is told in one line, with where to find help. */
export function parsedArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  help: string,
) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    })
  } catch (cause) {
    const [sentence = ''] = (cause as Error).message.split(/\. |\n/)
    throw new UsageError(`${sentence} (${help})`, { cause })
  }
}
