/** Why a deploy failed, for a terminal: each cause with what to do, then the change that lifts all of them. */
import { neutralText } from '../../../core/base/index.ts'
import { type AnsiStyles, ansiStyles } from '../../ansi.ts'
import type { DeployCauseFound, ExplainDeployAnswer } from '../../use-cases/explain-deploy/explain-deploy.ts'
import type { StatementDraft } from '../../use-cases/explain-deploy/statement-drafts.ts'
import { approvalText, changeText, checksText } from '../diagnosis/text-output.ts'
import { timelineLines } from '../diagnosis/timeline-text.ts'
import { answerInWords, causePlace, causeTitle, failureTitle, reasonTitle } from './words.ts'

export function explainDeployText(answer: ExplainDeployAnswer, options: { readonly colour: boolean }): string {
  const ink = ansiStyles(options.colour)
  const { causes, changes, verification, otherReason, hints, drafts } = answer
  return [
    `${ink.bold(plain(failureTitle(answer)))}\n`,
    otherReason === null ? '' : `${reasonTitle(answer)} ${plain(otherReason)}\n`,
    ...causes.map(cause => causeText(cause, ink)),
    ...hints.map(({ meaning, next }) => [plain(meaning), ...next.map(one => stepText(one))].join('\n  ').concat('\n')),
    ...drafts.map(draftText),
    ...changes.map(change => changeText(change, ink, true)),
    verification === null ? '' : checksText(verification, approvalText(verification, null), ink),
  ]
    .filter(part => part !== '')
    .join('\n')
}

function causeText(cause: DeployCauseFound, ink: AnsiStyles): string {
  const place = causePlace(cause)
  return [
    `${ink.bold(plain(causeTitle(cause)))}${place === '' ? '' : ` (${plain(place)})`}: ${colour(cause, ink)}`,
    `  ${plain(cause.summary)}`,
    ...(cause.timeline == null ? [] : timelineLines(cause.timeline).map(line => `  - ${plain(line)}`)),
    ...(cause.certainty === 'certain' ? [] : ['  Probably: the text does not say it in so many words.']),
    ...cause.next.map(one => `  ${stepText(one)}`),
    '',
  ].join('\n')
}

function colour(cause: DeployCauseFound, ink: AnsiStyles): string {
  const { answer } = cause
  const words = answerInWords(cause)
  if (answer === 'patch' || answer === 'retry') return ink.green(words)
  return answer === 'unknown' ? ink.yellow(words) : ink.red(words)
}

function draftText({ principal, reason, snippet }: StatementDraft): string {
  const lines = snippet.split('\n').map(line => `${/^ */.exec(line)?.[0] ?? ''}${plain(line)}`)
  return [
    `A draft for the code of ${plain(principal)}, which rolemedic never writes. ${plain(reason)}`,
    ...lines.map(line => `    ${line}`.trimEnd()),
  ].join('\n')
}

const stepText = ({ do: what, command, who }: DeployCauseFound['next'][number]): string =>
  `Next: ${plain(what)}${who === null ? '' : ` (${plain(who)})`}${command === null ? '' : `\n    ${plain(command)}`}`

const plain = (text: string) => neutralText(text)
