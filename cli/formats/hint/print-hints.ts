/** Prints hints without a denial in the requested format. */
import type { Hint } from '../../../core/denial/index.ts'
import type { Io } from '../../io.ts'
import { jsonText } from '../../json-text.ts'
import type { OutputFormat } from '../../options.ts'
import { hintOutput } from '../../outputs/hint.ts'
import { hintAsCode, hintsComment, hintText } from './hint-text.ts'

export function printHints(
  hints: readonly Hint[],
  format: OutputFormat,
  io: Pick<Io, 'out' | 'data' | 'colour'>,
): void {
  const shown = hints.map(hintOutput)
  if (format === 'markdown') io.out(hintsComment(shown))
  else if (format === 'json') for (const one of shown) io.data(`${jsonText(one)}\n`)
  else if (format === 'text') io.out(shown.map(one => hintText(one, { colour: io.colour })).join('\n'))
  else io.out(shown.map(one => hintAsCode(one, format)).join('\n'))
}
