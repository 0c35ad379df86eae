import { describe, expect, it } from 'vitest'
import { fail, ok } from '../../core/base/result.ts'
import type { Denial } from '../../core/denial/denial.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../core/patch/patch.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import { makeReview } from '../../functions/propose/review-grant.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { CONFIG, memoryBot } from '../fakes/memory-bot.ts'
import { memoryHistory } from '../fakes/memory-history.ts'
import { DENIAL, HOUR, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'

const DAY = 24 * HOUR
const DAYS = 90
const GRANTS = 200
const END = NOON + DAYS * DAY

/** How a grant is used. Every fourth grant has the same kind. */
const KINDS = ['never', 'often', 'now and then', 'at first only'] as const

/** The same sequence in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

function grantOf(n: number, atMs: number) {
  const role = `arn:aws:iam::111122223333:role/task-${n}`
  const denial: Denial = { ...DENIAL, id: `event-${n}`, resource: role, timeMs: atMs - 2 * 60_000 }
  const documents: Pick<PolicyChange, 'target' | 'before' | 'after'> = {
    target: {
      kind: 'role-inline-policy',
      accountId: '111122223333',
      name: 'deployer',
      policyName: `rolemedic-${n}`,
      arn: 'arn:aws:iam::111122223333:role/deployer',
    },
    before: null,
    after: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: `Rolemedic${n}`,
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: role,
          Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
        },
      ],
    },
  }
  const changes = [{ ...documents, digest: changeDigest(documents), required: true }]
  return sampleProposal({
    id: `p-${n}`,
    fingerprint: `fingerprint-${n}`,
    denial,
    patch: { changes, digest: patchDigest(changes) },
    status: 'confirmed',
    applied: { ...OUTCOME, changes, atMs },
    createdAtMs: atMs,
    expiresAtMs: atMs + 8 * HOUR,
    dueAtMs: atMs + HOUR,
  })
}

/** When each grant is used. The history may not show all uses. */
function usesOf(kind: (typeof KINDS)[number], fromMs: number, chance: () => number): readonly number[] {
  const uses: number[] = []
  switch (kind) {
    case 'never':
      return uses
    case 'often':
      for (let atMs = fromMs + HOUR; atMs < END; atMs += DAY * (1 + 5 * chance())) uses.push(atMs)
      return uses
    case 'now and then':
      for (let atMs = fromMs + HOUR; atMs < END; atMs += DAY * (10 + 18 * chance())) uses.push(atMs)
      return uses
    case 'at first only':
      for (let times = 0; times < 4; times += 1) uses.push(fromMs + HOUR + times * DAY)
      return uses.filter(atMs => atMs < END)
  }
}

/** Stores proposals as values without serialization, because a quarter needs many searches. */
function plainStore(): Pick<ProposalStore, 'create' | 'get' | 'replace' | 'due'> {
  const items = new Map<string, Proposal>()
  return {
    async create(proposal) {
      items.set(proposal.id, proposal)
      return ok(proposal)
    },
    get: async id => items.get(id) ?? null,
    async replace(current, next) {
      const stored = items.get(current.id)
      if (stored === undefined || stored.version !== current.version) return fail(stored ?? current)
      const written = { ...next, version: current.version + 1 }
      items.set(next.id, written)
      return ok(written)
    },
    due: async (nowMs, limit) =>
      [...items.values()].filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs).slice(0, limit),
  }
}

describe('a quarter with 200 grants of use and disuse, and histories that are incomplete at times', () => {
  it('leaves no unused grant older than 60 days without a card, and offers none that is in use as unused', async () => {
    const bot = memoryBot(CONFIG)
    const history = memoryHistory(bot.clock)
    const chance = random(20)
    const grants = Array.from({ length: GRANTS }, (_, n) => {
      const kind = KINDS[n % KINDS.length] ?? 'never'
      // Over the first two thirds of the quarter, each at another time of day.
      const atMs = NOON + Math.floor(((n * 0.3) % 60) * DAY) + Math.floor(chance() * 1_000) * 1_000
      return { n, id: `p-${n}`, kind, atMs, uses: usesOf(kind, atMs, chance).map(ms => Math.floor(ms / 1000) * 1000) }
    })
    for (const { n, uses } of grants)
      for (const atMs of uses) {
        const session = `run-${Math.floor(chance() * 1000)}`
        const region = chance() < 0.3 ? 'us-east-1' : 'eu-west-1'
        history.calls.push({ atMs, session, region, roleArn: `arn:aws:iam::111122223333:role/task-${n}` })
      }
    history.calls.sort((a, b) => a.atMs - b.atMs)
    // Every sixth day is truncated in one Region, two days are refused, and one is throttled. Afterwards the history is complete again.
    history.trouble = (atMs, region) => {
      const day = Math.floor((atMs - NOON) / DAY)
      if (day === 20 || day === 21) return 'refused'
      if (day === 44) return 'throttled'
      return region === 'us-east-1' && day % 6 === 5 ? 'cut' : 'none'
    }
    const store = { ...bot.store, ...plainStore() }
    const review = makeReview({
      ...bot,
      documents: { read: async () => ({ kind: 'unreadable', why: 'not read' }) },
      store,
      history,
      regions: ['eu-west-1', 'us-east-1'],
    })
    const sweep = makeSweep({ ...bot, store })
    const waiting = [...grants]
    const created: (typeof grants)[number][] = []
    const lastUseBefore = (id: string | null, ms: number) => {
      const grant = grants.find(one => one.id === id)
      return Math.max(grant?.atMs ?? 0, ...(grant?.uses ?? []).filter(atMs => atMs <= ms))
    }
    const late: string[] = []
    let reviews = 0
    for (let nowMs = NOON; nowMs <= END; nowMs += 8 * HOUR) {
      bot.setNow(nowMs)
      for (const grant of waiting.filter(({ atMs }) => atMs <= nowMs)) {
        await store.create(grantOf(grant.n, grant.atMs))
        waiting.splice(waiting.indexOf(grant), 1)
        created.push(grant)
      }
      await sweep()
      for (const { work } of bot.queue.sent.splice(0)) {
        if (work.kind === 'suggest') continue
        if (work.kind !== 'review') throw new Error(`no ${work.kind} is to be sent`)
        await review(work.proposalId)
        reviews += 1
      }
      const askedAtMs = new Map(
        bot.audit.entries.flatMap(({ life, proposalId, atMs }) =>
          life?.kind === 'offered' ? [[proposalId, atMs]] : [],
        ),
      )
      for (const { id } of created) {
        const sinceMs = lastUseBefore(id, nowMs)
        if (nowMs - sinceMs > 60 * DAY && (askedAtMs.get(id) ?? 0) <= sinceMs)
          late.push(`${id} on day ${(nowMs - NOON) / DAY}`)
      }
    }

    const offers = bot.audit.entries.filter(({ life }) => life?.kind === 'offered')
    const unusedOffers = offers.filter(({ why }) => why === 'no use was seen')
    // No grant is unused for 60 days without a card since its last use.
    expect(late).toEqual([])
    // No grant that was used within the 30 days before is offered as unused. 50 grants are never used, from 30 to 90 days long.
    expect(unusedOffers.length).toBeGreaterThan(50)
    for (const { proposalId, atMs } of unusedOffers)
      expect([proposalId, atMs - lastUseBefore(proposalId, atMs) >= 30 * DAY]).toEqual([proposalId, true])
    // Every grant that nobody has used for 60 days has a card.
    const idle = grants.filter(({ id }) => END - lastUseBefore(id, END) > 60 * DAY)
    const withCard = new Set(offers.map(({ proposalId }) => proposalId))
    expect(idle.length).toBeGreaterThan(40)
    expect(idle.filter(({ id }) => !withCard.has(id))).toEqual([])
    // Everything stays granted, because nobody pressed a button.
    for (const { id } of grants) expect((await store.get(id))?.status).toBe('confirmed')
    // A grant in use is offered neither as unused nor as unseen.
    const inUse = new Set(grants.filter(({ kind }) => kind === 'often').map(({ id }) => id))
    expect(offers.filter(({ proposalId }) => inUse.has(proposalId ?? ''))).toEqual([])
    // The last use is known, except on days with a truncated history.
    for (const { id, kind, uses } of grants) {
      const stored = await store.get(id)
      const known = stored !== null && 'use' in stored ? (stored.use?.lastUsedAtMs ?? null) : null
      const truth = uses.filter(atMs => atMs <= END - 8 * DAY).at(-1) ?? null
      // No use is invented.
      if (known !== null) expect(uses).toContain(known)
      if (kind === 'often') expect([id, (known ?? 0) >= (truth ?? 0)]).toEqual([id, true])
      if (kind === 'never') expect([id, known]).toEqual([id, null])
    }
    const used = bot.audit.entries.filter(({ life }) => life?.kind === 'used')
    expect(used.length).toBeGreaterThan(100)
    const perWeek = Map.groupBy(used, ({ proposalId, atMs }) => `${proposalId}/${Math.floor(atMs / (7 * DAY))}`)
    expect(Math.max(...[...perWeek.values()].map(all => all.length))).toBeLessThanOrEqual(2)
    const counts = {
      reviews,
      searches: history.searches.length,
      asked: offers.length,
      askedAsUnused: unusedOffers.length,
      idle60: idle.length,
      usedRecords: used.length,
    }
    if (process.env['SHOW_COUNTS'] !== undefined) process.stderr.write(`${JSON.stringify(counts)}\n`)
  }, 300_000)
})
