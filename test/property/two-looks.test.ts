/**
 * No button before IAM has settled: whatever messages come, in which order, how often, at the same time, and wherever a process ends.
 * And once everything was delivered, each denial has one card, which says what the second look found.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Denial } from '../../core/denial/denial.ts'
import type { Identity } from '../../core/iam/evaluation/access-snapshot.ts'
import { proposalId } from '../../functions/domain/proposal/proposal.ts'
import { firstRun } from '../../functions/domain/stored/markers.ts'
import { makeFirstLook } from '../../functions/propose/first-look.ts'
import { makePropose, type ProposeDeps } from '../../functions/propose/propose.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'
import { CONFIG, memoryBot } from '../fakes/memory-bot.ts'
import { DENIAL, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { alreadyAllowed, notOurs, sampleAnalysis, solvedItself } from '../propose/propose-fixture.ts'

const runs = { numRuns: Number(process.env['FC_RUNS'] ?? 60) }
const SECOND = 1_000
const FINGERPRINTS = ['1', '2', '3'].map(n => n.repeat(16))
const SETTLING = { ...CONFIG, settleSeconds: 60, digestAfterCards: 2 }

const FINDINGS = { change: sampleAnalysis, 'not-ours': notOurs, allowed: alreadyAllowed, solved: solvedItself }
type Finding = keyof typeof FINDINGS
const finding = fc.constantFrom(...(Object.keys(FINDINGS) as Finding[]))

const denial = fc.record({
  atMs: fc.integer({ min: 0, max: 90 * SECOND }),
  before: finding,
  after: finding,
  /** When the caller was made. Null: long ago. */
  madeMs: fc.option(fc.integer({ min: 0, max: 150 * SECOND }), { nil: null }),
})
/** `dies`: before the call of a port with this number. */
const delivery = fc.record({
  kind: fc.constantFrom('first-look', 'first-look', 'propose', 'propose', 'sweep'),
  of: fc.integer({ min: 0, max: FINGERPRINTS.length - 1 }),
  afterMs: fc.integer({ min: 0, max: 40 * SECOND }),
  isTogether: fc.boolean(),
  dies: fc.option(fc.nat({ max: 30 }), { nil: null }),
  isSlackDown: fc.boolean(),
})
type Denied = typeof denial extends fc.Arbitrary<infer D> ? D : never
type Delivery = typeof delivery extends fc.Arbitrary<infer D> ? D : never

class Killed extends Error {}

function worldOf(denials: readonly Denied[], scheduler: fc.Scheduler) {
  const { chat, store, audit, queue, ...bot } = memoryBot(SETTLING)
  const notices: unknown[] = []
  const early: string[] = []
  const which = ({ resource }: Denial): number => Number(resource?.at(-1)) - 1
  /** No proposal may be made then: IAM has not settled, as far as it can be seen. */
  const isTooEarly = (at: number, nowMs: number): boolean => {
    const { atMs = 0, madeMs = null } = denials[at] ?? {}
    const isNew = madeMs !== null && nowMs >= NOON + madeMs && nowMs < NOON + madeMs + MINUTE
    return nowMs < NOON + atMs + MINUTE || isNew
  }
  const analyze = async (asked: Denial): Promise<Analysis> => {
    const at = which(asked)
    const { atMs = 0, before = 'change', after = 'change', madeMs = null } = denials[at] ?? {}
    const found = FINDINGS[bot.clock() < NOON + atMs + MINUTE ? before : after]()
    if (madeMs === null || bot.clock() < NOON + madeMs) return { ...found, denial: asked }
    const value = { kind: 'user', arn: 'arn:aws:iam::111122223333:user/deployer', createdAtMs: NOON + madeMs }
    const caller = { ...value, policies: [], unseen: [], boundary: { kind: 'absent' } } as unknown as Identity
    return { ...found, snapshot: { ...found.snapshot, caller: { kind: 'found', value: caller } }, denial: asked }
  }
  const renderer = { ...bot.renderer, list: () => ({ text: 'list', blocks: [] }) }

  /** After every step of anybody. */
  const watch = async (): Promise<void> => {
    const posted = chat.posts.filter(({ key }) => key.startsWith('p-'))
    let decidable = 0
    for (const [at, fingerprint] of FINGERPRINTS.entries()) {
      const proposal = await store.get(proposalId(fingerprint, null))
      if (proposal === null) continue
      if (proposal.status !== 'closed') decidable += 1
      if (proposal.status !== 'closed' && isTooEarly(at, proposal.createdAtMs)) early.push(`${at} could be decided`)
    }
    const shown = [...chat.cards.values()].filter(text => text === 'open').length
    if (shown > decidable) early.push(`${shown} of ${posted.length} cards had a button, ${decidable} could be decided`)
  }
  const stepped = <Port extends object>(port: Port, dies: { left: number | null }): Port =>
    new Proxy(port, {
      get(target, member) {
        const method: unknown = Reflect.get(target, member)
        if (typeof method !== 'function') return method
        return async (...given: unknown[]) => {
          await scheduler.schedule(Promise.resolve())
          if (dies.left !== null && dies.left-- <= 0) throw new Killed()
          const answer: unknown = await method.apply(target, given)
          await watch()
          return answer
        }
      },
    })
  const process = (dies: number | null) => {
    const left = { left: dies }
    const deps: ProposeDeps = {
      ...bot,
      ...{ store: stepped(store, left), chat: stepped(chat, left), audit: stepped(audit, left) },
      queue,
      renderer,
      notifier: { publish: async detail => void notices.push(detail) },
      analyze,
      witness: async () => ({ kind: 'waiting' }),
    }
    const sweep = makeSweep({
      ...bot,
      ...deps,
      audit,
      queue,
      renderer: { ...renderer, code: bot.renderer.code },
      postCard: one => postCard(one, deps),
    })
    return { propose: makePropose(deps), lookFirst: makeFirstLook(deps), sweep }
  }
  return { ...bot, chat, store, audit, queue, notices, early, process, isTooEarly }
}

async function run(denials: readonly Denied[], deliveries: readonly Delivery[], scheduler: fc.Scheduler) {
  const world = worldOf(denials, scheduler)
  const { store, chat, queue } = world
  await store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
  let nowMs = NOON
  const seen = new Set<number>()
  const arrive = async () => {
    for (const [at, { atMs }] of denials.entries())
      if (!seen.has(at) && NOON + atMs <= nowMs) {
        seen.add(at)
        const resource = `arn:aws:iam::111122223333:role/app-${at + 1}`
        const one = { ...DENIAL, id: `event-${at}`, timeMs: NOON + atMs - SECOND, resource }
        await store.recordOccurrence(one, FINGERPRINTS[at] ?? '', NOON + atMs)
      }
  }
  const perform = async (kind: string, of: number, dies: number | null): Promise<void> => {
    const live = world.process(dies)
    const fingerprint = FINGERPRINTS[of] ?? ''
    const work =
      kind === 'sweep' ? live.sweep() : kind === 'propose' ? live.propose(fingerprint) : live.lookFirst(fingerprint)
    await work.catch(error => {
      if (!(error instanceof Killed) && chat.down === null) throw error
    })
  }
  let together: Promise<void>[] = []
  for (const { kind, of, afterMs, isTogether, dies, isSlackDown } of deliveries) {
    if (!isTogether) {
      await scheduler.waitFor(Promise.all(together))
      together = []
      nowMs += afterMs
      world.setNow(nowMs)
      await arrive()
      chat.down = isSlackDown ? new Error('Slack is down') : null
    }
    together.push(perform(kind, of, dies))
  }
  await scheduler.waitFor(Promise.all(together))
  chat.down = null
  // Queues deliver what failed, or what was queued again, and `sweep` finds what is lost.
  for (let turn = 0; turn < 12; turn += 1) {
    nowMs += MINUTE
    world.setNow(nowMs)
    await arrive()
    const again = queue.sent.splice(0)
    for (const { work } of again)
      if (work.kind === 'propose')
        await scheduler.waitFor(perform('propose', FINGERPRINTS.indexOf(work.fingerprint), null))
    for (const at of denials.keys()) if (turn === 3) await scheduler.waitFor(perform('propose', at, null))
    await scheduler.waitFor(perform('sweep', 0, null))
  }
  return world
}

describe('two looks at a denial', () => {
  it('give no button before the second one, and one card in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(denial, { minLength: 1, maxLength: FINGERPRINTS.length }),
        fc.array(delivery, { minLength: 1, maxLength: 14 }),
        fc.scheduler(),
        async (denials, deliveries, scheduler) => {
          const world = await run(denials, deliveries, scheduler)
          expect(world.early).toEqual([])
          for (const at of denials.keys()) {
            const proposal = await world.store.get(proposalId(FINGERPRINTS[at] ?? '', null))
            expect(proposal?.status).toBe(denials[at]?.after === 'change' ? 'open' : 'closed')
            if (proposal?.status !== 'closed') expect(world.isTooEarly(at, proposal?.createdAtMs ?? 0)).toBe(false)
          }
          const texts = [...world.chat.cards.values()]
          const changes = denials.filter(({ after }) => after === 'change')
          expect(texts.filter(text => text === 'open')).toHaveLength(changes.length)
          expect(texts.filter(text => text.startsWith('Settling'))).toEqual([])
        },
      ),
      runs,
    )
  })
})
