import { asPlainText, own } from '../../../core/base/rich-text.ts'
import { type Card, cardOf } from '../../../functions/domain/card/card.ts'
import { cardEvidence } from '../../../functions/domain/card/evidence.ts'
import { type Config, configSchema } from '../../../functions/domain/config/config.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { APPROVE, approver, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

export const CONFIG: Config = configSchema.parse({ mode: 'approve', accounts: { '111122223333': { alias: 'shop' } } })
export const USE = {
  ...{ lookedAtMs: NOON, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null },
  ...{ question: null, kept: null },
}
export const ADA = { id: 'U0ONCALL1', name: 'ada' }
export const approval = { by: ADA, atMs: NOON + MINUTE, limitHours: null, reason: null, signed: null }
export const changes = sampleProposal().patch?.changes ?? []
export const applied = { changes, atMs: NOON + 2 * MINUTE, endsAtMs: null, answer: 'allowed' } as const

export function card(changed: Partial<Proposal> = {}, config: Config = CONFIG, nowMs = NOON): Card {
  return cardOf(sampleProposal(changed), {
    config,
    mode: APPROVE,
    nowMs,
    needed: 1,
    mayApprove: [...approver('U0ONCALL1'), own(', group '), { kind: 'group', id: 'S0ONCALL' }],
  })
}
export const lines = (expected: Card['status']): string => expected.map(asPlainText).join('\n')
/** All printed text before and below the buttons. */
export const all = (shown: Card): string => lines([...shown.lines, ...shown.status])
export const evidence = (changed: Partial<Proposal> = {}) => cardEvidence(sampleProposal(changed), CONFIG)
export const checksOf = (changed: Partial<Proposal>) =>
  evidence(changed).checks.map(({ outcome, text }) => `${outcome}: ${asPlainText(text)}`)
export const labels = (shown: Card): readonly string[] => shown.buttons.map(button => button.label)
