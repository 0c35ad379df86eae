/** Sends what the functions found when somebody asked whether they may do their work, in one message to who asked. */

import type { Config } from '../domain/config/index.ts'
import {
  answersOfQuestion,
  BOT_FUNCTIONS,
  placeIn,
  SELF_TEST_WAIT_MS,
  type SelfTestAnswer,
  type SelfTestAnswers,
  type SelfTestAsked,
  selfTestText,
} from '../domain/messages/index.ts'
import { SELF_TEST_ASKED, selfTestAnswer } from '../domain/stored/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Renderer } from '../ports/renderer.ts'
import type { Trial } from '../ports/self-test/trial.ts'
import { runTrials, type SelfTestDeps, storeAnswer } from './self-test.ts'

export type SelfTestReportDeps = SelfTestDeps & {
  readonly chat: Pick<Chat, 'postEphemeral'>
  readonly renderer: Pick<Renderer, 'text'>
  readonly config: Pick<Config, 'auditChannel'> & { readonly channel: string }
  readonly trials: () => Promise<readonly Trial[]>
}

export async function reportSelfTest(deps: SelfTestReportDeps): Promise<void> {
  const { store, clock, trials } = deps
  const found = await store.getMarker(SELF_TEST_ASKED)
  if (found === null || found.value.reportedMs !== null) return
  const asked = found.value
  const others = await answersOf(asked, deps)
  const own = others.sweep ?? (await ownAnswer(asked, trials, deps))
  const answers = { ...others, sweep: own }
  const isOver = clock() - asked.askedMs >= SELF_TEST_WAIT_MS
  // Who has not answered yet has until the next minute.
  if (!isOver && BOT_FUNCTIONS.some(name => answers[name] === undefined)) return
  await send(asked, selfTestText(asked, answers), deps)
  await store.putMarker(SELF_TEST_ASKED, found.version, { ...asked, reportedMs: clock() })
}

async function answersOf(asked: SelfTestAsked, { store }: SelfTestReportDeps): Promise<SelfTestAnswers> {
  const stored = await Promise.all(
    BOT_FUNCTIONS.map(async name => [name, (await store.getMarker(selfTestAnswer(name)))?.value] as const),
  )
  return answersOfQuestion(asked, Object.fromEntries(stored.filter(([, answer]) => answer !== undefined)))
}

async function ownAnswer(
  { askedMs }: SelfTestAsked,
  trials: SelfTestReportDeps['trials'],
  deps: SelfTestReportDeps,
): Promise<SelfTestAnswer> {
  const answer = { askedMs, ...(await runTrials(await trials())) }
  await storeAnswer('sweep', answer, deps)
  return answer
}

/** Only to who asked. Where the app is not in the conversation, in the channel of the cards. */
async function send(
  { by, conversation }: SelfTestAsked,
  text: string,
  { chat, renderer, config, observer }: SelfTestReportDeps,
): Promise<void> {
  const message = renderer.text(text)
  const channel = config.auditChannel ?? config.channel
  try {
    await chat.postEphemeral(placeIn(conversation ?? channel), by.id, message)
  } catch (error) {
    if (conversation === null || conversation === channel) throw error
    observer.log('info', 'self_test_not_sent_there', { conversation, error: String(error) })
    await chat.postEphemeral(placeIn(channel), by.id, message)
  }
}
