/** The announcement in a second channel after one person has approved alone: the change, its end, and how to revert it. */
import { link, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import type { Config } from '../../config/index.ts'
import {
  type Approval,
  approvalsOf,
  buttonValue,
  endOf,
  inTimeAtDecision,
  type Proposal,
} from '../../proposal/index.ts'
import { UNDO } from '../buttons.ts'
import { accountAlias, accountName } from '../facts.ts'
import { changeLine } from '../sentences/change-line.ts'
import { riskInBrief, riskLine } from '../sentences/risk-line.ts'
import type { NoticeCard } from './notice-card.ts'

/** A phone shows only the beginning of the first line. */
const HEADLINE_REASON = 60

/** `page`: the address of the card. Null: the chat does not return it. */
export function breakGlassNotice(
  proposal: Proposal,
  { by, reason }: Approval,
  config: Config,
  page: string | null,
): NoticeCard {
  const { id, denial, diagnosis, patch, verification } = proposal
  const change = patch === null ? null : changeLine(patch.changes, proposal)
  const words = reason ?? ''
  const cut = words.length > HEADLINE_REASON ? `${words.slice(0, HEADLINE_REASON - 1)}…` : words
  const end = endOf(inTimeAtDecision(approvalsOf(proposal)))
  const where = denial.accountId === null ? 'an unknown account' : accountAlias(denial.accountId, config)
  const lines: readonly RichText[] = [
    ...(cut === words ? [] : [richText`${strong('Reason:')} ${words}`]),
    ...(verification === null ? [] : [riskInBrief(verification, where)]),
    ...(change === null ? [] : [richText`${strong('Change:')} ${change}`]),
    ...(end === null ? [] : [richText`It ends by itself ${time(end)}.`]),
  ]
  const more: readonly RichText[] = [
    ...(page === null ? [] : [[link('The card', page)]]),
    ...(verification === null ? [] : [riskLine(verification)]),
    richText`${strong('Account:')} ${accountName(denial.accountId, config)}`,
    richText`${diagnosis.summary}`,
  ]
  const value = patch === null ? null : buttonValue(id, patch.digest)
  return {
    id,
    tone: verification?.risk ?? 'high',
    headline: richText`Break-glass: ${by.name} (${by.id}) approved ${id} alone. Reason: ${cut}`,
    lines,
    more,
    code: null,
    buttons: value === null ? [] : [{ action: 'revert', label: 'Revert', style: 'danger', value, confirm: UNDO }],
  }
}
