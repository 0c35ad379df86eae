/** Prints the analyses of one run in the requested format. */
import { never } from '../../../core/base/index.ts'
import type { Hint } from '../../../core/denial/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import type { Io } from '../../io.ts'
import { jsonText } from '../../json-text.ts'
import type { OutputFormat } from '../../options.ts'
import { hintOutput } from '../../outputs/hint.ts'
import type { DiagnosedDenial } from '../../use-cases/diagnose/diagnose.ts'
import { repositoryFormat } from '../../use-cases/repository-format.ts'
import { commentText } from '../comment/comment-text.ts'
import { commentedDiagnosis } from '../comment/commented-diagnosis.ts'
import { printHints } from '../hint/print-hints.ts'
import { codeOutput } from './code-output.ts'
import { diagnosisOutput } from './json-output.ts'

export type Printer = {
  one(diagnosed: DiagnosedDenial): Promise<void>
  /** `hints`: those that explain a denial. */
  end(hints: readonly Hint[]): Promise<void>
}

export function printerFor(
  format: OutputFormat,
  io: Io,
  { nowMs, isVerbose }: { readonly nowMs: number; readonly isVerbose: boolean },
): Printer {
  let count = 0
  const each = (stream: 'out' | 'data', print: (diagnosed: DiagnosedDenial) => Promise<string> | string): Printer => ({
    async one(diagnosed) {
      const text = await print(diagnosed)
      // Each denial is a separate template.
      const between = format === 'cloudformation' ? '---\n' : '\n'
      io[stream](count === 0 || format === 'json' ? text : `${between}${text}`)
      count += 1
    },
    async end(hints) {
      if (hints.length === 0) return
      if (format !== 'json') io.out('\n')
      printHints(hints, format, io)
    },
  })
  switch (format) {
    case 'json':
      return each(
        'data',
        ({ analysis, line, cost, run }) => `${jsonText(diagnosisOutput(analysis, line, cost, run))}\n`,
      )
    case 'text':
      return each('out', async ({ analysis, note, place, cost, run }) => {
        const { diagnosisText } = await import('./text-output.ts')
        if (cost !== null) io.err(`(${cost.calls} requests to AWS, ${cost.depth} deep, ${cost.ms} ms)`)
        return diagnosisText(analysis, { colour: io.colour, nowMs, note, place, isVerbose, run })
      })
    case 'markdown':
      return markdownPrinter(io)
    case 'terraform':
    case 'cdk':
    case 'cloudformation':
    case 'cli':
      return each('data', ({ analysis, place }) => codeOutput(analysis, format, place))
    default:
      return never(format)
  }
}

/** Prints one comment for all of them. */
function markdownPrinter(io: Io): Printer {
  const analyses: Analysis[] = []
  return {
    one: async ({ analysis }) => void analyses.push(analysis),
    async end(hints) {
      const format = await repositoryFormat(io)
      io.out(commentText(analyses.map(commentedDiagnosis), { format, hints: hints.map(hintOutput) }))
    },
  }
}
