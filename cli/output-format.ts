/** `--format` of the commands that print a change. */
import { UsageError } from '../core/base/index.ts'
import { CODE_FORMATS } from '../core/patch/index.ts'

export const OUTPUT_FORMATS = ['text', 'json', ...CODE_FORMATS, 'markdown'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** `isJson`: `--json`, the short form of `--format json`. */
export function outputFormat(format: string | undefined, isJson: boolean, hint: string): OutputFormat {
  const wanted = format ?? (isJson ? 'json' : 'text')
  const found = OUTPUT_FORMATS.find(one => one === wanted)
  if (found === undefined) throw new UsageError(`--format takes ${OUTPUT_FORMATS.join(', ')}, not "${wanted}" ${hint}`)
  if (isJson && found !== 'json') throw new UsageError(`give --json or --format ${found}, not both ${hint}`)
  return found
}
