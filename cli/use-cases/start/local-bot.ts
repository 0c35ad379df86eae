/** The bot on this machine, and whether what an earlier run left is in order. */
import type { BotConfig } from '../../../functions/domain/config/index.ts'
import { type Bot, type BotOptions, startBot } from '../../../simulator/bot.ts'
import { SAMPLE_REPOSITORY } from '../../../simulator/git-host/sample-repositories.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../../simulator/sample-records.ts'
import { stateFolderError } from '../../../simulator/state-folder.ts'
import { auditLogWarning } from '../audit/audit-log-warning.ts'
import type { StartQuestion } from './question.ts'

export type StartWorld = {
  /** Errors of the bot, for a person. */
  readonly observer: BotOptions['observer']
  /** An error that no caller sees, as of the store. */
  onFault(error: unknown): void
}

type Pace = Pick<BotOptions, 'pace' | 'sweepEveryMs' | 'code' | 'origin'>

export type LocalBot = {
  readonly bot: Bot
  /** About a damaged audit log; null: it is intact. */
  readonly warning: string | null
}

/** Throws UsageError for a state folder that cannot be used. */
export async function startLocalBot(
  { state, accounts, org }: StartQuestion,
  config: BotConfig,
  pace: Pace,
  { observer, onFault }: StartWorld,
): Promise<LocalBot> {
  const samples = accounts.length === 0
  const options = {
    state,
    accounts: samples ? SAMPLE_ACCOUNTS : accounts,
    org: org ?? (samples ? SAMPLE_ORGANIZATION : null),
    config,
    observer,
    onFault,
    ...pace,
  }
  const bot = await startBot(options).catch(error => {
    throw stateFolderError(error, state) ?? error
  })
  return { bot, warning: await auditLogWarning(state, bot.store, await bot.publicKeys()) }
}

/** Pull requests of the samples go to the Git host on this machine, unless repositories are configured. */
export const withSampleRepository = (config: BotConfig, { accounts }: StartQuestion): BotConfig =>
  accounts.length > 0 || config.repositories.length > 0 ? config : { ...config, repositories: [SAMPLE_REPOSITORY] }
