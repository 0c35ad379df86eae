/** What `doctor --live` checks of the chat. Another chat is checked here. */
import type { BotConfig } from '../../../functions/domain/config/index.ts'
import type { ChatSettings } from '../../../infra/chat.ts'
import type { Check } from '../doctor/check.ts'
import type { MemberAccess } from '../doctor/member-access.ts'
import type { UseCaseWorld } from '../world.ts'
import { manifestChecks } from './slack-address.ts'
import { slackChecks } from './slack-checks.ts'

export { addressCheck } from './slack-address.ts'

type Env = UseCaseWorld['env']
type Deployed = ChatSettings & { readonly region: string }

/** Its secrets, and what it answers with them. */
export const chatChecks = (
  own: MemberAccess,
  settings: Deployed,
  config: BotConfig,
  env: Env,
): Promise<readonly Check[]> =>
  slackChecks(own, { settings, config, token: env['SLACK_BOT_TOKEN'] ?? null, apiUrl: env['SLACK_API_URL'] ?? null })

/** Whether it calls the address of the bot, with all that the bot needs. */
export const manifestCheckOf = (
  url: string | undefined,
  { slack }: ChatSettings,
  env: Env,
): Promise<readonly Check[]> =>
  manifestChecks(url, {
    token: env['SLACK_CONFIG_TOKEN'] ?? null,
    appId: slack.appId,
    apiUrl: env['SLACK_API_URL'] ?? slack.apiUrl,
  })
