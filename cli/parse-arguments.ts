import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from '../functions/domain/base/errors.ts'

/** Parses the options and files of one command; an error is one line that says where to find help. */
export function parseArguments<const Options extends ParseArgsOptionsConfig>(
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
    throw new UsageError(`${sentence}${unknown ? `: ${optionsText(options)}` : ''} (${help})`, { cause })
  }
}

const optionsText = (options: ParseArgsOptionsConfig): string =>
  `there are ${[...Object.keys(options), 'help'].map(name => `--${name}`).join(', ')}`
