import { UsageError } from '../../../../core/base/index.ts'

/** The forms of the report: a page for people, tables for programs. */
export const REPORT_FORMATS = ['html', 'csv', 'json'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** By the name of the file, unless an option says it: a page is never written into `q4.csv`. Throws a UsageError where they differ. */
export function reportFormat(file: string, asked: ReportFormat | null): ReportFormat {
  const suffix = /\.([a-z0-9]{1,8})$/i.exec(file)?.[1]?.toLowerCase() ?? null
  const named = suffix === 'htm' ? 'html' : (REPORT_FORMATS.find(format => format === suffix) ?? null)
  if (asked !== null && named !== null && asked !== named)
    throw new UsageError(`--format ${asked} does not fit ${file}: name the file .${asked}`)
  if (asked === null && named === null && suffix !== null && /^[a-z]+$/.test(suffix))
    throw new UsageError(`${file}: no report of this form: name the file .html, .csv or .json, or add --format`)
  return asked ?? named ?? 'html'
}
