/** The whole bot in this process, on a generated account in a temporary folder, without queue delays. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { botConfigSchema } from '../functions/domain/config/config.ts'
import type { Person } from '../functions/domain/messages/person.ts'
import { type Proposal, postedCardOf } from '../functions/domain/proposal/proposal.ts'
import { type Bot, startBot } from '../simulator/bot.ts'
import { buttonPress, buttonsOf } from '../simulator/slack-requests.ts'
import { pairedAccount } from './engine/generated-account.ts'

export const APPROVERS: readonly Person[] = [1, 2, 3, 4, 5].map(n => ({ id: `U0PERSON${n}`, name: `person-${n}` }))

export type RunningBot = {
  readonly bot: Bot
  /** The errors that the observer logged. */
  readonly errors: readonly string[]
  stop(): Promise<void>
}

/** `pairs`: see `pairedAccount`. */
export async function runningBot(pairs: number): Promise<RunningBot> {
  const folder = await mkdtemp(join(tmpdir(), 'rolemedic-bench-'))
  const account = join(folder, 'account.json')
  await writeFile(account, pairedAccount(pairs))
  const errors: string[] = []
  const bot = await startBot({
    state: join(folder, 'state'),
    accounts: [account],
    org: null,
    config: botConfigSchema.parse({
      mode: 'approve',
      channel: 'C0DEPLOYS',
      approvers: { users: APPROVERS.map(({ id }) => id) },
    }),
    observer: {
      log(level, message, fields) {
        if (level === 'error') errors.push(`${message} ${JSON.stringify(fields ?? {})}`)
      },
      count() {},
    },
    pace: 0,
    sweepEveryMs: null,
  })
  return {
    bot,
    errors,
    // What is still under way writes into the folder, also after a failure.
    async stop() {
      await bot.idle()
      await bot.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Returns a function that presses a button of the proposal's card. Throws if there is none. */
export function buttonRequest(bot: Bot, action: string, by: Person, proposal: Proposal): () => Promise<unknown> {
  const message = bot.slack.messages().find(({ ts }) => ts === postedCardOf(proposal)?.message)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no card with a button to ${action}`)
  const body = buttonPress(by, message, button)
  return () => bot.request(body)
}
