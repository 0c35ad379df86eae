/** `/rolemedic doctor`: each function tries with its own role what its work needs, and stores what failed. */
import { setTimeout as delay } from 'node:timers/promises'
import { neutralText, shortened } from '../../core/base/index.ts'
import {
  type BotFunction,
  type FailedTrial,
  SELF_TEST_FRESH_MS,
  SELF_TEST_JOB,
  type SelfTestAnswer,
} from '../domain/messages/index.ts'
import { SELF_TEST_ASKED, selfTestAnswer } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Trial } from '../ports/self-test/trial.ts'

type Found = Pick<SelfTestAnswer, 'tried' | 'failed'>

export type SelfTestDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly clock: Clock
  readonly observer: Observer
}

const AT_ONCE = 10
const ALL_MS = 20_000
const MAX_FAILED = 50
const MAX_CHARS = 200

/** What a rule hands to a function. */
export type SelfTestJob = { readonly job: typeof SELF_TEST_JOB }
export const isSelfTest = (event: object): event is SelfTestJob => 'job' in event && event.job === SELF_TEST_JOB

/** Does nothing unless somebody has asked just now, and once for each question: an event alone is no reason. */
export function makeSelfTest(
  name: BotFunction,
  deps: SelfTestDeps,
  find: () => Promise<{ readonly [name in BotFunction]?: Found }>,
): () => Promise<void> {
  const { store, clock, observer } = deps
  return async () => {
    const asked = (await store.getMarker(SELF_TEST_ASKED))?.value
    if (asked === undefined || Math.abs(clock() - asked.askedMs) > SELF_TEST_FRESH_MS) return
    if ((await store.getMarker(selfTestAnswer(name)))?.value.askedMs === asked.askedMs) return
    for (const [found, answer] of Object.entries(await find()))
      await storeAnswer(found as BotFunction, { askedMs: asked.askedMs, ...answer }, deps)
    observer.log('info', 'self_test_done', { function: name })
  }
}

export async function storeAnswer(
  name: BotFunction,
  answer: SelfTestAnswer,
  { store }: Pick<SelfTestDeps, 'store'>,
): Promise<void> {
  const marker = selfTestAnswer(name)
  await store.putMarker(marker, (await store.getMarker(marker))?.version ?? 0, answer)
}

/** `allMs`: what has not answered by then has failed. */
export async function runTrials(trials: readonly Trial[], allMs = ALL_MS): Promise<Found> {
  const failed: FailedTrial[] = []
  const waiting = [...trials]
  const timer = new AbortController()
  const late = `no answer within ${allMs} ms`
  const timeUp = delay(allMs, late, { signal: timer.signal }).catch(() => null)
  const worker = async () => {
    for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
      const [what, run] = trial
      const why = await Promise.race([run().then(() => null, reasonOf), timeUp])
      if (why !== null) failed.push({ what: shown(what), why: shown(why) })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  timer.abort()
  const order = trials.map(([what]) => shown(what))
  failed.sort((a, b) => order.indexOf(a.what) - order.indexOf(b.what))
  return { tried: trials.length, failed: failed.slice(0, MAX_FAILED) }
}

const shown = (text: string): string => shortened(neutralText(text), MAX_CHARS)

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.name}: ${error.message}${cause}`
}
