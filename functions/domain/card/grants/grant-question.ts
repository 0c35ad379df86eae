/** The card that asks whether a grant is still needed. It reverts nothing by itself. */
import { descriptorOf } from '../../../../core/actions/index.ts'
import { code, joined, never, own, person, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import { callerName, roleName } from '../../../../core/denial/index.ts'
import {
  type Applied,
  buttonValue,
  type Confirmed,
  type GrantUse,
  type Question,
  type Reverted,
  type Reverting,
} from '../../proposal/index.ts'
import { type CardButton, UNDO } from '../buttons.ts'
import type { NoticeCard } from './notice-card.ts'

export type QuestionedGrant = (Applied | Confirmed | Reverting | Reverted) & { readonly use: GrantUse }

export function grantQuestion(proposal: QuestionedGrant, question: Question): NoticeCard {
  const answer = answerOf(proposal, question)
  return {
    id: proposal.id,
    tone: answer?.tone ?? 'information',
    headline: richText`${own(answer?.headline ?? 'Still needed? ')}${grantTitle(proposal)}`,
    lines: [...lastUse(proposal, question), ...(answer?.lines ?? [withoutAnswer(proposal)])],
    more: [...history(proposal, question), ...(answer === null ? [CONSEQUENCE] : [])],
    code: null,
    buttons: answer === null ? buttons(proposal) : [],
  }
}

/** What the principal may do because of the grant. */
const grantTitle = ({ denial }: QuestionedGrant): RichText =>
  richText`${callerName(denial)} may ${own(descriptorOf(denial.action).wording.verb)} ${roleName(denial)}`

/** What a person must know before they answer. */
function lastUse({ use }: QuestionedGrant, question: Question): readonly RichText[] {
  const never = own(question.isSeen ? 'never, as far as CloudTrail shows' : 'not seen')
  return [
    richText`${strong('Last used:')} ${use.lastUsedAtMs === null ? never : time(use.lastUsedAtMs)}.`,
    ...(question.isSeen ? [] : [richText`⚠️ Not every call could be seen: ask its owner before you revert it.`]),
  ]
}

function history({ denial, approvals, applied, use }: QuestionedGrant, question: Question): readonly RichText[] {
  const by = joined(
    approvals.map(approval => [person(approval.by)]),
    ' and ',
  )
  const call = denial.call.eventName === null ? [] : richText` of ${code(denial.call.eventName)}`
  return [
    richText`${strong('Granted:')} ${time(applied.atMs)}, approved by ${by}, for the denied call${call} (${code(denial.id)})`,
    ...(use.kept === null
      ? []
      : [richText`${strong('Kept before:')} ${time(use.kept.atMs)} by ${person(use.kept.by)}`]),
    ...(question.isSeen || use.unseen === null ? [] : [richText`${strong('Not seen:')} ${use.unseen}`]),
  ]
}

const withoutAnswer = ({ applied: { endsAtMs } }: QuestionedGrant): RichText =>
  endsAtMs === null ? richText`Nothing happens by itself.` : richText`Without an answer, its end is ${time(endsAtMs)}.`
const CONSEQUENCE = richText`Revert removes exactly what was added. Keep leaves it, and asks again after as long a time.`

type Answer = {
  readonly tone: NoticeCard['tone']
  readonly headline: string
  readonly lines: readonly RichText[]
}

/** Null: nobody has answered, so the card has buttons. */
function answerOf(proposal: QuestionedGrant, question: Question): Answer | null {
  switch (proposal.status) {
    case 'reverting':
      return {
        tone: 'working',
        headline: 'Being reverted: ',
        lines: [richText`Asked for by ${person(proposal.revertRequest.by)}.`],
      }
    case 'reverted':
      return {
        tone: 'undone',
        headline: 'Reverted: ',
        lines: [richText`Reverted by ${person(proposal.reverted.by)}, ${time(proposal.reverted.atMs)}.`],
      }
    case 'applied':
    case 'confirmed':
      return standingAnswer(proposal, question)
    default:
      return never(proposal)
  }
}

function standingAnswer(
  { use }: Extract<QuestionedGrant, { status: 'applied' | 'confirmed' }>,
  question: Question,
): Answer | null {
  const { kept, lastUsedAtMs } = use
  if (kept !== null && kept.atMs >= question.atMs)
    return {
      tone: 'done',
      headline: 'Kept: ',
      lines: [richText`Kept by ${person(kept.by)}, ${time(kept.atMs)}.`],
    }
  if (lastUsedAtMs !== null && lastUsedAtMs > question.atMs)
    return {
      tone: 'done',
      headline: 'In use: ',
      lines: [richText`It has been used since this was asked: there is nothing to do.`],
    }
  return null
}

function buttons({ id, patch }: QuestionedGrant): readonly CardButton[] {
  const value = buttonValue(id, patch.digest)
  return [
    { action: 'revert', label: 'Revert', style: 'danger', value, confirm: UNDO },
    { action: 'keep', label: 'Keep', style: null, value, confirm: null },
    { action: 'details', label: 'Details', style: null, value, confirm: null },
  ]
}
