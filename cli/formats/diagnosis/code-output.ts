/** One analysis as code: the change in the requested format, with the answer in comments. */
import { type CodeFormat, changesAs, commentAs, commentedAs, handOverAs, remarksOn } from '../../../core/patch/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'

export function codeOutput(analysis: Analysis, format: CodeFormat, place: string | null): string {
  const { denial, diagnosis, patch, followUps, handOver, refusal } = analysis
  const head = [
    ...(place === null ? [] : [place]),
    `Denied: ${denial.action}${denial.resource === null ? '' : ` on ${denial.resource}`}`,
    `Cause: ${diagnosis.cause} (${diagnosis.verdict}). ${diagnosis.summary}`,
  ]
  const refused = patch === null && refusal !== null && refusal.message !== diagnosis.summary ? [refusal.message] : []
  // The suggested statement is printed below as code.
  const steps = diagnosis.nextSteps
    .slice(handOver === null || diagnosis.roleGone !== undefined ? 0 : 1)
    .flatMap(({ text, command }) => [`Next: ${text}`, ...(command === null ? [] : [`$ ${command}`])])
  const code = codeOf(analysis, format)
  const later = followUps.map(
    change => `${commentAs(format, ['Needed next, not part of this change:'])}\n${commentedAs(format, change)}`,
  )
  return `${[commentAs(format, [...head, ...refused, ...(patch === null ? steps : [])]), ...(code === null ? [] : [code]), ...later].join('\n').trimEnd()}\n`
}

/** The change, or the suggestion for an administrator. Null: there is neither. */
export function codeOf({ diagnosis, patch, handOver }: Analysis, format: CodeFormat): string | null {
  if (patch !== null) return changesAs(format, patch.changes)
  if (handOver === null || diagnosis.roleGone !== undefined) return null
  return `${commentAs(format, remarksOn(handOver))}\n${handOverAs(format, handOver)}`
}
