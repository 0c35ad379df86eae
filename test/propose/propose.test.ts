import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Proposal, Status } from '../../functions/domain/proposal/proposal.ts'
import { makePropose } from '../../functions/propose/propose.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { type Changed, HOUR, inStatus, MINUTE, movedTo, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import {
  alreadyAllowed,
  notOurs,
  type ProposeBench,
  proposeBench,
  sampleAnalysis,
  solvedItself,
} from './propose-fixture.ts'

const FP = '0123456789abcdef'
let bench: ProposeBench

beforeEach(async () => {
  bench = await proposeBench()
})
afterEach(() => bench.slack.close())

const channel = () => bench.slack.messages().filter(message => message.threadTs === null)
const kinds = () => bench.audit.map(entry => entry.kind)

async function standing(): Promise<Proposal> {
  const id = (await bench.store.occurrence(FP))?.proposalId ?? ''
  const proposal = await bench.store.get(id)
  if (proposal === null) throw new Error('no proposal stands')
  return proposal
}

async function change<const S extends Status>(changed: Changed<S> & { status: S }): Promise<void> {
  const current = await standing()
  await bench.store.replace(current, movedTo<Status>(current, changed as never))
}

describe('a first denial', () => {
  it('becomes one stored proposal, one card with its buttons, one notice and its records', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    const outcome = await bench.propose(FP)
    const proposal = await standing()
    expect(outcome).toEqual({ kind: 'posted', proposalId: proposal.id })
    expect(proposal).toMatchObject({
      status: 'open',
      previous: null,
      expiresAtMs: NOON + 8 * HOUR,
      dueAtMs: NOON + 2 * MINUTE,
    })
    expect(inStatus(proposal, 'open').card).toEqual({ conversation: 'C0DEPLOYS', message: channel()[0]?.ts })
    expect(channel()).toHaveLength(1)
    const blocks = JSON.stringify(channel()[0]?.blocks)
    for (const action of ['approve', 'reject']) expect(blocks).toContain(`"action_id":"${action}"`)
    for (const action of ['approve-limited', 'details']) expect(blocks).toContain(`"value":"${action} p-`)
    expect(bench.notices).toHaveLength(1)
    expect(kinds()).toEqual(['denial-seen', 'proposed'])
    expect(bench.audit[0]?.eventIds).toEqual([`event-${FP}-${NOON - MINUTE}`])
  })

  it('that nobody recorded leads to nothing', async () => {
    expect(await bench.propose('ffffffffffffffff')).toEqual({ kind: 'missing' })
    expect(bench.slack.calls()).toEqual([])
  })

  it('that is not ours to change has a card without Approve, and names the owner', async () => {
    bench.finding = notOurs()
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    const blocks = JSON.stringify(channel()[0]?.blocks)
    expect(blocks).not.toContain('"action_id":"approve"')
    expect(blocks).toContain('the owner of the service control policy p-guard')
    expect(await standing()).toMatchObject({ status: 'closed', patch: null, dueAtMs: null })
    expect(kinds()).toEqual(['denial-seen', 'refused'])
    expect(bench.notices[0]?.detail).toMatchObject({ kind: 'refused', cause: 'scp-gap' })
  })

  it('whose change was not verified offers nothing to approve', async () => {
    bench.finding = sampleAnalysis({ verified: null })
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    expect(await standing()).toMatchObject({ patch: null, refusal: { code: 'not-verified' } })
    expect(JSON.stringify(channel()[0]?.blocks)).not.toContain('"action_id":"approve"')
  })
})

describe('the same work delivered again', () => {
  it('changes nothing', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    const before = await standing()
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    expect(await standing()).toEqual(before)
    expect(channel()).toHaveLength(1)
    expect(bench.notices).toHaveLength(1)
    expect(bench.analyzed).toHaveLength(1)
  })

  it('by two workers at once leads to one card', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await Promise.all([bench.propose(FP), bench.propose(FP), bench.propose(FP)])
    expect(channel()).toHaveLength(1)
    expect(inStatus(await standing(), 'open').card.message).toBe(channel()[0]?.ts)
    expect(kinds()).toEqual(['denial-seen', 'proposed'])
  })

  it.each(['create', 'claimOccurrence'] as const)(
    'after a crash right after %s finishes what was begun',
    async method => {
      await bench.recordOccurrence(FP, NOON - MINUTE)
      const works = bench.store[method] as (...args: unknown[]) => Promise<unknown>
      let crashed = false
      bench.store[method] = (async (...args: unknown[]) => {
        const answer = await works(...args)
        if (crashed) return answer
        crashed = true
        throw new Error('the process is gone')
      }) as never
      await expect(bench.propose(FP)).rejects.toThrow('the process is gone')
      await bench.propose(FP)
      expect(kinds()).toEqual(['denial-seen', 'proposed'])
      expect(bench.notices).toHaveLength(1)
      const left = inStatus(await standing(), 'drafted')
      // Like `sweep` after the proposal is due.
      await postCard(left, bench.deps)
      expect(channel()).toHaveLength(1)
      expect((await standing()).status).toBe('open')
    },
  )

  it('after a crash between the post and the store finds the card that was posted', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    const { replace } = bench.store
    bench.store.replace = async () => {
      throw new Error('the process is gone')
    }
    expect(await bench.propose(FP)).toMatchObject({ kind: 'delayed' })
    bench.store.replace = replace
    await postCard(inStatus(await standing(), 'drafted'), bench.deps)
    expect(channel()).toHaveLength(1)
    expect(inStatus(await standing(), 'open').card.message).toBe(channel()[0]?.ts)
  })
})

describe('Slack that is down', () => {
  it('keeps the proposal, tells SNS, and gets the card when it is back', async () => {
    bench.slack.addFault({ kind: 'http', status: 503, times: 99 })
    await bench.recordOccurrence(FP, NOON - MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'delayed' })
    expect(await standing()).toMatchObject({ status: 'drafted', dueAtMs: NOON + 2 * MINUTE })
    expect(bench.notices).toHaveLength(1)
    expect(bench.counted).toContain('CardsDelayed')
    bench.slack.clearFaults()
    await postCard(inStatus(await standing(), 'drafted'), bench.deps)
    expect(channel()).toHaveLength(1)
    expect((await standing()).status).toBe('open')
  })

  it('is no reason to lose the card when SNS is down too', async () => {
    bench.noticesDown = true
    await bench.recordOccurrence(FP, NOON - MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(bench.counted).toContain('NoticesFailed')
  })
})

describe('a repeat of a denial', () => {
  it('counts on the card once in ten minutes, and speaks in the thread when the number has doubled', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    for (const n of [1, 2, 3]) await bench.recordOccurrence(FP, NOON + n * MINUTE)
    bench.setNow(NOON + 4 * MINUTE)
    await bench.propose(FP)
    expect(JSON.stringify(channel()[0]?.blocks)).toContain('4 times')
    await bench.recordOccurrence(FP, NOON + 5 * MINUTE)
    await bench.propose(FP)
    // Counted. The card shows it after the ten minutes, or when it is due.
    expect(await standing()).toMatchObject({ repeats: { count: 5 }, dueAtMs: NOON + 2 * MINUTE })
    expect(JSON.stringify(channel()[0]?.blocks)).toContain('4 times')
    await bench.recordOccurrence(FP, NOON + 6 * MINUTE)
    bench.setNow(NOON + 10 * MINUTE)
    await bench.propose(FP)
    expect(channel()).toHaveLength(1)
    expect(JSON.stringify(channel()[0]?.blocks)).toContain('4 times')
    // `sweep` shows the count of the window that has ended: one update in ten minutes.
    await refreshCard((await standing()).id, bench.deps)
    expect(JSON.stringify(channel()[0]?.blocks)).toContain('6 times')
    const thread = bench.slack.messages().filter(message => message.threadTs !== null)
    expect(thread.map(message => message.text)).toEqual([
      'The exact change, and what it rests on, also as code',
      '3 more since then: denied 4 times so far.',
    ])
  })

  it('that doubles the number between two updates of the card is said in the thread', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    for (const [n, most] of [
      [2, 5],
      [3, 9],
    ] as const) {
      for (let count = n === 2 ? 1 : 5; count < most; count += 1)
        await bench.recordOccurrence(FP, NOON + n * MINUTE + count)
      bench.setNow(NOON + n * MINUTE)
      await bench.propose(FP)
    }
    expect(JSON.stringify(channel()[0]?.blocks)).toContain('5 times')
    const thread = bench.slack.messages().filter(message => message.threadTs !== null)
    expect(thread.map(message => message.text).slice(1)).toEqual([
      '4 more since then: denied 5 times so far.',
      '4 more since then: denied 9 times so far.',
    ])
  })

  it('while Slack is down is still counted, and shown soon', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    bench.slack.addFault({ kind: 'http', status: 503, times: 99 })
    await bench.recordOccurrence(FP, NOON + MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'repeated' })
    expect(await standing()).toMatchObject({ repeats: { count: 2 }, dueAtMs: NOON + 2 * MINUTE })
  })

  it('after a rejection stays quiet for as long as an approval may take', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    await change({ status: 'rejected', rejection: { by: { id: 'U0ONCALL1', name: 'ada' }, atMs: NOON, reason: 'no' } })
    await bench.recordOccurrence(FP, NOON + HOUR)
    bench.setNow(NOON + HOUR)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'quiet' })
    bench.setNow(NOON + 8 * HOUR - 1)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'quiet' })
    bench.setNow(NOON + 8 * HOUR)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect((await standing()).previous?.status).toBe('rejected')
  })

  it('after a card expired gets a new card that says so', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    const first = await standing()
    await change({ status: 'expired', dueAtMs: null })
    expect(await bench.propose(FP)).toMatchObject({ kind: 'quiet' })
    await bench.recordOccurrence(FP, NOON + 9 * HOUR)
    bench.setNow(NOON + 9 * HOUR)
    await bench.propose(FP)
    expect(await standing()).toMatchObject({ previous: { id: first.id, status: 'expired' }, status: 'open' })
    expect(channel()).toHaveLength(2)
  })

  it('of something that is not ours is looked at again at most hourly, and told again only when the cause is another', async () => {
    bench.finding = notOurs()
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    for (const n of [10, 20, 30]) {
      bench.setNow(NOON + n * MINUTE)
      await bench.recordOccurrence(FP, NOON + n * MINUTE)
      expect(await bench.propose(FP)).toMatchObject({ kind: 'quiet' })
    }
    expect(bench.analyzed).toHaveLength(2)
    expect(channel()).toHaveLength(1)
    bench.finding = sampleAnalysis()
    bench.setNow(NOON + 90 * MINUTE)
    await bench.recordOccurrence(FP, NOON + 90 * MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(channel()).toHaveLength(2)
  })

  it('of something that is not ours is looked at once more where IAM could not be read', async () => {
    bench.finding = notOurs()
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    bench.setNow(NOON + 10 * MINUTE)
    await bench.recordOccurrence(FP, NOON + 10 * MINUTE)
    bench.findingOf = () => {
      throw new Error('ThrottlingException')
    }
    await expect(bench.propose(FP)).rejects.toThrow('ThrottlingException')
    bench.findingOf = () => sampleAnalysis()
    bench.setNow(NOON + 16 * MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
  })
})

describe('a denial after a grant', () => {
  const grant = {
    changes: sampleProposal().patch?.changes ?? [],
    atMs: NOON + 10 * MINUTE,
    endsAtMs: null,
    answer: 'allowed',
  } as const

  beforeEach(async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    await change({ status: 'applied', applied: grant })
  })

  it('within a minute is noise: IAM had not shown the grant everywhere', async () => {
    await bench.recordOccurrence(FP, NOON + 10.5 * MINUTE)
    bench.setNow(NOON + 12 * MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'quiet' })
    expect(bench.analyzed).toHaveLength(1)
  })

  it('later says that the grant did not help, and offers to revert it first', async () => {
    const first = await standing()
    await bench.recordOccurrence(FP, NOON + 15 * MINUTE)
    bench.setNow(NOON + 16 * MINUTE)
    await bench.propose(FP)
    const second = await standing()
    expect(second.previous).toEqual({ id: first.id, status: 'applied', digest: first.patch?.digest })
    const blocks = JSON.stringify(channel()[1]?.blocks)
    expect(blocks).toContain('An earlier grant did not help')
    expect(blocks).toContain(`"value":"${first.id}:${first.patch?.digest}:${second.id}"`)
    expect(blocks.indexOf('"action_id":"revert"')).toBeLessThan(blocks.indexOf('"action_id":"approve"'))
  })
})

describe('an approval that came too late, as the account had changed', () => {
  it('leads to a fresh card without waiting for another denial', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    await bench.propose(FP)
    const first = await standing()
    await change({ status: 'stale', failure: { code: 'stale', message: 'The policy was edited.', owner: null } })
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(await standing()).toMatchObject({ status: 'open', previous: { id: first.id, status: 'stale' } })
    expect(await bench.propose(FP)).toMatchObject({ kind: 'repeated' })
  })

  it('leads to a new card also when the first proposer crashed before it claimed the denial', async () => {
    await bench.recordOccurrence(FP, NOON - MINUTE)
    const dying = async () => Promise.reject(new Error('died'))
    const store = { ...bench.store, claimOccurrence: dying }
    await expect(makePropose({ ...bench.deps, store })(FP)).rejects.toThrow('died')
    const [first] = await bench.store.open(1)
    if (first === undefined) throw new Error('nothing was stored')
    const failure = { code: 'stale', message: 'The policy was edited.', owner: null }
    await bench.store.replace(first, movedTo(first, { status: 'stale', failure }))
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(await standing()).toMatchObject({ status: 'open', previous: { id: first.id, status: 'stale' } })
  })
})

describe('a denial of a role that was seconds old', () => {
  it('is recorded as solved by itself, without card or notice, each time that the role is made again', async () => {
    bench.finding = solvedItself()
    for (const atMs of [NOON, NOON + HOUR]) {
      bench.setNow(atMs + MINUTE)
      await bench.recordOccurrence(FP, atMs)
      expect(await bench.propose(FP)).toMatchObject({ kind: 'recorded' })
      expect(await standing()).toMatchObject({ status: 'closed', card: null, refusal: { code: 'transient' } })
    }
    expect(bench.slack.messages()).toEqual([])
    expect(bench.notices).toEqual([])
    expect(kinds()).toEqual(['denial-seen', 'refused', 'denial-seen', 'refused'])
  })

  it('gets a card when it is denied again and the policies allow it twice', async () => {
    bench.finding = solvedItself()
    await bench.recordOccurrence(FP, NOON)
    await bench.propose(FP)
    bench.finding = alreadyAllowed()
    const seen: string[] = []
    for (const atMs of [NOON + HOUR, NOON + 2 * HOUR]) {
      bench.setNow(atMs + MINUTE)
      await bench.recordOccurrence(FP, atMs)
      seen.push((await bench.propose(FP)).kind)
    }
    expect(seen).toEqual(['recorded', 'posted'])
  })
})

describe('a denial that the policies allow by now', () => {
  it('is recorded without a card or a notice, and with a card when it is denied again', async () => {
    bench.finding = alreadyAllowed()
    await bench.recordOccurrence(FP, NOON - MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'recorded' })
    expect(await bench.propose(FP)).toMatchObject({ kind: 'quiet' })
    expect(bench.slack.messages()).toEqual([])
    expect(bench.notices).toEqual([])
    expect(kinds()).toEqual(['denial-seen', 'refused'])

    await bench.recordOccurrence(FP, NOON + 5 * MINUTE)
    bench.setNow(NOON + 6 * MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(channel()[0]?.text).toContain('Allowed by now')
    expect(JSON.stringify(channel()[0]?.blocks)).not.toContain('"action_id":"approve"')
  })
})
