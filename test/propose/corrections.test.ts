/** A record that CloudTrail corrects, with another caller, action or role, is another denial: each card says which of the two it is of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Denial } from '../../core/denial/denial.ts'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { reverted, reverting } from '../../functions/domain/proposal/transitions.ts'
import { recordCard } from '../../functions/domain/stored/markers.ts'
import { linesIn } from '../card-text.ts'
import { DENIAL, inStatus, MINUTE, movedTo, NOON } from '../fakes/sample-proposal.ts'
import { type ProposeBench, proposeBench } from './propose-fixture.ts'

const FIRST: Denial = { ...DENIAL, id: 'first', timeMs: NOON - MINUTE }
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/batch-task'
const CORRECTION: Denial = { ...FIRST, id: 'second', corrects: 'first', resource: OTHER_ROLE }
let bench: ProposeBench

beforeEach(async () => {
  bench = await proposeBench()
})
afterEach(() => bench.slack.close())

async function cardOf(denial: Denial): Promise<Proposal> {
  await bench.recordOccurrence(fingerprintOf(denial), bench.now(), denial)
  await bench.propose(fingerprintOf(denial))
  return standing(denial)
}

async function standing(denial: Denial): Promise<Proposal> {
  const id = (await bench.store.occurrence(fingerprintOf(denial)))?.proposalId ?? ''
  const proposal = await bench.store.get(id)
  if (proposal === null) throw new Error('no proposal stands')
  return proposal
}

const wordsOn = (proposal: Proposal): string => {
  const message = bench.slack.messages().find(({ ts }) => ts === postedCardOf(proposal)?.message)
  return linesIn((message?.blocks ?? []) as readonly object[]).join('\n')
}
const corrects = (id: string) => `This corrects an earlier record of CloudTrail, which proposal ${id} is of.`
const isCorrected = (id: string) =>
  `CloudTrail has corrected the record of this card: proposal ${id} is of what it says now.`

describe('a record that CloudTrail corrects with another role', () => {
  it.each([
    ['after it', [FIRST, CORRECTION]],
    ['before it', [CORRECTION, FIRST]],
  ])('is told from its correction on both cards, where that comes %s', async (_, order) => {
    for (const denial of order) await cardOf(denial)
    const [first, second] = [await standing(FIRST), await standing(CORRECTION)]
    expect(first.id).not.toBe(second.id)
    for (const one of [first, second]) inStatus(one, 'open')
    expect(wordsOn(first)).toContain(isCorrected(second.id))
    expect(wordsOn(second)).toContain(corrects(first.id))
  })

  it('is told on the card of what was approved for it, and stays there', async () => {
    const open = inStatus(await cardOf(FIRST), 'open')
    await bench.store.replace(open, movedTo(open, { status: 'applied' }))
    const second = await cardOf(CORRECTION)
    const applied = inStatus(await standing(FIRST), 'applied')
    expect(wordsOn(applied)).toContain(isCorrected(second.id))
    const ended = reverted(reverting(applied, { id: 'U0ONCALL1', name: 'ada' }, NOON), NOON)
    expect(ended.correction).toEqual({ kind: 'corrected', proposalId: second.id })
  })

  it('says first that it is corrected itself, where it also corrects another one', async () => {
    const third: Denial = { ...CORRECTION, id: 'third', corrects: 'second', resource: `${OTHER_ROLE}-2` }
    for (const denial of [CORRECTION, third, FIRST]) await cardOf(denial)
    const [first, second, last] = [await standing(FIRST), await standing(CORRECTION), await standing(third)]
    expect(wordsOn(first)).toContain(isCorrected(second.id))
    expect(wordsOn(second)).toContain(isCorrected(last.id))
    expect(wordsOn(last)).toContain(corrects(second.id))
  })

  it.each([
    ['a correction of other members', { ...FIRST, id: 'second', corrects: 'first' }],
    ['another denial', { ...FIRST, id: 'other', resource: OTHER_ROLE }],
    ['what only a text reports', { ...CORRECTION, source: 'message' as const }],
  ])('says nothing for %s', async (_, denial) => {
    await cardOf(FIRST)
    await cardOf(denial)
    expect((await standing(FIRST)).correction).toBe(undefined)
    expect((await standing(denial)).correction).toBe(undefined)
  })

  it('is told however long the event id is', async () => {
    const long = 'x'.repeat(16_000)
    const first = await cardOf({ ...FIRST, id: long })
    expect((await cardOf({ ...CORRECTION, corrects: long })).correction).toEqual({
      kind: 'corrects',
      proposalId: first.id,
    })
    expect(recordCard(long).key.length).toBeLessThan(100)
  })
})
