import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asPlainText, type RichText } from '../../core/base/rich-text.ts'
import { type CardContext, cardOf } from '../../functions/domain/card/card.ts'
import { breakGlassNotice } from '../../functions/domain/card/grants/break-glass.ts'
import { grantQuestion } from '../../functions/domain/card/grants/grant-question.ts'
import type { NoticeCard } from '../../functions/domain/card/grants/notice-card.ts'
import { ratificationQuestion } from '../../functions/domain/card/grants/ratification-question.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { approvedItem } from '../../functions/domain/home/approved.ts'
import { standingItem } from '../../functions/domain/home/standing.ts'
import { isUnsettled, waitingItem } from '../../functions/domain/home/waiting.ts'
import type { GrantUse, Proposal, Ratification } from '../../functions/domain/proposal/proposal.ts'
import { APPROVE, HOUR, MINUTE, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'

const runs = { numRuns: Number(process.env['FC_RUNS'] ?? 200) }
const CONFIG = configSchema.parse({ mode: 'approve' })
const ANA = { id: 'U0ANA', name: 'Ana' }
const BEN = { id: 'U0BEN', name: 'Ben' }
const BRIDGED: CardContext = {
  ...{ config: CONFIG, mode: APPROVE, nowMs: NOON, mayApprove: [], needed: 1, mayBeEndless: true },
  requester: { kind: 'machine' },
}
const CARD = { conversation: 'C0DEPLOYS', message: '1795593600.000100' }

/** A grant in any state, for a time or without end, and the time at which somebody reads about it. */
const story = fc.record({
  status: fc.constantFrom('open', 'approved', 'applied', 'confirmed', 'reverting', 'reverted', 'expired'),
  hours: fc.option(fc.integer({ min: 1, max: 168 }), { nil: null }),
  kind: fc.constantFrom('ordinary', 'glass', 'bridge'),
  pull: fc.constantFrom('open', 'merged', 'closed', 'current', 'snippet', 'failed'),
  readAfterMs: fc.integer({ min: MINUTE, max: 200 * HOUR }),
  trouble: fc.constantFrom('none', 'failure', 'late'),
})
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never

const CODE = { host: 'github.com', repository: 'acme/orders', branch: 'main', paths: ['**'], kind: 'terraform' }
const FAILURE = { code: 'left', message: 'A part of it could not be taken away.', owner: null }

function stateOf({ status, hours, kind, pull, readAfterMs, trouble }: Story) {
  const isGlass = kind === 'glass'
  const limitHours = isGlass ? Math.min(hours ?? 4, 4) : kind === 'bridge' ? (hours ?? 72) : hours
  const endsAtMs = limitHours === null ? null : NOON + limitHours * HOUR
  const nowMs = NOON + readAfterMs
  // What is taken away was taken away before somebody reads it.
  const reverted = { by: ANA, atMs: Math.min(nowMs, endsAtMs ?? nowMs) }
  const proposal: Proposal = sampleProposal({
    status,
    approvals:
      status === 'expired'
        ? []
        : [
            {
              by: ANA,
              atMs: NOON,
              limitHours,
              reason: isGlass ? 'orders are down' : null,
              ...(kind === 'bridge' ? { pullRequest: true } : {}),
            },
          ],
    ...(kind === 'bridge'
      ? { code: CODE, pull: { state: pull, number: 7, url: 'https://github.com/acme/orders/pull/7', withdrawn: false } }
      : {}),
    applied: { ...OUTCOME, atMs: NOON, endsAtMs },
    ...(status === 'reverted' ? { reverted } : {}),
    ...(status === 'applied' && trouble === 'failure' ? { failure: FAILURE } : {}),
    ...(trouble === 'late' ? { repeats: { count: 2, firstSeenMs: NOON - MINUTE, lastSeenMs: nowMs } } : {}),
  } as never)
  return { proposal, endsAtMs, nowMs }
}

const use = (atMs: number): GrantUse & { readonly question: NonNullable<GrantUse['question']> } => ({
  ...{ lookedAtMs: atMs, wholeSinceMs: NOON, lastUsedAtMs: null, unseen: null, kept: null },
  question: { atMs, card: CARD, isSeen: true } as NonNullable<GrantUse['question']>,
})
const words = ({ headline, lines }: NoticeCard): string => [headline, ...lines].map(asPlainText).join('\n')
const item = ({ title, detail }: { readonly title: RichText; readonly detail: RichText }): string =>
  `${asPlainText(title)}\n${asPlainText(detail)}`

/** Everything beside the card that shows it, by the place where people read it. */
function textsOf({
  proposal,
  nowMs,
}: {
  readonly proposal: Proposal
  readonly nowMs: number
}): Readonly<Record<string, string>> {
  const texts: Record<string, string> = { approved: item(approvedItem(proposal, ANA.id, NOON, nowMs)) }
  const { status } = proposal
  const { pull } = proposal
  if (pull !== undefined) {
    const { lines, status: shown } = cardOf(proposal, { ...BRIDGED, nowMs })
    texts['bridge'] = [...lines, ...shown].map(asPlainText).join('\n')
  }
  if (isUnsettled(proposal)) texts['waiting'] = item(waitingItem(proposal, { needed: 2, had: [ANA.id] }, null, nowMs))
  if (status === 'applied' || status === 'confirmed' || status === 'reverting')
    texts['standing'] = item(standingItem(proposal, nowMs))
  if (status === 'applied' || status === 'confirmed') {
    const seen = use(nowMs)
    texts['still needed'] = words(grantQuestion({ ...proposal, use: seen }, seen.question))
  }
  const [glass] = 'approvals' in proposal ? proposal.approvals.filter(({ reason }) => reason !== null) : []
  if (glass === undefined) return texts
  // Posted with the approval, and never again.
  if (status === 'approved') texts['announcement'] = words(breakGlassNotice(proposal, glass, CONFIG, null))
  if (status === 'applied' || status === 'confirmed' || status === 'reverted') {
    const asked: Ratification = { askedAtMs: nowMs, card: CARD, needed: 1, by: [], declined: null }
    const answered = { ...asked, by: [{ by: BEN, atMs: nowMs, signed: null }] }
    texts['was it right'] = words(ratificationQuestion({ ...proposal, ratification: asked }, asked, CONFIG))
    texts['it was right'] = words(ratificationQuestion({ ...proposal, ratification: answered }, answered, CONFIG))
  }
  return texts
}

/** In whole minutes. Another approval can only make it end sooner; one whose time is over does not count any more. */
function soonest(endsAtMs: number | null, nowMs: number): number {
  const nextMs = nowMs - (nowMs % MINUTE) + CONFIG.bridgeHours * HOUR
  return endsAtMs === null || endsAtMs <= nowMs ? nextMs : Math.min(endsAtMs, nextMs)
}

const TIME = String.raw`(\d{4}-\d\d-\d\d \d\d:\d\d) UTC`
const timesAfter = (text: string, before: string): readonly number[] =>
  [...text.matchAll(new RegExp(`${before} ${TIME}`, 'g'))].map(([, at = '']) => Date.parse(`${at.replace(' ', 'T')}Z`))

describe('Home, questions and announcements', () => {
  it('say nothing false about the time of a grant', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(story, one => {
        const { proposal, endsAtMs, nowMs } = stateOf(one)
        for (const [place, text] of Object.entries(textsOf({ proposal, nowMs }))) {
          met.add(place)
          const about = `${place}, ${proposal.status}: ${text}`
          // A minute is the shortest time that they name.
          for (const at of timesAfter(text, '(?:ends by itself|(?<!Not used )until|Expires)'))
            if (place !== 'announcement') expect(at, about).toBeGreaterThan(nowMs - MINUTE)
          for (const at of timesAfter(
            text,
            '(?:ended|was over|Since|applied|approved it|Granted:|Not used until|again)',
          ))
            expect(at, about).toBeLessThanOrEqual(nowMs)
          for (const at of timesAfter(text, '(?:ends by itself|[Ii]ts time (?:ended|was over)|its end is|, until)'))
            expect(at, about).toBe(
              place === 'bridge' && proposal.status === 'open' ? soonest(endsAtMs, nowMs) : endsAtMs,
            )
          if (/without end|Nothing happens by itself|stays until/.test(text)) expect(endsAtMs, about).toBe(null)
          if (proposal.status === 'reverted') expect(text, about).not.toMatch(/ends by itself|until \d|without end/)
        }
      }),
      runs,
    )
    expect([...met].sort()).toEqual([
      ...['announcement', 'approved', 'bridge', 'it was right', 'standing', 'still needed', 'waiting', 'was it right'],
    ])
  })
})
