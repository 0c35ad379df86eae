/** A preflight as a comment on a pull request or merge request. */
import { plural, type Refusal } from '../../../core/base/index.ts'
import type { PolicyChange } from '../../../core/patch/index.ts'
import { inlineCode, sentence, tableCell } from '../../../functions/domain/pull-request/index.ts'
import type { NeedAnswer } from '../../../functions/workflows/index.ts'
import type { PreflightReport } from '../../use-cases/preflight/report.ts'
import { changeBlock, MAX_COMMENT_CHARS } from '../comment/change-block.ts'

/** The mark by which the next run finds its comment. */
const COMMENT_MARK = '<!-- rolemedic preflight -->'

export function preflightMarkdown({ principal, answers, changes, verification, unread }: PreflightReport): string {
  const open = answers.filter(({ answer }) => answer !== 'allowed')
  const denied = open.filter(({ answer }) => answer === 'denied').length
  const title =
    open.length > 0
      ? openTitle(denied, open.length - denied)
      : unread.length > 0
        ? `What was read of this deploy is allowed: ${plural(answers.length, 'need')}`
        : `This deploy is allowed everything it needs: ${plural(answers.length, 'need')}`
  let text = `${COMMENT_MARK}\n### ${title}\n\nDeploys as ${inlineCode(principal.arn)}.\n${unreadList(unread)}`
  if (open.length > 0) text += '\n| | where | role | operation | why |\n| --- | --- | --- | --- | --- |\n'
  for (const [index, answer] of open.entries()) {
    const row = rowOf(answer)
    if (text.length + row.length > MAX_COMMENT_CHARS)
      return `${text}\n${plural(open.length - index, 'more need')}: see the log of the job.\n`
    text += row
  }
  const fix =
    verification === null
      ? ''
      : `\n**Fix:** ${plural(changes.length, 'change')}, ${sentence(verification.risk)} risk, ${plural(verification.approvers, 'approver')}; nothing was changed.\n`
  const whole = text + fix + changes.map(changeOf).join('')
  return whole.length <= MAX_COMMENT_CHARS
    ? whole
    : `${text}${fix}\nThe changes are too long for a comment: see the log of the job.\n`
}

/** For a deploy without a need. */
export const noNeedsMarkdown = (unread: readonly string[]): string =>
  `${COMMENT_MARK}\n### ${unread.length > 0 ? 'What was read of this deploy' : 'This deploy'} passes and assumes no role\n${unreadList(unread)}`

const openTitle = (denied: number, unknown: number): string =>
  denied === 0
    ? `${plural(unknown, 'need')} of this deploy cannot be known before`
    : `This deploy will be denied ${plural(denied, 'need')}${unknown === 0 ? '' : `, and ${unknown} cannot be known before`}`

const MAX_UNREAD = 20

function unreadList(unread: readonly string[]): string {
  if (unread.length === 0) return ''
  const lines = unread.slice(0, MAX_UNREAD).map(one => `- **Not known:** ${sentence(one)}\n`)
  const more = unread.length - lines.length
  return `\n${lines.join('')}${more > 0 ? `- ${more} more were not read: see the log of the job.\n` : ''}`
}

function rowOf({ need, role, by, answer, diagnosis, refusal, fix, trust }: NeedAnswer): string {
  const { file, line, logicalId, property, constructPath } = need.where
  const place = `${inlineCode(`${file}${line === null ? '' : `:${line}`}`)}<br>${inlineCode(`${logicalId}.${property}`)}${constructPath === null ? '' : `<br>${inlineCode(constructPath)}`}`
  const why = `${sentence(diagnosis?.cause ?? '')}: ${sentence(diagnosis?.summary ?? '')}${refusal === null ? '' : ` ${refusalOf(refusal)}`}`
  const written = trust === null ? '' : `${trust.file}${trust.line === null ? '' : `:${trust.line}`}`
  const code =
    fix !== 'code' || trust === null
      ? ''
      : ` Fix the code: the trust policy of ${inlineCode(trust.logicalId)}, ${inlineCode(written)}.`
  const cells = [
    answer === 'denied' ? '❌ denied' : '❔ unknown',
    place,
    inlineCode(role),
    `${inlineCode(need.operation)}${by.kind === 'service' ? `<br>${inlineCode(`${need.action} by ${by.name ?? ''}`)}` : ''}`,
    `${why}${code}`,
  ]
  return `| ${cells.map(tableCell).join(' | ')} |\n`
}

const refusalOf = ({ code, message, owner }: Refusal): string =>
  code === 'not-proved'
    ? sentence(message)
    : `Not offered: ${inlineCode(code)}${owner === null ? '' : `, ask ${sentence(owner)}`}.`

function changeOf({ target, before, after }: PolicyChange): string {
  const policy = target.policyName === null ? '' : `, policy ${inlineCode(target.policyName)}`
  const head = `Change: ${sentence(target.kind.replaceAll('-', ' '))} of ${inlineCode(target.name)}${policy}, account ${inlineCode(target.accountId)}`
  return `\n${head}\n\n${changeBlock(before, after)}\n`
}
