import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { noteSamplesSent, wereSamplesSent } from '../../simulator/state-folder.ts'
import { feedAll, feedSample } from '../../simulator/web-ui/bot-source.ts'
import { SAMPLES } from '../../simulator/web-ui/samples.ts'
import { serveBot } from '../e2e/running-bot.ts'

const MINUTE = 60_000
const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1'] },
  digestAfterCards: 100,
})
let state: string
let bot: Bot
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  const settings = { accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config: CONFIG, onFault: () => {} }
  bot = await startBot({ ...settings, state, observer: SILENT_OBSERVER, pace: 0, sweepEveryMs: null })
})
afterEach(async () => {
  await bot.close()
  rmSync(state, { recursive: true, force: true })
})

function eventsOf(id: string) {
  const sample = SAMPLES.find(one => one.id === id)
  if (sample === undefined) throw new Error(`there is no sample ${id}`)
  return sample.events(bot.clock())
}
async function send(id: string): Promise<void> {
  await feedAll(eventsOf(id), bot)
  await bot.idle()
}

describe('the samples with records around a denial, in the local bot', () => {
  it('leave nothing to approve where the call worked 8 s later', async () => {
    await send('young-role')
    await bot.wait(2 * MINUTE)
    await bot.wait(4 * MINUTE)
    expect(await bot.store.open(10)).toEqual([])
    expect(bot.slack.messages().flatMap(message => buttonsOf(message, 'approve'))).toEqual([])
  })

  it('say until when the call was allowed', async () => {
    await send('lost-permission')
    await bot.wait(2 * MINUTE)
    await bot.wait(14 * MINUTE)
    const texts = JSON.stringify(bot.slack.messages())
    expect(texts).toContain('terraform-run-9f2c')
    expect(texts).toContain('pass-worker')
  })
})

describe('a sample that is sent again', () => {
  const send = async (id: string) => {
    const notes = await feedSample(eventsOf(id), { bot, config: CONFIG })
    await bot.idle()
    return notes
  }

  it('is not denied once its card has granted it, so that no grant seems useless', async () => {
    expect(await send('ecs-register-task-definition')).toEqual([])
    await bot.wait(2 * MINUTE)
    const message = bot.slack.messages().find(one => buttonsOf(one, 'approve').length > 0) ?? expect.fail()
    const [approve = expect.fail()] = buttonsOf(message, 'approve')
    await bot.request(buttonPress(sampleUser('U0ONCALL1'), message, approve))
    await bot.wait(10 * MINUTE)

    expect(await send('ecs-register-task-definition')).toEqual([
      'Nothing was sent: pipeline-deploy is allowed iam:PassRole on orders-task by now, so it would not be denied again.',
    ])
    await bot.wait(10 * MINUTE)
    expect((await bot.audit()).map(({ entry }) => entry.kind)).not.toContain('did-not-help')
  })

  it('is denied in fresh accounts', async () => {
    const denials = SAMPLES.map(({ id }) => id).filter(id => eventsOf(id).every(event => !('reader' in event)))
    expect(denials.length).toBeGreaterThan(10)
    for (const id of denials) expect(await send(id)).toEqual([])
  })
})

describe('the samples of a start', () => {
  const sentBy = async (folder: string): Promise<number> => {
    await (await serveBot(folder)).stop()
    const history = join(folder, 'event-history.jsonl')
    return existsSync(history) ? readFileSync(history, 'utf8').trim().split('\n').length : 0
  }

  it('are sent to a state folder once', async () => {
    const [fresh, known] = [mkdtempSync(join(tmpdir(), 'rolemedic-')), mkdtempSync(join(tmpdir(), 'rolemedic-'))]
    expect(await sentBy(fresh)).toBeGreaterThan(5)
    expect(wereSamplesSent(fresh)).toBe(true)
    noteSamplesSent(known)
    expect(await sentBy(known)).toBe(0)
    for (const folder of [fresh, known]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
})
