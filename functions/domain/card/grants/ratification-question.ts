/** The card that asks the ordinary approvers, the morning after, whether a break-glass was right. It changes nothing in IAM. */
import { joined, own, person, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import { isTooOld } from '../../../../core/denial/index.ts'
import type { Config } from '../../config/index.ts'
import {
  brokenGlassOf,
  buttonValue,
  isOwnRequest,
  type Ratifiable,
  type Ratification,
  type Requester,
} from '../../proposal/index.ts'
import type { CardButton } from '../buttons.ts'
import { accountAlias, accountName } from '../facts.ts'
import { changeLine } from '../sentences/change-line.ts'
import { riskInBrief, riskLine } from '../sentences/risk-line.ts'
import type { NoticeCard } from './notice-card.ts'

export function ratificationQuestion(proposal: Ratifiable, asked: Ratification, config: Config): NoticeCard {
  const { id, denial, verification, patch } = proposal
  const glass = brokenGlassOf(proposal)
  const by = glass === null ? richText`somebody` : person(glass.by)
  const answer = answerOf(asked)
  // Without the condition on time that was written: it has ended.
  const change = changeLine(patch.changes, proposal)
  const where = denial.accountId === null ? 'an unknown account' : accountAlias(denial.accountId, config)
  return {
    id,
    tone: answer?.tone ?? verification.risk,
    headline: richText`${own(answer?.headline ?? 'Was this break-glass right? ')}${glass?.by.name ?? 'somebody'} approved alone`,
    lines: [
      ...(glass === null ? [] : [richText`${strong('Reason:')} ${glass.reason ?? ''}`]),
      ...(change === null ? [] : [richText`${strong('Change:')} ${change}`]),
      riskInBrief(verification, where),
      ...(answer?.lines ?? open(asked)),
    ],
    more: [
      ...(glass === null
        ? []
        : [richText`${strong('Approved alone:')} ${time(glass.atMs)} by ${by}. ${stands(proposal)}`]),
      riskLine(verification),
      richText`${strong('Account:')} ${accountName(denial.accountId, config)}`,
      ...(answer === null ? [NEXT_TIME] : []),
    ],
    code: null,
    buttons: answer === null ? buttons(buttonValue(id, patch.digest), proposal, asked) : [],
  }
}

function stands(proposal: Ratifiable): RichText {
  if (proposal.status === 'reverted') return richText`It ended ${time(proposal.reverted.atMs)}.`
  const { endsAtMs } = proposal.applied
  return endsAtMs === null ? [] : richText`Its time was over ${time(endsAtMs)}, and it could not be taken away whole.`
}

type Answer = Pick<NoticeCard, 'tone' | 'lines'> & { readonly headline: string }

/** Null: it is not answered. */
function answerOf({ by, declined, needed, asksForGrant }: Ratification): Answer | null {
  if (declined !== null)
    return {
      tone: 'declined',
      headline: 'Not ratified: ',
      lines: [
        richText`${strong('Not ratified')} by ${person(declined.by)}, ${time(declined.atMs)}: ${declined.reason}`,
      ],
    }
  if (by.length < needed) return null
  const names = joined(
    by.map(one => [person(one.by)]),
    ' and ',
  )
  const grant = asksForGrant === true ? [richText`An ordinary grant is asked for: it gets a card of its own.`] : []
  return { tone: 'done', headline: 'Ratified: ', lines: [richText`${strong('Ratified')} by ${names}.`, ...grant] }
}

function open({ by, needed, asksForGrant }: Ratification): readonly RichText[] {
  const names = joined(
    by.map(one => [person(one.by)]),
    ' and ',
  )
  return [
    ...(by.length === 0 ? [] : [richText`${own(`${by.length} of ${needed}`)} so far: ${names}.`]),
    richText`The grant is over whatever you answer.`,
    ...(asksForGrant === true ? [FURTHER] : []),
  ]
}

const FURTHER = richText`Once it is ratified, an ordinary grant is asked for.`
const NEXT_TIME = richText`If the access is needed again, the next denial gets its ordinary card.`

const buttons = (value: string, { status, denial }: Ratifiable, { askedAtMs }: Ratification): readonly CardButton[] => [
  { action: 'ratify', label: 'Ratify', style: 'primary', value, confirm: null },
  ...(status === 'reverted' && !isTooOld(denial, askedAtMs)
    ? [{ action: 'ratify-and-ask', label: 'Ratify, and ask for a grant', style: null, value, confirm: null } as const]
    : []),
  { action: 'not-ratify', label: 'Not ratified…', style: 'danger', value, confirm: null },
  { action: 'details', label: 'Details', style: null, value, confirm: null },
]

/** Mentioned with the question: who may answer it, of these. */
export const mayRatify = (ids: readonly string[], proposal: Ratifiable, requester: Requester): readonly string[] =>
  ids.filter(id => id !== brokenGlassOf(proposal)?.by.id && !isOwnRequest(requester, id))
