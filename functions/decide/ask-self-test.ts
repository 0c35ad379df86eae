/** `/rolemedic doctor`: asks every function to try what its work needs. `sweep` shows what they find. */
import {
  type LinkedLine,
  type Person,
  SELF_TEST_EVERY_MS,
  SELF_TEST_WAIT_MS,
  selfTestText,
} from '../domain/messages/index.ts'
import { SELF_TEST_ASKED } from '../domain/stored/index.ts'
import type { Trial } from '../ports/self-test/trial.ts'
import { runTrials, type SelfTestDeps, storeAnswer } from '../workflows/self-test.ts'

export type AskingDeps = SelfTestDeps & {
  /** Wakes the other functions. */
  readonly wake: () => Promise<void>
  /** What this function needs itself, for the person who asks. */
  readonly trials: (by: Person) => Promise<readonly Trial[]>
}

export type Asker = { readonly by: Person; readonly conversation: string | null }

/** Slack waits 3 s for the whole answer. */
const AT_MOST_MS = 1_200

export async function askSelfTest(asker: Asker, deps: AskingDeps): Promise<readonly LinkedLine[]> {
  return (await asked(asker, deps)).split('\n').map(text => ({ text, link: null }))
}

async function asked({ by, conversation }: Asker, deps: AskingDeps): Promise<string> {
  const { store, clock, observer, wake, trials } = deps
  const askedMs = clock()
  const question = { askedMs, by, conversation, reportedMs: null }
  const own = async () => ({ askedMs, ...(await runTrials(await trials(by), AT_MOST_MS)) })
  try {
    const before = await store.getMarker(SELF_TEST_ASKED)
    const sinceMs = askedMs - (before?.value.askedMs ?? 0)
    if (sinceMs < SELF_TEST_EVERY_MS) return already(before?.value.by.name ?? '', sinceMs)
    if (!(await store.putMarker(SELF_TEST_ASKED, before?.version ?? 0, question))) return already('somebody', 0)
    await wake()
    await storeAnswer('decide', await own(), deps)
    return ASKED
  } catch (error) {
    observer.log('error', 'self_test_not_asked', { error: String(error) })
    const answer = await own()
    return [
      `The other functions could not be asked: ${String(error)}`,
      selfTestText(question, { decide: answer }),
    ].join('\n')
  }
}

const ASKED = `Each function tries now what its work needs. In a minute or two, one message here says what they found.
If none comes, rolemedic-sweep is what fails: rolemedic doctor --live.`

const already = (name: string, sinceMs: number): string =>
  `@${name} asked ${Math.round(sinceMs / 1_000)} s ago. The functions take up to ${SELF_TEST_WAIT_MS / 1_000} s; ask again after a minute.`
