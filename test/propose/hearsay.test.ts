import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Denial } from '../../core/denial/denial.ts'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { asHearsay } from '../../core/diagnosis/hearsay.ts'
import { recordDecision } from '../../functions/workflows/record-decision.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { DENIAL, inStatus, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { type ProposeBench, proposeBench, sampleAnalysis } from './propose-fixture.ts'

const HEARD: Denial = { ...DENIAL, id: 'told', source: 'message' }
const FP = fingerprintOf(HEARD)
let bench: ProposeBench
beforeEach(async () => {
  bench = await proposeBench()
  bench.findingOf = (denial: Denial) => sampleAnalysis({ denial, diagnosis: diagnosisOf(denial) })
})
afterEach(() => bench.slack.close())

const { diagnosis } = sampleProposal()
const diagnosisOf = ({ source }: Denial) => (source === 'message' ? asHearsay(diagnosis) : diagnosis)
const current = async () => {
  const id = (await bench.store.occurrence(FP))?.proposalId ?? ''
  return inStatus(await bench.store.get(id), 'open')
}
const cardText = () => JSON.stringify(bench.slack.messages().find(({ threadTs }) => threadTs === null)?.blocks)
const confirmed = { kind: 'confirmed', denial: DENIAL } as const

describe('a denial that only a text reports', () => {
  beforeEach(async () => {
    await bench.store.recordOccurrence(HEARD, FP, NOON - MINUTE)
  })

  it('is likely and needs two, and its card says why', async () => {
    await bench.propose(FP)
    expect(await current()).toMatchObject({ denial: { source: 'message' }, diagnosis: { verdict: 'likely' } })
    expect(cardText()).toContain('Needs 2')
    expect(cardText()).toContain('only a text of the failed deploy reports the denial')
  })

  it('is proved from the start where the event history has the record already', async () => {
    bench.witness = () => confirmed
    await bench.propose(FP)
    expect(await current()).toMatchObject({ denial: { source: 'cloudtrail' }, diagnosis: { verdict: 'proved' } })
    expect(cardText()).toContain('Needs 1')
  })

  it('upgrades its card once the event history has the record', async () => {
    await bench.propose(FP)
    const before = await current()
    bench.witness = () => confirmed
    await bench.propose(FP)
    const after = await current()
    expect(after).toMatchObject({ id: before.id, card: before.card, diagnosis: { verdict: 'proved' } })
    expect(after.patch.digest).toBe(before.patch.digest)
    expect(cardText()).toContain('Needs 1')
    expect(cardText()).not.toContain('only a text')
  })

  it.each([
    ['of the same session', DENIAL.principal.arn, 1],
    ['of another session, whom the log would name instead', `${DENIAL.principal.arn}-again`, 0],
  ])('has its approvals in the log, or asks for them again, where the record is %s', async (_, arn, left) => {
    await bench.propose(FP)
    const before = await current()
    const approval = { by: { id: 'U0ONCALL1', name: 'ana' }, atMs: NOON, limitHours: null, reason: null, signed: null }
    await bench.store.replace(before, { ...before, approvals: [approval] })
    const { audit } = memoryBot()
    await recordDecision(await current(), { audit, botVersion: 'test' })
    bench.witness = () => ({ kind: 'confirmed', denial: { ...DENIAL, principal: { ...DENIAL.principal, arn } } })
    await bench.propose(FP)
    expect(await current()).toMatchObject({ diagnosis: { verdict: 'proved' }, denial: { principal: { arn } } })
    expect((await current()).approvals).toHaveLength(left)
    await recordDecision(await current(), { audit, botVersion: 'test' })
    expect(audit.entries).toHaveLength(1)
  })

  it('is due for its card where Slack was down when the record came', async () => {
    await bench.propose(FP)
    bench.witness = () => confirmed
    bench.slack.addFault({ kind: 'http', status: 503, times: 99 })
    await bench.propose(FP)
    expect(await current()).toMatchObject({ diagnosis: { verdict: 'proved' }, dueAtMs: NOON + 2 * MINUTE })
  })

  it('upgrades its card once the record itself was delivered', async () => {
    await bench.propose(FP)
    await bench.store.recordOccurrence(DENIAL, FP, NOON, { twinOf: HEARD.id })
    await bench.propose(FP)
    expect(await current()).toMatchObject({ denial: { id: DENIAL.id }, diagnosis: { verdict: 'proved' } })
  })

  it('shows on the same card what the record asks for instead', async () => {
    await bench.propose(FP)
    const before = await current()
    bench.witness = () => confirmed
    bench.findingOf = (denial: Denial) =>
      denial.source === 'message'
        ? sampleAnalysis({ denial, diagnosis: diagnosisOf(denial) })
        : { ...sampleAnalysis({ denial }), verified: null, patch: null, refusal: REFUSAL }
    await bench.propose(FP)
    expect(await bench.store.get(before.id)).toMatchObject({
      status: 'closed',
      refusal: REFUSAL,
      changed: { because: 'record', dropped: [] },
    })
  })

  it('stays what it is while the history cannot be read, or does not confirm it', async () => {
    for (const witness of [
      () => ({ kind: 'unreadable', why: 'refused' }) as const,
      () => ({ kind: 'refuted', why: 'unknown' }) as const,
      () => {
        throw new Error('throttled')
      },
    ]) {
      bench.witness = witness
      await bench.propose(FP)
      expect(await current()).toMatchObject({ diagnosis: { verdict: 'likely', unconfirmed: true } })
    }
  })
})

const REFUSAL = { code: 'explicit-deny', message: 'An SCP denies it.', owner: null }
