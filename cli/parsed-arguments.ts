import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from '../functions/domain/base/errors.ts'

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
    const unknown = (cause as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    throw new UsageError(`${sentence}${unknown ? `: ${known(options)}` : ''} (${help})`, { cause })
  }
}

const known = (options: ParseArgsOptionsConfig): string =>
  `there ${Object.keys(options).length === 0 ? 'is' : 'are'} ${[...Object.keys(options), 'help'].map(name => `--${name}`).join(', ')}`
