/** The announcement in a second channel after one person has approved alone: the change, its end, and how to revert it. */
import { link, own, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
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
import { gainInBrief, riskLine, riskName } from '../sentences/risk-line.ts'
import type { NoticeCard } from './notice-card.ts'

/** `page`: the address of the card. Null: the chat does not return it. */
export function breakGlassNotice(
  proposal: Proposal,
  { by, reason }: Approval,
  config: Config,
  page: string | null,
): NoticeCard {
  const { id, denial, diagnosis, patch, verification } = proposal
  const change = patch === null ? null : changeLine(patch.changes, proposal)
  const end = endOf(inTimeAtDecision(approvalsOf(proposal)))
  const where = denial.accountId === null ? 'an unknown account' : accountAlias(denial.accountId, config)
  const risk = verification === null ? 'Unknown risk' : riskName(verification.risk)
  const lines: readonly RichText[] = [
    richText`${strong('Reason:')} ${reason ?? ''}`,
    ...(verification === null ? [] : [gainInBrief(verification).brief]),
    ...(change === null ? [] : [richText`${strong('Change:')} ${change}`]),
    ...(end === null ? [] : [richText`It ends by itself ${time(end)} at the latest.`]),
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
    // A lock screen shows only its beginning.
    headline: richText`${own(risk)} break-glass in ${where}: ${by.name} (${by.id}) approved alone`,
    lines,
    more,
    code: null,
    buttons: value === null ? [] : [{ action: 'revert', label: 'Revert', style: 'danger', value, confirm: UNDO }],
  }
}
