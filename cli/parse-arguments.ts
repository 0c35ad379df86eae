import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from '../core/base/index.ts'
import { nearest } from './nearest.ts'

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
    const isUnknown = (cause as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    throw new UsageError(`${sentence}${isUnknown ? `: ${advice(sentence, options)}` : ''} (${help})`, { cause })
  }
}

function advice(sentence: string, options: ParseArgsOptionsConfig): string {
  const names = [...Object.keys(options), 'help'].map(name => `--${name}`)
  const near = nearest(/'(--[^'=]+)/.exec(sentence)?.[1] ?? '', names)
  return near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`
}
