/** Whether Slack accepts token, scopes, workspace and channels. Posts nothing. */

import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { SCOPES, SlackFault, slackCall } from '../../../functions/adapters/slack/chat/index.ts'
import type { BotConfig } from '../../../functions/domain/config/index.ts'
import { BOT_TOKEN_SECRET, SIGNING_SECRET } from '../../../infra/chat.ts'
import type { DeploySettings } from '../../../infra/settings.ts'
import { type Check, failedCheck, isRefused, okCheck, warning } from '../doctor/check.ts'
import type { MemberAccess } from '../doctor/member-access.ts'

type Secret =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'set' | 'empty' | 'missing' | 'refused' }

/** Under the documented SCPs nobody may read the secrets, but whether they have a value is still visible. */
async function readSecret(client: SecretsManagerClient, SecretId: string): Promise<Secret> {
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }))
    return SecretString.trim() === '' ? { kind: 'empty' } : { kind: 'value', text: SecretString.trim() }
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return described(client, SecretId)
    if (!isRefused(error)) throw error
    return described(client, SecretId)
  }
}

async function described(client: SecretsManagerClient, SecretId: string): Promise<Secret> {
  try {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }))
    const isSet = Object.values(VersionIdsToStages).some(stages => stages.includes('AWSCURRENT'))
    return { kind: isSet ? 'set' : 'empty' }
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return { kind: 'missing' }
    if (!isRefused(error)) throw error
    return { kind: 'refused' }
  }
}

export type SlackProps = {
  readonly settings: Pick<DeploySettings, 'region' | 'slack'>
  readonly config: BotConfig
  /** `SLACK_BOT_TOKEN`, for credentials that may not read the secret. */
  readonly token: string | null
  readonly apiUrl: string | null
}

export async function slackChecks({ credentials }: MemberAccess, props: SlackProps): Promise<readonly Check[]> {
  const { settings, config, apiUrl } = props
  const client = new SecretsManagerClient({ region: settings.region, credentials, ...LONG_TIMEOUTS })
  const [bot, signing] = await Promise.all([readSecret(client, BOT_TOKEN_SECRET), readSecret(client, SIGNING_SECRET)])
  const secrets = [
    secretCheck(BOT_TOKEN_SECRET, bot, text => text.startsWith('xoxb-'), 'a bot token starts with xoxb-'),
    secretCheck(
      SIGNING_SECRET,
      signing,
      text => /^[0-9a-f]{32}$/.test(text),
      'a signing secret has 32 hexadecimal digits',
    ),
  ]
  const token = props.token ?? (bot.kind === 'value' ? bot.text : null)
  if (token === null)
    return [
      ...secrets,
      bot.kind === 'empty' || bot.kind === 'missing'
        ? failedCheck('slack', 'not asked: there is no token')
        : warning('slack', 'not asked: these credentials may not read the token; give it as SLACK_BOT_TOKEN'),
    ]
  return [...secrets, ...(await askSlack(token, { ...settings.slack, ...(apiUrl === null ? {} : { apiUrl }) }, config))]
}

function secretCheck(name: string, secret: Secret, isRight: (text: string) => boolean, form: string): Check {
  const store = `aws secretsmanager put-secret-value --secret-id ${name} --secret-string …`
  switch (secret.kind) {
    case 'value':
      return isRight(secret.text)
        ? okCheck('secret', `${name}: set`)
        : failedCheck('secret', `${name}: ${form}: ${store}`)
    case 'set':
      return okCheck('secret', `${name}: set; these credentials may not read it`)
    case 'empty':
      return failedCheck('secret', `${name}: empty: ${store}`)
    case 'missing':
      return failedCheck('secret', `${name}: there is no such secret: deploy rolemedic-state`)
    case 'refused':
      return warning('secret', `${name}: not checked, as these credentials may not look`)
  }
}

type Answer = { readonly [member: string]: unknown }

async function askSlack(token: string, slack: DeploySettings['slack'], config: BotConfig): Promise<readonly Check[]> {
  const call = slackCall({
    token: async () => token,
    apiUrl: slack.apiUrl,
    timeoutMs: 5_000,
    budgetMs: 20_000,
    tries: 3,
    firstWaitMs: 500,
  })
  let answer: Answer
  try {
    answer = (await call('auth.test', {})) as unknown as Answer
  } catch (error) {
    if (!(error instanceof SlackFault)) throw error
    return [failedCheck('slack', `auth.test: ${error.reason}: store the bot token of the app (OAuth & Permissions)`)]
  }
  return [
    workspaceCheck(answer, slack),
    await appCheck(answer, slack, call),
    scopeCheck(answer),
    ...(await Promise.all(channelsOf(config).map(channel => channelCheck(channel, call)))),
  ]
}

function workspaceCheck(answer: Answer, { teamId, enterpriseId }: DeploySettings['slack']): Check {
  const [team, enterprise] = [answer['team_id'], answer['enterprise_id']]
  const isRight =
    teamId === undefined
      ? enterprise === enterpriseId
      : team === teamId || (enterpriseId !== undefined && enterprise === enterpriseId)
  const where = [team, enterprise].filter(id => typeof id === 'string' && id !== '').join(', ')
  return isRight
    ? okCheck('slack', `auth.test: workspace ${where}`)
    : failedCheck(
        'slack',
        `the token is of ${where}, the settings name ${teamId ?? enterpriseId}: correct slack in the settings, or the token`,
      )
}

/** The app behind the token. https://docs.slack.dev/reference/methods/bots.info */
async function appCheck(
  answer: Answer,
  { appId }: DeploySettings['slack'],
  call: ReturnType<typeof slackCall>,
): Promise<Check> {
  try {
    const { bot } = (await call('bots.info', { bot: answer['bot_id'] })) as {
      readonly bot?: { readonly app_id?: string }
    }
    return bot?.app_id === appId
      ? okCheck('app', `the token is of ${appId}`)
      : failedCheck(
          'app',
          `the token is of ${bot?.app_id}, the settings name ${appId}: store the secrets of ${appId}, or correct slack.appId`,
        )
  } catch (error) {
    if (!(error instanceof SlackFault)) throw error
    return warning('app', `not compared: bots.info: ${error.reason}`)
  }
}

function scopeCheck(answer: Answer): Check {
  const metadata = answer['response_metadata'] as { readonly scopes?: readonly string[] } | undefined
  const scopes = metadata?.scopes
  if (scopes === undefined) return warning('scopes', 'Slack did not name them')
  const missing = SCOPES.filter(scope => !scopes.includes(scope))
  return missing.length === 0
    ? okCheck('scopes', scopes.join(' '))
    : failedCheck(
        'scopes',
        `missing: ${missing.join(', ')}: compare the app with the manifest (rolemedic init --slack-url URL), and install it again`,
      )
}

/** Channels of cards, checkpoints and announcements. */
function channelsOf(config: BotConfig): readonly string[] {
  const own = Object.values(config.accounts).flatMap(({ channel }) => channel ?? [])
  const named = [config.channel, config.auditChannel, config.breakGlass?.announceChannel ?? null, ...own]
  return [...new Set(named.filter(channel => channel !== null))]
}

/** The app may not list channels. Reading a channel's newest message shows that the app is a member. */
async function channelCheck(channel: string, call: ReturnType<typeof slackCall>): Promise<Check> {
  try {
    await call('conversations.history', { channel, limit: 1 })
    return okCheck('channel', `${channel}: joined`)
  } catch (error) {
    if (!(error instanceof SlackFault)) throw error
    return failedCheck('channel', `${channel}: ${error.reason}: /invite @rolemedic there, or correct the configuration`)
  }
}
