import { type CodeFormat, changesAs, commentAs } from '../../../core/patch/index.ts'
import { ansiStyles } from '../../ansi.ts'
import type { PreflightReport } from '../../use-cases/preflight/report.ts'
import { answerText } from './text-output.ts'

/** The changes in the infrastructure language of the user, below comments about what they do not lift. */
export function preflightCode({ answers, changes }: PreflightReport, format: CodeFormat): string {
  const left = answers.filter(({ answer, fix }) => answer !== 'allowed' && fix !== 'patch')
  const lines = left.flatMap(one => `${LEFT[one.answer]}: ${answerText(one, ansiStyles(false)).trim()}`.split('\n'))
  return `${lines.length === 0 ? '' : `${commentAs(format, lines)}\n`}${changesAs(format, changes)}`
}

const LEFT = { allowed: 'Allowed', denied: 'Denied', unknown: 'Not known' } as const
