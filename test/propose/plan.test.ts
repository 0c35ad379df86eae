import { describe, expect, it } from 'vitest'
import type { Occurrence } from '../../functions/domain/proposal/proposal.ts'
import { learned, nextStep, type ProposeState } from '../../functions/propose/plan.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { APPROVE, DENIAL, HOUR, NOON, sampleProposal } from '../fakes/sample-proposal.ts'

const FP = '0123456789abcdef'
const SEEN: Occurrence = {
  ...{ fingerprint: FP, denial: DENIAL, count: 1, eventIds: ['event-1'], proposalId: null },
  ...{ firstSeenMs: NOON, lastSeenMs: NOON },
}
const KNOWN: Occurrence = { ...SEEN, proposalId: 'p-1' }
const OPEN = sampleProposal()
const STALE = sampleProposal({ status: 'stale', failure: { code: 'stale', message: 'edited', owner: null } })
const TOLD = { ...OPEN, denial: { ...DENIAL, source: 'message' as const } }
const at = (proposal: typeof OPEN | typeof STALE | null, atMs = NOON) => ({ current: { proposal, atMs } })

const base = { fingerprint: FP, occurrence: SEEN, readAtMs: NOON, broken: [] }
const round = (occurrence: Occurrence, known: Partial<ProposeState> = {}): ProposeState => ({
  ...{ ...base, subject: occurrence, mode: APPROVE },
  ...known,
})
const followed = { recorded: true, noticed: true, claimed: true } as const

const DRAFTED = sampleProposal({ status: 'drafted' })
const POSTED = { stored: DRAFTED, ...followed, leased: DRAFTED, posted: 'posted' } as const

describe('the next step', () => {
  it.each<[string, ProposeState, string]>([
    ['of a message', { fingerprint: FP }, 'read-occurrence'],
    ['of a denial that nobody recorded', { fingerprint: FP, occurrence: null, readAtMs: NOON }, 'done'],
    ['of a denial', { fingerprint: FP, occurrence: SEEN, readAtMs: NOON }, 'correlate'],
    ['of a denial without a proposal', base, 'find-card'],
    ['of a denial that no card holds', { ...base, holder: null }, 'begin-round'],
    ['of a denial that a card holds', { ...base, holder: OPEN }, 'end-first-look'],
    ['of one whose first look is over', { ...base, holder: OPEN, firstLookEnded: true }, 'join-card'],
    ['of a denial with a proposal', { ...base, occurrence: KNOWN }, 'begin-round'],
    ['in a round about no proposal', round(SEEN), 'read-stored'],
    ['in a round about a proposal', round(KNOWN), 'read-current'],
    ['where that proposal is gone', round(KNOWN, at(null)), 'read-stored'],
    ['of an open card', round(KNOWN, at(OPEN)), 'read-card-deploys'],
    ['of a card that nothing has changed', round(KNOWN, { ...at(OPEN), cardDeploys: [] }), 'count-repeats'],
    ['of a card that only a text reports', round(KNOWN, { ...at(TOLD), cardDeploys: [] }), 'find-record'],
    ['of a card that is counted', round(KNOWN, { ...at(OPEN), cardDeploys: [], repeats: 1 }), 'correlate-again'],
    ['of a card that ended during the review', round(KNOWN, { ...at(OPEN), reviewed: 'ended' }), 'begin-round'],
    ['after a card went stale', round(KNOWN, at(STALE)), 'read-stored'],
    ['of a denial that is to be analyzed', round(SEEN, { stored: null }), 'analyze'],
    ['of what an earlier delivery stored', round(SEEN, { stored: OPEN }), 'record'],
    ['of what it stored and is stale', round(SEEN, { stored: STALE, ...followed }), 'reread-occurrence'],
    ['of a card that is posted', round(SEEN, { ...POSTED }), 'reread-occurrence'],
    [
      'of one that was denied again before that',
      round(SEEN, { ...POSTED, reread: { ...KNOWN, count: 2 } }),
      'count-repeats',
    ],
    ['of one that was not', round(SEEN, { ...POSTED, reread: KNOWN }), 'correlate-again'],
    ['when all is announced', round(KNOWN, { ...at(OPEN), cardDeploys: [], repeats: 1, toAnnounce: [] }), 'done'],
    [
      'while a deploy is not announced',
      round(KNOWN, { ...at(OPEN), reviewed: 'changed', repeats: 0, toAnnounce: ['d-1'] }),
      'announce',
    ],
  ])('%s', (_, state, kind) => {
    expect(nextStep(state, CONFIG).kind).toBe(kind)
  })

  it('is a claim only once the proposal is in the log and its notice is published', () => {
    const stored = sampleProposal({ status: 'drafted' })
    const states: readonly Partial<ProposeState>[] = [
      {},
      { recorded: true },
      { recorded: true, noticed: true },
      followed,
    ]
    const kinds = states.map(known => nextStep(round(SEEN, { stored, ...known }), CONFIG).kind)
    expect(kinds).toEqual(['record', 'publish-notice', 'claim', 'lease-card'])
  })

  it('keeps nothing of a round for the next one', () => {
    const before = round(KNOWN, { ...at(OPEN, NOON + HOUR), repeats: 3, reviewed: 'ended', reread: KNOWN })
    const after = learned(before, { kind: 'begin-round', occurrence: KNOWN }, { mode: APPROVE })
    expect(after).toEqual({ ...base, subject: KNOWN, mode: APPROVE })
  })
})
