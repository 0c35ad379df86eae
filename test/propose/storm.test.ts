import { afterEach, describe, expect, it, vi } from 'vitest'
import { renderList } from '../../functions/adapters/slack/blocks/list.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { makePropose } from '../../functions/propose/propose.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { showWaitingLists } from '../../functions/workflows/card/storm-list-message.ts'
import { linesIn } from '../card-text.ts'
import { inStatus, MINUTE, movedTo, NOON } from '../fakes/sample-proposal.ts'
import { type ProposeBench, proposeBench, sampleAnalysis } from './propose-fixture.ts'

const CONFIG = configSchema.parse({
  mode: 'approve',
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

const SECOND = 1_000
/** Like the next sweep. */
async function sweepLists(atMs = NOON + 20 * SECOND): Promise<number> {
  bench.setNow(atMs)
  return showWaitingLists(['C0DEPLOYS', 'C0OTHER'], bench.deps, () => false)
}

describe('a storm of distinct denials', () => {
  it('becomes one list after the configured number of cards, and each stays approvable on its own card', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 8; n += 1) await denied(n)
    await sweepLists()
    expect(channel()).toHaveLength(4)
    const list = channel()[3]
    expect(list?.text).toContain('5 denials in this thread')
    const listed = JSON.stringify(list?.blocks)
    for (const n of [4, 5, 6, 7, 8]) expect(listed).toContain(`app-${n}`)
    expect(listed).not.toContain('app-3')
    // One line for the five: the name of each role opens its card.
    expect(listed.match(/Waits for approval:/g)).toHaveLength(1)
    expect(listed).toContain('"5 roles"')
    const links = [...listed.matchAll(/"type":"link","url":"([^"]+)"/g)].map(([, url]) => url)
    expect(new Set(links).size).toBe(5)
    expect(links[0]).toContain(`/archives/C0DEPLOYS/p${threadOf(list?.ts ?? '')[0]?.ts.replace('.', '')}`)
    const cards = threadOf(list?.ts ?? '')
    expect(cards).toHaveLength(5)
    for (const card of cards) expect(JSON.stringify(card.blocks)).toContain('"action_id":"approve"')
    const fifth = await proposalOf(5)
    expect(fifth).toMatchObject({
      status: 'open',
      card: { conversation: 'C0DEPLOYS', message: cards[1]?.ts, thread: list?.ts },
    })
  })

  it('that many workers meet at once makes one list and one card each', async () => {
    bench = await proposeBench({ config: CONFIG })
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    await Promise.all(numbers.map(n => denied(n)))
    // `sweep` posts the cards that arrived while the list was created.
    for (const n of numbers) {
      const proposal = await proposalOf(n)
      if (proposal?.status === 'drafted') await postCard(proposal, bench.deps)
    }
    await sweepLists()
    const lists = channel().filter(message => message.text.includes('Many denials'))
    expect(lists).toHaveLength(1)
    expect(channel()).toHaveLength(4)
    expect(threadOf(lists[0]?.ts ?? '')).toHaveLength(6)
    expect(lists[0]?.text).toContain('6 denials in this thread')
    const places = await Promise.all(numbers.map(async n => inStatus(await proposalOf(n), 'open').card.message))
    expect(new Set(places).size).toBe(9)
  })

  it('lists every card, also where an older update of the list comes after a newer one', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 4; n += 1) await denied(n)
    const list = channel()[3]?.ts
    let go = (): void => {}
    const late = new Promise<void>(resolve => {
      go = resolve
    })
    let isFirst = true
    const { chat } = bench.deps
    const slow: typeof chat = {
      ...chat,
      async update(card, message) {
        const waits = isFirst && card.message === list
        if (waits) isFirst = false
        if (waits) await late
        return chat.update(card, message)
      },
    }
    bench.setNow(NOON + 20 * SECOND)
    await bench.recordOccurrence(fingerprint(5), NOON, { resource: 'arn:aws:iam::111122223333:role/app-5' })
    const fifth = makePropose({ ...bench.deps, chat: slow })(fingerprint(5))
    await vi.waitFor(() => expect(isFirst).toBe(false), { timeout: 30_000 })
    await sweepLists(NOON + 40 * SECOND)
    await denied(6)
    go()
    await fifth
    // The update of the fifth came last, and shows less than is stored.
    expect(channel()[3]?.text).toContain('2 denials in this thread')
    await sweepLists(NOON + 60 * SECOND)
    expect(channel()[3]?.text).toContain('3 denials in this thread')
    for (const n of [4, 5, 6]) expect(JSON.stringify(channel()[3]?.blocks)).toContain(`app-${n}`)
  })

  it.each([
    ['goes on when it is there', 1, 'posted'],
    ['leaves the card to the next sweep where that takes too long', 19, 'delayed'],
  ])('waits for the list that another worker posts, and %s', async (_, sleeps, kind) => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 3; n += 1) await denied(n)
    let go = (): void => {}
    const late = new Promise<void>(resolve => {
      go = resolve
    })
    const { chat } = bench.deps
    const isList = (key: string) => bench.store.get(key).then(proposal => proposal === null)
    let isPosting = false
    const slow: typeof chat = {
      ...chat,
      async post(where, message, key, options) {
        isPosting = await isList(key)
        if (isPosting) await late
        return chat.post(where, message, key, options)
      },
    }
    for (const n of [4, 5])
      await bench.recordOccurrence(fingerprint(n), NOON, { resource: `arn:aws:iam::111122223333:role/app-${n}` })
    const fourth = makePropose({ ...bench.deps, chat: slow })(fingerprint(4))
    await vi.waitFor(() => expect(isPosting).toBe(true), { timeout: 30_000 })
    let slept = 0
    const sleep = async () => {
      slept += 1
      if (slept < sleeps || kind === 'delayed') return
      go()
      await fourth
    }
    expect(await makePropose({ ...bench.deps, sleep })(fingerprint(5))).toMatchObject({ kind })
    expect(slept).toBe(sleeps)
    go()
    expect(await fourth).toMatchObject({ kind: 'posted' })
    expect(channel()).toHaveLength(4)
    expect(threadOf(channel()[3]?.ts ?? '')).toHaveLength(kind === 'posted' ? 2 : 1)
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
    expect(channel()[3]?.text).toContain('1 denial in this thread')
  })

  it('of more than fits one message is listed as far as it fits, and counted', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 40; n += 1) await denied(n)
    // The longer the list, the less often it is updated.
    await sweepLists(NOON + 36 * SECOND)
    expect(channel()[3]?.text).toContain('1 denial in this thread')
    await sweepLists(NOON + 37 * SECOND)
    const list = channel()[3]
    expect(list?.text).toContain('37 denials in this thread')
    expect(JSON.stringify(list?.blocks)).toContain(' and 29 more"')
    expect(threadOf(list?.ts ?? '')).toHaveLength(37)
  })

  it('of many causes shows twenty lines, and counts the others', () => {
    const items = Array.from({ length: 40 }, (_, n) => ({
      proposalId: `p-${n}`,
      digest: 'd',
      tone: 'low',
      text: `x-${n}`,
    }))
    const shown = linesIn(renderList(items, 41).blocks)
    expect(shown.filter(line => /^🟢 x-\d+ $/.test(line))).toHaveLength(20)
    expect(shown.at(-1)).toMatch(/^21 more denials in the thread\. /)
  })

  it('that only informs is two cards and one line for one cause, and leaves room for others', async () => {
    bench = await proposeBench({ config: CONFIG })
    const gone = { code: 'role-gone', message: 'The role is gone.', owner: null }
    bench.finding = sampleAnalysis({ verified: null, refusal: gone })
    for (let n = 1; n <= 8; n += 1) await denied(n)
    await sweepLists()
    expect(channel()).toHaveLength(3)
    expect(channel()[2]?.text).toContain('6 denials in this thread')
    expect(linesIn(channel()[2]?.blocks ?? []).slice(1)).toEqual([
      'ℹ️ No safe change: deployer was denied iam:PassRole on 6 roles: app-3, app-4, app-5, app-6, app-7, app-8',
      'Each has its own card in this thread.',
    ])
  })

  it.each([
    ['https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100?thread_ts=1.2&cid=C0DEPLOYS', true],
    ['https://acme.enterprise.slack.com/archives/C0DEPLOYS/p1', true],
    ['https://evil.example/archives/C0DEPLOYS/p1', false],
    ['https://acme.slack.com.evil.example/archives/C0DEPLOYS/p1', false],
    ['https://acme.slack.com@evil.example/archives/C0DEPLOYS/p1', false],
    ['javascript:alert(1)', false],
  ])('links to nothing but messages of Slack: %s', async (link, isLinked) => {
    bench = await proposeBench({ config: CONFIG })
    const item = { proposalId: 'p-1', digest: 'd', tone: 'low', text: 'x', state: 'Rejected', link }
    expect(JSON.stringify(renderList([item], 1).blocks).includes(`"url":"${link}"`)).toBe(isLinked)
  })

  it('says of each entry what it is now, and updates the message a few times at most', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 8; n += 1) await denied(n)
    await sweepLists()
    bench.setNow(NOON + 40 * SECOND)
    const words = () => JSON.stringify(channel()[3]?.blocks).replaceAll('"},{"type":"text","text":"', '')
    const entry = async (n: number) => inStatus(await proposalOf(n), 'open')
    const end = async (n: number, status: 'rejected' | 'applied') => {
      const written = await bench.store.replace(await entry(n), movedTo(await entry(n), { status }))
      if (!written.ok) throw new Error('somebody else wrote')
      await refreshCard(written.value.id, bench.deps)
    }
    await end(4, 'rejected')
    expect(words()).toMatch(/⛔ Rejected:[^[]*app-4/)
    expect(words()).toMatch(/Waits for approval:[^[]*app-5/)
    // Too soon for Slack: stored, and shown with the next update.
    await end(5, 'rejected')
    expect(words()).toMatch(/Waits for approval:[^[]*app-5/)
    bench.setNow(NOON + MINUTE)
    await refreshCard((await proposalOf(5))?.id ?? '', bench.deps)
    expect(words()).toMatch(/⛔ Rejected:[^[]*app-5/)
    bench.setNow(NOON + 2 * MINUTE)
    await end(6, 'applied')
    expect(words()).toMatch(/✅ Allowed now:[^[]*app-6/)
    // Nothing new: no update.
    const before = channel()[3]
    await refreshCard((await proposalOf(6))?.id ?? '', bench.deps)
    expect(channel()[3]).toEqual(before)
  })

  it('counts a denial once, however often its card is posted again', async () => {
    bench = await proposeBench({ config: CONFIG })
    for (let n = 1; n <= 4; n += 1) await denied(n)
    for (const n of [1, 4]) {
      const open = inStatus(await proposalOf(n), 'open')
      const failure = { code: 'drift', message: 'the policy was changed', owner: null }
      await bench.store.replace(open, movedTo(open, { status: 'stale', failure }))
      await bench.propose(fingerprint(n))
      expect((await proposalOf(n))?.previous?.id).toBe(open.id)
    }
    // The first is in the channel again, and the fourth is in the thread of the list, which has one denial.
    expect(channel().filter(({ text }) => text.includes('app-1'))).toHaveLength(2)
    const list = channel().find(({ text }) => text.includes('Many denials'))
    expect(list?.text).toContain('1 denial in this thread')
    expect(JSON.stringify(list?.blocks).match(/app-4/g)).toHaveLength(1)
    expect(threadOf(list?.ts ?? '')).toHaveLength(2)
    await denied(5)
    await sweepLists()
    expect(channel().find(({ text }) => text.includes('Many denials'))?.text).toContain('2 denials in this thread')
  })
})
