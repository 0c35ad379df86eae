import { describe, expect, it } from 'vitest'
import { type CanaryCalls, runCanary } from '../../../cli/use-cases/canary/canary.ts'
import type { Occurrence, Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { DENIAL, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const PLACE = { accountId: '444455556666', region: 'eu-west-1' }
const ROLE = 'arn:aws:iam::444455556666:role/rolemedic-canary-0a1b'
const SECOND = 1_000

const stored = (proposalId: string | null): Occurrence => ({
  ...{ fingerprint: 'f-1', denial: DENIAL, count: 1, eventIds: [DENIAL.id], proposalId },
  ...{ firstSeenMs: NOON + 95 * SECOND, lastSeenMs: NOON + 95 * SECOND },
})
const posted: Proposal = { ...sampleProposal(), createdAtMs: NOON + 160 * SECOND }
const unposted = { ...posted, card: null } as unknown as Proposal
const nothing = async () => null

/** All of it arrives, but for what a test changes. */
const calls = (changes: Partial<CanaryCalls> = {}): CanaryCalls => ({
  deny: async () => null,
  recordedAtMs: async () => NOON + SECOND,
  invocations: async () => 3,
  received: async () => 5,
  occurrence: async () => stored(posted.id),
  proposal: async () => posted,
  isInList: async () => false,
  ...changes,
})

async function run(changes: Partial<CanaryCalls> = {}, waitMs = 60 * SECOND) {
  let nowMs = NOON
  const waits: number[] = []
  const canary = await runCanary(PLACE, {
    calls: calls(changes),
    nowMs: () => nowMs,
    sleep: async ms => {
      waits.push(ms)
      nowMs += ms
    },
    waitMs,
    id: '0a1b',
  })
  const lines = canary.hops.map(
    ({ hop, outcome, seconds }) => `${hop}: ${outcome}${seconds === null ? '' : ` ${seconds}`}`,
  )
  return { canary, lines, waits }
}

describe('a canary', () => {
  it('that arrives has each hop, with the times that are known', async () => {
    const { canary, lines, waits } = await run()
    expect(canary).toMatchObject({ ...PLACE, role: ROLE, madeAt: new Date(NOON).toISOString(), lost: null })
    expect(lines).toEqual([
      'denial: passed 0',
      'event history: passed 1',
      'rule: passed',
      'queue: passed',
      'occurrence: passed 95',
      'analysis: passed 160',
      'card: passed',
    ])
    expect(waits).toEqual([])
  })

  it('is waited for, hop by hop', async () => {
    let asked = 0
    const late = async () => {
      asked += 1
      return asked < 3 ? null : stored(posted.id)
    }
    const { canary, waits } = await run({ occurrence: late })
    expect(canary.lost).toBe(null)
    expect(waits).toEqual([10_000, 10_000])
  })

  it('of an account that is only observed arrives in the digest', async () => {
    const observed = {
      ...unposted,
      patch: null,
      refusal: { code: 'observed', message: 'only observed', owner: null },
    } as unknown as Proposal
    const { canary } = await run({ proposal: async () => observed })
    expect(canary.lost).toBe(null)
    expect(canary.hops.at(-1)?.detail).toBe(`${posted.id} is in the digest of its day: the account is only observed`)
  })

  it('in a storm arrives in a list', async () => {
    const { canary } = await run({ proposal: async () => unposted, isInList: async () => true })
    expect(canary.hops.at(-1)?.detail).toBe(`${posted.id} is in a list of the channel`)
  })

  it('that the event history does not show still arrives, if the bot has it', async () => {
    const { canary, lines } = await run({ recordedAtMs: async () => Promise.reject(new Error('AccessDenied')) })
    expect([canary.lost, lines[1]]).toEqual([null, 'event history: passed'])
  })

  it.each<[string, Partial<CanaryCalls>, RegExp]>([
    ['denial', { deny: async () => 'it was allowed' }, /was not denied as it has to be: it was allowed/],
    ['denial', { deny: () => Promise.reject(new Error('no route to host')) }, /no route to host/],
    ['event history', { recordedAtMs: nothing, occurrence: nothing }, /CloudTrail has no record of it: wait longer/],
    ['rule', { occurrence: nothing, invocations: async () => 0 }, /no rule took it: rolemedic doctor --live/],
    [
      'rule',
      { occurrence: nothing, invocations: () => Promise.reject(new Error('refused')) },
      /its metrics cannot be read/,
    ],
    ['queue', { occurrence: nothing, received: async () => 0 }, /nothing came into the queue of intake/],
    ['occurrence', { occurrence: nothing }, /intake has stored nothing/],
    ['analysis', { occurrence: async () => stored(null) }, /propose has not answered/],
    [
      'card',
      { proposal: async () => unposted },
      /is not posted: https:\/\/\S+\/blob\/v\S+\/docs\/runbooks\.md#slack-failures/,
    ],
  ])('that is lost at %s says so, and no later hop passed', async (hop, changes, words) => {
    const { canary } = await run(changes)
    expect(canary.lost).toBe(hop)
    const at = canary.hops.findIndex(one => one.hop === hop)
    expect(canary.hops[at]).toMatchObject({ outcome: 'lost', detail: expect.stringMatching(words) })
    expect(canary.hops.slice(0, at).map(({ outcome }) => outcome)).toEqual(Array(at).fill('passed'))
    expect(canary.hops.slice(at + 1).every(({ outcome }) => outcome === 'not-reached')).toBe(true)
  })
})
