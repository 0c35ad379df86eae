/** What each function of the bot says about its own permissions, and the one message that shows it. */
import { MINUTE_MS, utc } from '../../../core/base/index.ts'
import type { Person } from './person.ts'

/** Every function, in the order of the flow. */
export const BOT_FUNCTIONS = [
  'intake',
  'propose',
  'decide',
  'verify',
  'write',
  'sweep',
  'alert',
  'publish',
  'enroll',
] as const
export type BotFunction = (typeof BOT_FUNCTIONS)[number]

/** `reportedMs`: when the message was sent. */
export type SelfTestAsked = {
  readonly askedMs: number
  readonly by: Person
  readonly conversation: string | null
  readonly reportedMs: number | null
}

export type FailedTrial = { readonly what: string; readonly why: string }
/** `askedMs`: of the question that it answers. */
export type SelfTestAnswer = {
  readonly askedMs: number
  readonly tried: number
  readonly failed: readonly FailedTrial[]
}
export type SelfTestAnswers = { readonly [name in BotFunction]?: SelfTestAnswer }

/** An event puts the question on the bus. A rule hands each function `SELF_TEST_JOB`, whatever the event says besides. */
export const SELF_TEST_EVENT = { source: 'rolemedic.doctor', type: 'rolemedic doctor' } as const
export const SELF_TEST_JOB = 'doctor'
/** Those that the rule wakes. `decide` tries while it answers, and `sweep` while it reports. */
export const WOKEN_TO_TRY = [
  'intake',
  'propose',
  'verify',
  'alert',
  'publish',
] as const satisfies readonly BotFunction[]

/** They take no order to try anything: `verify` evaluates their policies. */
const EVALUATED: readonly BotFunction[] = ['write', 'enroll']

/** A function that takes longer did not answer. */
export const SELF_TEST_WAIT_MS = 30_000
/** Nobody is asked more often, so that nobody can have the functions try all day. */
export const SELF_TEST_EVERY_MS = MINUTE_MS
/** A late event asks nothing any more. */
export const SELF_TEST_FRESH_MS = 2 * MINUTE_MS

/** Of the question that was asked. */
export const answersOfQuestion = ({ askedMs }: SelfTestAsked, answers: SelfTestAnswers): SelfTestAnswers =>
  Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer?.askedMs === askedMs))

const MAX_SHOWN = 10

export function selfTestText({ askedMs }: SelfTestAsked, answers: SelfTestAnswers): string {
  const lines = BOT_FUNCTIONS.flatMap(name => linesOf(name, answers[name]))
  const whole = BOT_FUNCTIONS.every(name => answers[name]?.failed.length === 0)
  const head = whole ? 'Every function may do what its work needs' : 'Not every function may do what its work needs'
  return [`${head}, tried at ${utc(askedMs)}:`, ...lines].join('\n')
}

function linesOf(name: BotFunction, answer: SelfTestAnswer | undefined): readonly string[] {
  if (answer === undefined)
    return [
      EVALUATED.includes(name)
        ? `✗ ${name}: its permissions were not evaluated, as verify did not answer`
        : `✗ ${name}: did not answer within ${SELF_TEST_WAIT_MS / 1_000} s`,
    ]
  const { tried, failed } = answer
  const how = EVALUATED.includes(name) ? 'permissions (evaluated from its policies)' : 'trials'
  if (failed.length === 0) return [`✓ ${name}: all of ${tried} ${how}`]
  const more = failed.length - MAX_SHOWN
  return [
    `✗ ${name}: ${failed.length} of ${tried} ${how} failed`,
    ...failed.slice(0, MAX_SHOWN).map(({ what, why }) => `   ${what}: ${why}`),
    ...(more > 0 ? [`   and ${more} more`] : []),
  ]
}
