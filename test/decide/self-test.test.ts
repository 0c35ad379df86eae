import { describe, expect, it } from 'vitest'
import { answerCommand } from '../../functions/decide/command.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import {
  BOT_FUNCTIONS,
  type BotFunction,
  SELF_TEST_FRESH_MS,
  SELF_TEST_WAIT_MS,
  WOKEN_TO_TRY,
} from '../../functions/domain/messages/self-test.ts'
import { SELF_TEST_ASKED, selfTestAnswer } from '../../functions/domain/stored/markers.ts'
import type { Trial } from '../../functions/ports/self-test/trial.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { reportSelfTest } from '../../functions/workflows/report-self-test.ts'
import { makeSelfTest, runTrials } from '../../functions/workflows/self-test.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { memoryBot } from '../fakes/memory-bot.ts'

const ANA = { id: 'U0ONCALL1', name: 'ana' }
const config = botConfigSchema.parse({
  ...{ mode: 'approve', channel: 'C0DEPLOYS' },
  approvers: { users: ['U0ONCALL1'], groups: [] },
})
const GOOD: Trial = ['dynamodb:GetItem of note#x', async () => {}]
const denied = (action: string): Trial => [
  action,
  () => Promise.reject(Object.assign(new Error(`not authorized to perform: ${action}`), { name: 'AccessDenied' })),
]

/** `found`: the trials of each function besides `decide` and `sweep`. One without does not run. */
function setUp(found: { readonly [name in BotFunction]?: readonly Trial[] }, changes: object = {}) {
  const bot = memoryBot(config)
  let nowMs = Date.UTC(2026, 10, 30, 10)
  const deps = { ...bot, config, clock: () => nowMs, observer: SILENT_OBSERVER, ...changes }
  const runs: string[] = []
  const functions = WOKEN_TO_TRY.flatMap(name => {
    const trials = found[name]
    if (trials === undefined) return []
    return makeSelfTest(name, deps, async () => {
      runs.push(name)
      const own = { [name]: await runTrials(trials) }
      if (name !== 'verify') return own
      return { ...own, write: await runTrials(found.write ?? []), enroll: await runTrials(found.enroll ?? []) }
    })
  })
  const wake = async () => void (await Promise.all(functions.map(run => run())))
  const decide = makeDecide({ ...deps, selfTest: { wake, trials: async () => found.decide ?? [GOOD] } })
  const ask = async (by = ANA, conversation: string | null = 'C0HERE') =>
    (await decide({ kind: 'command', origin: FAKE_ORIGIN, by, text: 'doctor', conversation })).reply?.text ?? ''
  const sweep = () => reportSelfTest({ ...deps, trials: async () => found.sweep ?? [GOOD] })
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { bot, deps, runs, wake, ask, sweep, pass }
}
const ALL: { readonly [name in BotFunction]?: readonly Trial[] } = Object.fromEntries(
  BOT_FUNCTIONS.map(name => [name, [GOOD, GOOD]]),
)

describe('/rolemedic doctor', () => {
  it('shows in one message to who asked what each function found', async () => {
    const { bot, ask, sweep } = setUp(ALL)
    expect(await ask()).toContain('Each function tries now what its work needs.')
    await sweep()
    expect(bot.chat.ephemerals).toHaveLength(1)
    expect(bot.chat.ephemerals[0]).toMatchObject({ to: ANA.id, channel: 'C0HERE' })
    const text = bot.chat.ephemerals[0]?.text ?? ''
    expect(text).toContain('Every function may do what its work needs, tried at')
    for (const name of BOT_FUNCTIONS) expect(text).toContain(`✓ ${name}: all of 2`)
    await sweep()
    expect(bot.chat.ephemerals).toHaveLength(1)
    expect([bot.chat.posts, bot.audit.entries, bot.queue.sent]).toEqual([[], [], []])
  })

  it.each(BOT_FUNCTIONS.map(name => [name, `kms:Sign of ${name}`]))(
    'names what %s may not do, and why',
    async (name, action) => {
      const { bot, ask, sweep } = setUp({ ...ALL, [name]: [GOOD, denied(action)] })
      await ask()
      await sweep()
      const text = bot.chat.ephemerals[0]?.text ?? ''
      expect(text).toContain('Not every function may do')
      expect(text).toContain(`✗ ${name}: 1 of 2`)
      expect(text).toContain(`${action}: AccessDenied: not authorized to perform: ${action}`)
      expect(text.match(/✗/g)).toHaveLength(1)
    },
  )

  it.each(WOKEN_TO_TRY)('waits for %s, and says that it did not answer', async name => {
    const { bot, ask, sweep, pass } = setUp({ ...ALL, [name]: undefined })
    await ask()
    await sweep()
    expect(bot.chat.ephemerals).toEqual([])
    pass(SELF_TEST_WAIT_MS)
    await sweep()
    const text = bot.chat.ephemerals[0]?.text ?? ''
    expect(text).toContain(`✗ ${name}: did not answer within 30 s`)
    if (name === 'verify')
      for (const one of ['write', 'enroll']) expect(text).toContain(`✗ ${one}: its permissions were not evaluated`)
  })

  it('has nothing tried by an event that nobody asked for, twice, or late', async () => {
    const { runs, wake, ask } = setUp(ALL)
    await wake()
    expect(runs).toEqual([])
    await ask()
    await wake()
    expect(runs.toSorted()).toEqual([...WOKEN_TO_TRY].sort())
    const other = setUp(ALL)
    await other.deps.store.putMarker(SELF_TEST_ASKED, 0, {
      ...{ askedMs: other.deps.clock(), by: ANA, conversation: null, reportedMs: null },
    })
    other.pass(SELF_TEST_FRESH_MS + 1)
    await other.wake()
    expect(other.runs).toEqual([])
  })

  it('asks the functions at most once a minute, for all people together', async () => {
    const { runs, ask, pass } = setUp(ALL)
    await ask()
    pass(30_000)
    expect(await ask()).toContain('@ana asked 30 s ago')
    expect(runs).toHaveLength(WOKEN_TO_TRY.length)
    pass(30_000)
    await ask()
    expect(runs).toHaveLength(2 * WOKEN_TO_TRY.length)
  })

  it('shows an answer to an earlier question as none', async () => {
    const { bot, deps, ask, sweep, pass } = setUp({ ...ALL, alert: undefined } as unknown as typeof ALL)
    await deps.store.putMarker(selfTestAnswer('alert'), 0, { askedMs: deps.clock() - 1, tried: 9, failed: [] })
    await ask()
    pass(SELF_TEST_WAIT_MS)
    await sweep()
    expect(bot.chat.ephemerals[0]?.text).toContain('✗ alert: did not answer')
  })

  it('answers at once with what decide found where it cannot ask the others', async () => {
    const bot = memoryBot(config)
    const store = { ...bot.store, putMarker: () => Promise.reject(new Error('not authorized to perform: PutItem')) }
    const { ask } = setUp({ ...ALL, decide: [denied('dynamodb:PutItem of note#self-test')] }, { store })
    const text = await ask()
    expect(text).toContain('The other functions could not be asked: Error: not authorized to perform: PutItem')
    expect(text).toContain('dynamodb:PutItem of note#self-test: AccessDenied')
  })

  it('goes to the channel of the cards where the app is not in the conversation', async () => {
    const { bot, ask, sweep, deps } = setUp(ALL)
    const { postEphemeral } = deps.chat
    deps.chat.postEphemeral = async (place, userId, message) => {
      if (place.conversation === 'C0HERE') throw new Error('channel_not_found')
      await postEphemeral(place, userId, message)
    }
    await ask()
    await sweep()
    expect(bot.chat.ephemerals.map(({ channel }) => channel)).toEqual(['C0DEPLOYS'])
  })

  it('names a trial that does not answer in time', async () => {
    // Of two timers of one process the shorter one ends first, however late both are.
    const later = AbortSignal.timeout(1_000)
    const { tried, failed } = await runTrials([['never', () => new Promise(() => {})], GOOD], 200)
    expect([tried, failed]).toEqual([2, [{ what: 'never', why: 'no answer within 200 ms' }]])
    expect(later.aborted).toBe(false)
  })

  it('is a command of those who may look, and says so where there is nothing to try', async () => {
    const { ask, runs } = setUp(ALL)
    expect(await ask({ id: 'U0STRANGER', name: 'eve' })).not.toContain('Each function')
    expect(runs).toEqual([])
    const { text } = await answerCommand({ by: ANA, text: 'doctor', conversation: null }, memoryBot(config))
    expect(text).toContain('this bot runs without AWS')
  })
})
