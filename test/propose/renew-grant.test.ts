import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { Proposal, Ratification } from '../../functions/domain/proposal/proposal.ts'
import type { ProposeDeps } from '../../functions/propose/propose.ts'
import { makeRenew } from '../../functions/propose/renew-grant.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'
import { CONFIG, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { type Changed, DENIAL, HOUR, MINUTE, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'
import { sampleAnalysis } from './propose-fixture.ts'

class Killed extends Error {}
const FP = fingerprintOf(DENIAL)
const ENDS = NOON + 8 * HOUR
const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const STANDING: Changed<'confirmed'> = {
  status: 'confirmed',
  fingerprint: FP,
  approvals: [{ by: ANNA, atMs: NOON, limitHours: 8, reason: null }],
  applied: { ...OUTCOME, endsAtMs: ENDS },
  dueAtMs: ENDS,
}
const [CHANGE] = OUTCOME.changes

async function bench(changed: Partial<Changed<'confirmed' | 'reverted'>> = {}, config: BotConfig = CONFIG) {
  const bot = memoryBot(config)
  let calls = 0
  let dies = 0
  /** The process dies at this call of a port: before it in every odd case, after it in every even one. */
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...given: unknown[]) => {
          calls += 1
          if (calls === dies) throw new Killed()
          const answer: unknown = await method.apply(target, given)
          calls += 1
          if (calls === dies) throw new Killed()
          return answer
        }
      },
    })
  await bot.store.recordOccurrence({ ...DENIAL, timeMs: NOON }, FP, NOON)
  await bot.store.claimOccurrence(FP, null, 'p-1')
  await bot.store.create(sampleProposal({ ...STANDING, ...changed } as Changed<'confirmed' | 'reverted'>))
  let analysis: Analysis = sampleAnalysis({
    withdrawn:
      CHANGE === undefined ? [] : [{ proposalId: 'p-1', target: CHANGE.target, live: CHANGE.after, without: null }],
  })
  const deps: ProposeDeps = {
    ...bot,
    renderer: { ...bot.renderer, list: () => ({ text: 'list', blocks: [] }) },
    notifier: { publish: async () => {} },
    analyze: async () => analysis,
    witness: async () => ({ kind: 'confirmed', denial: DENIAL }),
  }
  bot.setNow(ENDS - HOUR)
  const offered = async (): Promise<readonly Proposal[]> => (await bot.store.open(10)).filter(({ id }) => id !== 'p-1')
  return {
    bot,
    renew: () => makeRenew(deps)('p-1'),
    /** False: it needed fewer calls. */
    async killedAt(call: number): Promise<boolean> {
      calls = 0
      dies = call
      const { store, chat, audit } = deps
      try {
        await makeRenew({ ...deps, store: mortal(store), chat: mortal(chat), audit: mortal(audit) })('p-1')
        return false
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        return true
      } finally {
        dies = 0
      }
    },
    sweep: () => makeSweep({ ...bot, postCard: draft => postCard(draft, deps) })(),
    offered,
    analyzed(changedAnalysis: Partial<Analysis>) {
      analysis = { ...analysis, ...changedAnalysis }
    },
  }
}

/** Without what is in their threads, and the first message of the channel. */
const cardsIn = ({ chat }: MemoryBot) =>
  chat.posts.map(({ key }) => key).filter(key => key.startsWith('p-') && !key.includes('/'))

describe('a grant that ends in an hour', () => {
  it('gets one card that keeps it, which ends before the grant does', async () => {
    const { renew, offered, bot } = await bench()
    expect(await Promise.all([renew(), renew()])).toEqual(['offered', 'offered'])
    expect(await renew()).toBe('offered')
    const cards = await offered()
    expect(cards).toMatchObject([
      {
        status: 'open',
        previous: { id: 'p-1', withdrawn: true, renewedUntilMs: ENDS },
        expiresAtMs: ENDS - 2 * MINUTE,
      },
    ])
    expect(cardsIn(bot)).toEqual([cards[0]?.id])
    expect(bot.audit.entries.map(({ kind }) => kind)).toEqual(['denial-seen', 'proposed'])
    expect(await bot.store.occurrence(FP)).toMatchObject({ proposalId: cards[0]?.id })
  })

  it.each<[string, Partial<Changed<'confirmed'>>, BotConfig]>([
    ['a break-glass', { approvals: [{ by: ANNA, atMs: NOON, limitHours: 4, reason: 'down' }] }, CONFIG],
    [
      'one that nobody signed',
      { approvals: [{ by: ANNA, atMs: NOON, limitHours: 8, reason: null, signed: null }] },
      CONFIG,
    ],
    ['one that does not help', { applied: { ...OUTCOME, endsAtMs: ENDS, answer: 'denied' } }, CONFIG],
    ['one that is over', { applied: { ...OUTCOME, endsAtMs: ENDS - HOUR } }, CONFIG],
    ['one without an end', { applied: { ...OUTCOME, endsAtMs: null } }, CONFIG],
    ['one of an account that is observed', {}, botConfigSchema.parse({ ...CONFIG, mode: 'observe' })],
    [
      'one where every grant ends',
      {},
      botConfigSchema.parse({ ...CONFIG, grants: { permanent: { people: 'never', machines: 'never' } } }),
    ],
  ])('is not offered: %s', async (_, changed, config) => {
    const { renew, offered, bot } = await bench(changed, config)
    expect(await renew()).not.toBe('offered')
    expect(await offered()).toEqual([])
    expect(cardsIn(bot)).toEqual([])
  })

  it('is not offered where what stands is not what was granted, or nothing is proved', async () => {
    const edited = await bench()
    edited.analyzed({ withdrawn: [] })
    expect(await edited.renew()).toBe('not-offered')
    const refused = await bench()
    refused.analyzed({ verified: null, refusal: { code: 'denial-too-old', message: 'too old', owner: null } })
    expect(await refused.renew()).toBe('not-offered')
  })

  it('gets one card, whatever call its process dies at', async () => {
    let deaths = 0
    for (let call = 1; ; call += 1) {
      const { renew, killedAt, offered, sweep, bot } = await bench()
      if (!(await killedAt(call))) break
      deaths += 1
      // The message comes again, and what it left is due by then.
      bot.setNow(ENDS - HOUR + 3 * MINUTE)
      await renew()
      await sweep()
      await renew()
      const cards = await offered()
      expect([call, cards.map(({ status }) => status)]).toEqual([call, ['open']])
      expect([call, cardsIn(bot)]).toEqual([call, [cards[0]?.id]])
      expect(bot.audit.entries.map(({ kind }) => kind)).toEqual(['denial-seen', 'proposed'])
      expect(await bot.store.occurrence(FP)).toMatchObject({ proposalId: cards[0]?.id })
    }
    expect(deaths).toBeGreaterThan(15)
  })
})

describe('an ordinary grant that people want after a break-glass', () => {
  const BEN = { id: 'U0ONCALL2', name: 'ben' }
  const GLASS = { by: ANNA, atMs: NOON, limitHours: 4, reason: 'orders are down' }
  const ended = (ratification: Partial<Ratification> = {}, approval: object = GLASS): Partial<Changed<'reverted'>> => {
    const reverted = {
      ...{ status: 'reverted', approvals: [approval], reverted: { by: ANNA, atMs: NOON + 4 * HOUR } },
      applied: { ...OUTCOME, endsAtMs: NOON + 4 * HOUR },
    } as Changed<'reverted'>
    const signed = signedBy(
      decisionAbout(sampleProposal({ ...STANDING, ...reverted } as Changed<'reverted'>), {
        kind: 'ratify',
        by: BEN,
        atMs: ENDS,
      }),
    )
    const by = [{ by: BEN, atMs: ENDS, signed }]
    const card = { conversation: 'C0DEPLOYS', message: '1795593600.000100' }
    return {
      ...reverted,
      ratification: { askedAtMs: ENDS, card, needed: 1, by, declined: null, asksForGrant: true, ...ratification },
    }
  }

  it('gets a card as any denial', async () => {
    const { renew, offered, bot } = await bench(ended())
    expect(await Promise.all([renew(), renew()])).toEqual(['offered', 'offered'])
    const cards = await offered()
    expect(cards).toMatchObject([{ status: 'open', approvals: [], previous: { id: 'p-1', status: 'reverted' } }])
    expect(cards[0]?.previous).not.toHaveProperty('renewedUntilMs')
    expect(cardsIn(bot)).toEqual([cards[0]?.id])
    expect(bot.chat.posts.map(({ key }) => key)).not.toContain('p-1/no-grant')
  })

  it.each<[string, Partial<Changed<'reverted'>>]>([
    ['two are needed', ended({ needed: 2 })],
    ['nobody signed', ended({ by: [{ by: BEN, atMs: ENDS, signed: null }] })],
    ['nobody asked', { ...ended(), ratification: { ...ended().ratification, asksForGrant: undefined } as never }],
    ['it was no break-glass', ended({}, { ...GLASS, reason: null })],
  ])('gets none where %s', async (_, changed) => {
    const { renew, offered } = await bench(changed)
    expect(await renew()).toBe('ended')
    expect(await offered()).toEqual([])
  })

  it('gets none where the request is allowed by now, and the people who asked read why', async () => {
    const { renew, offered, analyzed, bot } = await bench(ended())
    analyzed({ verified: null })
    expect([await renew(), await renew()]).toEqual(['not-offered', 'not-offered'])
    expect(await offered()).toEqual([])
    expect(bot.chat.posts.map(({ key, text }) => [key, text])).toEqual([
      ['p-1/no-grant', expect.stringContaining('No ordinary grant is offered. ')],
    ])
  })
})
