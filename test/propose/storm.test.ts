import { afterEach, describe, expect, it } from 'vitest'
import { configSchema } from '../../functions/domain/config/config.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import { inStatus, MINUTE, movedTo, NOON } from '../fakes/sample-proposal.ts'
import { type ProposeBench, proposeBench } from './propose-fixture.ts'

const CONFIG = configSchema.parse({
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
  digestAfterCards: 3,
  digestWindowMinutes: 10,
  accounts: { '444455556666': { channel: 'C0OTHER' } },
})

let bench: ProposeBench
afterEach(() => bench.slack.close())

const fingerprint = (n: number): string => String(n).padStart(16, '0')
const channel = (id = 'C0DEPLOYS') =>
  bench.slack.messages().filter(message => message.channel === id && message.threadTs === null)
const threadOf = (ts: string) => bench.slack.messages().filter(message => message.threadTs === ts)

async function denied(n: number, atMs = NOON): Promise<void> {
  const resource = `arn:aws:iam::111122223333:role/app-${n}`
  await bench.recordOccurrence(fingerprint(n), atMs, { resource })
  await bench.propose(fingerprint(n))
}

async function proposalOf(n: number) {
  const id = (await bench.store.occurrence(fingerprint(n)))?.proposalId ?? ''
  return await bench.store.get(id)
}

describe('a storm of distinct denials', () => {
  it('becomes one list after the configured number of cards, and each stays approvable on its own card', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 8; n += 1) await denied(n)
    expect(channel()).toHaveLength(4)
    const list = channel()[3]
    expect(list?.text).toContain('5 cards in this thread')
    const listed = JSON.stringify(list?.blocks)
    for (const n of [4, 5, 6, 7, 8]) expect(listed).toContain(`app-${n}`)
    expect(listed).not.toContain('app-3')
    expect(listed.match(/"action_id":"details"/g)).toHaveLength(5)
    const cards = threadOf(list?.ts ?? '')
    expect(cards).toHaveLength(5)
    for (const card of cards) expect(JSON.stringify(card.blocks)).toContain('"action_id":"approve"')
    const fifth = await proposalOf(5)
    expect(fifth).toMatchObject({
      status: 'open',
      card: { channel: 'C0DEPLOYS', ts: cards[1]?.ts, threadTs: list?.ts },
    })
  })

  it('that many workers meet at once makes one list and one card each', async () => {
    bench = await proposeBench({ config: CONFIG })
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    await Promise.all(numbers.map(n => denied(n)))
    // `sweep` posts those that met the list while it was being made.
    for (const n of numbers) {
      const proposal = await proposalOf(n)
      if (proposal?.status === 'drafted') await postCard(proposal, bench.deps)
    }
    const lists = channel().filter(message => message.text.includes('Many denials'))
    expect(lists).toHaveLength(1)
    expect(channel()).toHaveLength(4)
    expect(threadOf(lists[0]?.ts ?? '')).toHaveLength(6)
    expect(lists[0]?.text).toContain('6 cards in this thread')
    const places = await Promise.all(numbers.map(async n => inStatus(await proposalOf(n), 'open').card.ts))
    expect(new Set(places).size).toBe(9)
  })

  it('is counted per channel and per window', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 3; n += 1) await denied(n)
    await bench.recordOccurrence(fingerprint(4), NOON, { accountId: '444455556666' })
    await bench.propose(fingerprint(4))
    expect(channel('C0OTHER')).toHaveLength(1)
    bench.setNow(NOON + 11 * MINUTE)
    await denied(5, NOON + 10 * MINUTE)
    expect(channel().map(message => message.text.includes('Many denials'))).toEqual([false, false, false, false])
  })

  it('whose list was lost on the way to Slack gets it with the next attempt', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 3; n += 1) await denied(n)
    bench.slack.addFault({ kind: 'http', status: 503, times: 99 })
    await denied(4)
    expect(await proposalOf(4)).toMatchObject({ status: 'drafted' })
    bench.slack.clearFaults()
    bench.setNow(NOON + 3 * MINUTE)
    const proposal = await proposalOf(4)
    await postCard(inStatus(proposal, 'drafted'), bench.deps)
    expect(channel()).toHaveLength(4)
    expect(threadOf(channel()[3]?.ts ?? '')).toHaveLength(1)
    expect(await proposalOf(4)).toMatchObject({ status: 'open' })
  })

  it('lists a card once, however often its posting is tried', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 4; n += 1) await denied(n)
    const proposal = await proposalOf(4)
    await postCard(movedTo(inStatus(proposal, 'open'), { status: 'drafted' }), bench.deps)
    expect(threadOf(channel()[3]?.ts ?? '')).toHaveLength(1)
    expect(channel()[3]?.text).toContain('1 card in this thread')
  })

  it('of more than fits one message is listed as far as it fits, and counted', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 40; n += 1) await denied(n)
    const list = channel()[3]
    expect(list?.text).toContain('37 cards in this thread')
    expect(JSON.stringify(list?.blocks)).toMatch(/1\d more cards in the thread/)
    expect(threadOf(list?.ts ?? '')).toHaveLength(37)
  })
})
