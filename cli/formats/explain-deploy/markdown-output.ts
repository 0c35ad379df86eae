/** Why a deploy failed, as a comment on a pull request or merge request. */
import type { PolicyChange } from '../../../core/patch/index.ts'
import { codeBlock, inlineCode, sentence } from '../../../functions/domain/pull-request/index.ts'
import type { DeployCauseFound, ExplainDeployAnswer } from '../../use-cases/explain-deploy/explain-deploy.ts'
import type { StatementDraft } from '../../use-cases/explain-deploy/statement-drafts.ts'
import type { DeployHint } from '../../use-cases/explain-deploy/what-to-give.ts'
import { changeBlock, MAX_COMMENT_CHARS } from '../comment/change-block.ts'
import { answerInWords, causePlace, causeTitle, failureTitle, reasonTitle } from './words.ts'

/** The mark by which the next run finds its comment. */
const COMMENT_MARK = '<!-- rolemedic explain-deploy -->'
const SHOWN_CAUSES = 20

export function explainDeployMarkdown(answer: ExplainDeployAnswer): string {
  const { causes, changes, otherReason, hints, drafts } = answer
  const shown = causes.slice(0, SHOWN_CAUSES).map(causeMarkdown).join('')
  const more = causes.length > SHOWN_CAUSES ? `\n${causes.length - SHOWN_CAUSES} more: see the log of the job.\n` : ''
  const other = otherReason === null ? '' : `\n${reasonTitle(answer)} ${inlineCode(otherReason)}\n`
  const steps = answer.run.isUntold ? hints.map(hintMarkdown).join('') : ''
  const text = `${COMMENT_MARK}\n### ${sentence(failureTitle(answer))}\n${other}${steps}${shown}${more}`
  const whole = text + draftsMarkdown(drafts) + changes.map(changeMarkdown).join('')
  return whole.length <= MAX_COMMENT_CHARS
    ? whole
    : `${text.slice(0, MAX_COMMENT_CHARS)}\nThe changes are too long for a comment.\n`
}

function causeMarkdown(cause: DeployCauseFound): string {
  const place = causePlace(cause)
  const steps = cause.next.map(stepMarkdown)
  return `\n**${sentence(causeTitle(cause))}**${place === '' ? '' : ` (${inlineCode(place)})`}: ${answerInWords(cause)}. ${sentence(cause.summary)}\n\n${steps.join('')}`
}

const stepMarkdown = ({ do: what, command, who }: DeployCauseFound['next'][number]): string =>
  `- ${sentence(what)}${who === null ? '' : ` (${sentence(who)})`}${command === null ? '' : ` ${inlineCode(command)}`}\n`

const hintMarkdown = ({ meaning, next }: DeployHint): string =>
  `\n${sentence(meaning)}\n\n${next.map(stepMarkdown).join('')}`

/** Statements of other actions, for the code that owns each principal. */
export const draftsMarkdown = (drafts: readonly StatementDraft[]): string =>
  drafts
    .slice(0, SHOWN_CAUSES)
    .map(
      ({ principal, reason, snippet }) =>
        `\nA draft for the code of ${inlineCode(principal)}, which rolemedic never writes. ${sentence(reason)}\n\n${codeBlock(snippet, '')}\n`,
    )
    .join('')

/** Roles that services could not use, and permissions that are none of ours, in the comment of a CI job. */
export function faultsMarkdown(causes: readonly DeployCauseFound[]): string {
  const isOther = ({ kind }: DeployCauseFound) => kind === 'other-action'
  const parts = [
    ['Roles that services could not use', causes.filter(one => !isOther(one))],
    ['Other permissions that were denied', causes.filter(isOther)],
  ] as const
  return parts
    .filter(([, part]) => part.length > 0)
    .map(([title, part]) => `#### ${title}: ${part.length}\n${part.slice(0, SHOWN_CAUSES).map(causeMarkdown).join('')}`)
    .join('\n')
}

function changeMarkdown({ target, before, after }: PolicyChange): string {
  return `\n${sentence(target.kind.replaceAll('-', ' '))} of ${inlineCode(target.name)}, account ${inlineCode(target.accountId)}\n\n${changeBlock(before, after)}\n`
}
