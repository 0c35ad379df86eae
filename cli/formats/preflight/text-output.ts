/** A preflight for a terminal: what will be denied, where the source causes it, and the change that fixes it. */
import { neutralText, plural } from '../../../core/base/index.ts'
import type { NeedAnswer } from '../../../functions/workflows/index.ts'
import { type AnsiStyles, ansiStyles } from '../../ansi.ts'
import type { PreflightReport } from '../../use-cases/preflight/report.ts'
import { approvalText, changeText, checksText } from '../diagnosis/text-output.ts'

export function preflightText(report: PreflightReport, options: { readonly colour: boolean }): string {
  const ink = ansiStyles(options.colour)
  const { principal, answers, changes, verification, unread } = report
  const by = (answer: NeedAnswer['answer']) => answers.filter(one => one.answer === answer)
  const [denied, unknown, allowed] = [by('denied'), by('unknown'), by('allowed')]
  return [
    `${ink.bold(plain(principal.arn))} deploys (${FROM[principal.from]})\n`,
    section(ink.bold(ink.red(`Will be denied: ${denied.length}`)), denied, ink),
    section(ink.bold(ink.yellow(`Not known: ${unknown.length}`)), unknown, ink),
    allowed.length === 0
      ? ''
      : `${ink.bold(ink.green(`Allowed: ${allowed.length}`))}\n${allowed.map(one => `  ${line(one)}\n`).join('')}`,
    ...changes.map(change => changeText(change, ink, true)),
    verification === null ? '' : checksText(verification, approvalText(verification, null), ink),
    denied.length + unknown.length === 0
      ? `${plural(answers.length, 'need')}: all allowed${unread.length === 0 ? '' : '; what was not read is not known'}.\n`
      : `${plural(answers.length, 'need')}: ${allowed.length} allowed, ${denied.length} denied, ${unknown.length} not known.\n`,
  ]
    .filter(part => part !== '')
    .join('\n')
}

const FROM = {
  option: '--as',
  template: 'the role that the source names',
  'cdk-manifest': 'the execution role of the manifest',
} as const

const plain = (text: string) => neutralText(text)

function section(title: string, answers: readonly NeedAnswer[], ink: AnsiStyles): string {
  if (answers.length === 0) return ''
  return `${title}\n${answers.map(answer => answerText(answer, ink)).join('')}`
}

/** One need with its diagnosis, as lines. */
export function answerText(answer: NeedAnswer, ink: AnsiStyles): string {
  const { need, diagnosis, refusal } = answer
  const { constructPath } = need.where
  return [
    `  ${line(answer)}`,
    ...(constructPath === null ? [] : [ink.dim(`    ${plain(constructPath)}`)]),
    ...(diagnosis === null
      ? []
      : [`    ${plain(diagnosis.cause)} (${diagnosis.verdict}): ${plain(diagnosis.summary)}`]),
    ...(answer.answer === 'unknown' ? unseen(answer) : []),
    ...fixOf(answer),
    ...(need.byName ? ['    the type is not in the table: the attribute is taken for a role by its name'] : []),
    ...(refusal === null
      ? []
      : [
          ink.yellow(
            `    not offered: ${plain(refusal.code === 'not-proved' ? refusal.message : refusal.code)}${refusal.owner === null ? '' : ` (${plain(refusal.owner)})`}`,
          ),
        ]),
    '',
  ].join('\n')
}

/** Where the code is wrong, which no change of IAM lifts for long. */
function fixOf({ fix, trust }: NeedAnswer): readonly string[] {
  if (fix !== 'code' || trust === null) return []
  const { file, line: at, logicalId } = trust
  return [`    fix the code: the trust policy of ${plain(logicalId)}, ${plain(file)}${at === null ? '' : `:${at}`}`]
}

/** Omits what the summary contains. */
function unseen({ diagnosis }: NeedAnswer): readonly string[] {
  const left = (diagnosis?.unknowns ?? []).filter(({ why }) => diagnosis?.summary.includes(why) !== true)
  return left.slice(0, 3).map(({ fact, why }) => `    not seen: ${plain(fact)}: ${plain(why)}`)
}

function line({ need, role, by }: NeedAnswer): string {
  const { file, line: at, logicalId, property } = need.where
  const place = `${file}${at === null ? '' : `:${at}`}`
  const may = need.conditional ? ' (if its condition holds)' : ''
  const service = by.kind === 'service' ? ` by ${by.name}` : ''
  return plain(`${place} ${logicalId}.${property}: ${need.action} on ${role}${service} for ${need.operation}${may}`)
}
