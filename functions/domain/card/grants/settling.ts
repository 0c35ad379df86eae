/** The card of a denial before IAM has settled: what is seen so far, and when it is looked at again. It has no button. */
import { link, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import { denialTitle } from '../../../../core/denial/index.ts'
import type { Config } from '../../config/index.ts'
import { type Drafted, type Proposal, refusalOf } from '../../proposal/index.ts'
import { accountAlias } from '../facts.ts'
import { cardStateOf, headline } from '../headline.ts'
import { causeLine } from '../sentences/cause-line.ts'
import { changeLine } from '../sentences/change-line.ts'
import type { NoticeCard } from './notice-card.ts'

export const settlingLine = (againAtMs: number): RichText =>
  richText`IAM may still be settling: looking again at ${time(againAtMs)}. Nobody can approve before.`

/** `draft`: what the first look found. It is not stored. */
export function settlingCard(draft: Drafted, againAtMs: number, config: Config): NoticeCard {
  const { id, denial, patch } = draft
  const where = denial.accountId === null ? [] : richText` in ${accountAlias(denial.accountId, config)}`
  const change = patch === null ? null : changeLine(patch.changes, draft)
  return {
    id,
    tone: 'working',
    headline: richText`Settling: ${headline(draft).text}`,
    lines: [
      settlingLine(againAtMs),
      richText`${strong('So far:')} ${cardStateOf(draft).state}${where}. ${change ?? causeLine(draft)}`,
    ],
    more: change === null ? [] : [causeLine(draft)],
    code: null,
    buttons: [],
  }
}

/** The second look has found that there is nothing to show, or its card could not be posted: one line. */
export function settledCard(proposal: Proposal): NoticeCard {
  const { tone, state } = cardStateOf(proposal)
  const why =
    refusalOf(proposal)?.message ?? 'Its card could not be posted. If it is denied again, a new card will come.'
  return {
    id: proposal.id,
    tone,
    headline: richText`${state}: ${denialTitle(proposal.denial)}`,
    lines: [richText`Looked at again: ${why}`],
    code: null,
    buttons: [],
  }
}

/** Another card is about the denial. `page`: its address; null: the chat does not return it. */
export function elsewhereCard(id: string, other: Proposal, page: string | null): NoticeCard {
  const card = page === null ? richText`another card` : richText`${link('another card', page)}`
  return {
    id,
    tone: 'information',
    headline: headline(other).text,
    lines: [richText`This denial is on ${card}.`],
    code: null,
    buttons: [],
  }
}
