import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { startSamples } from '../../simulator/web-ui/samples.ts'

/** Exactly as many cards as the samples make. */
const cards = (running: Bot) =>
  running.slack.messages().filter(({ channel, threadTs }) => channel === 'C0DEPLOYS' && threadTs === null)

/** Two other cards concern the same role. Which card comes last depends on what is ready first. */
function firstCard() {
  const first = cards(bot).find(({ text }) => text.includes('pipeline-deploy was denied iam:PassRole on orders-task'))
  const [button] = first === undefined ? [] : buttonsOf(first, 'approve')
  if (first === undefined || button === undefined) throw new Error('no card offers Approve')
  return { first, button }
}

let state: string
let bot: Bot
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  bot = await startBot({
    state,
    accounts: SAMPLE_ACCOUNTS,
    org: SAMPLE_ORGANIZATION,
    config: botConfigSchema.parse({
      mode: 'approve',
      channel: 'C0DEPLOYS',
      approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
      digestAfterCards: 9,
    }),
    observer: { log() {}, count() {} },
    pace: 0,
    sweepEveryMs: null,
  })
  for (const { events } of startSamples())
    for (const event of events(Date.now()))
      if ('reader' in event) await bot.feedDeploy(event.event, event.reader, event.recorded)
      else await bot.feed(event.record)
  await bot.idle()
})
afterEach(async () => {
  await bot.close()
  rmSync(state, { recursive: true, force: true })
})

it('the first click of a fresh start leaves exactly the cards that were there', async () => {
  const before = cards(bot)
  const { first, button } = firstCard()
  await bot.request(buttonPress(sampleUser('U0ONCALL1'), first, button))
  await bot.idle()
  const after = cards(bot)
  expect(after.map(({ ts }) => ts)).toEqual(before.map(({ ts }) => ts))
  expect(after.find(({ ts }) => ts === first.ts)?.text).toContain('allowed now')
  for (const { text } of after) expect(text).not.toMatch(/Many denials|Out of date|went out of date/)
  // Two other cards concern the same role: each shows its new change in the same message.
  const changed = after.filter(({ text }) => text.includes('Changed after another approval'))
  expect(changed.length).toBeGreaterThan(0)
  for (const { ts } of changed) {
    const [old, now] = [before, after].map(list => list.find(message => message.ts === ts))
    const value = (message: typeof old) => (message === undefined ? [] : buttonsOf(message, 'approve')[0]?.value)
    expect(value(now)).not.toBe(value(old))
  }
})

it('a press that was meant for the old change is answered, and changes nothing', async () => {
  const { first, button } = firstCard()
  const old = new Map(cards(bot).map(message => [message.ts, buttonsOf(message, 'approve')[0]]))
  await bot.request(buttonPress(sampleUser('U0ONCALL1'), first, button))
  await bot.idle()
  const changed = cards(bot).find(({ text }) => text.includes('Changed after another approval'))
  const outdated = changed === undefined ? undefined : old.get(changed.ts)
  if (changed === undefined || outdated === undefined) throw new Error('no card has changed')
  const writes = (await bot.audit()).filter(({ entry }) => entry.kind === 'apply-intended').length
  await bot.request(buttonPress(sampleUser('U0ONCALL1'), changed, outdated))
  await bot.idle()
  expect((await bot.audit()).filter(({ entry }) => entry.kind === 'apply-intended')).toHaveLength(writes)
  const answers = bot.slack.messages().filter(({ ephemeralFor }) => ephemeralFor === 'U0ONCALL1')
  expect(answers.at(-1)?.text).toContain('The change on this card was replaced after you saw it.')
})
