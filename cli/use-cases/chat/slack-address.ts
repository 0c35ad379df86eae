/** Whether the address that Slack calls is there and refuses what Slack did not sign, and whether the app calls it. */
import * as z from 'zod'
import { SCOPES, SlackFault, slackCall } from '../../../functions/adapters/slack/chat/index.ts'
import { unreachedBy } from '../../live/ask-aws.ts'
import { type Check, failedCheck, okCheck, warning } from '../doctor/check.ts'
import { appsPage } from './setup.ts'

const TIMEOUT_MS = 10_000

/** One request without a signature; the alarm for such requests rings at 20 within five minutes. */
export async function addressCheck(url: string | undefined): Promise<Check> {
  if (url === undefined) return failedCheck('address', 'rolemedic-bot has no SlackUrl: deploy it')
  const unsigned = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    redirect: 'error',
  } as const
  try {
    const { status } = await globalThis.fetch(url, { ...unsigned, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (status === 401) return okCheck('address', `${url}: refuses what Slack did not sign`)
    return failedCheck(
      'address',
      status < 400
        ? `${url}: takes a request that nobody signed (${status}): it is not rolemedic-decide that answers`
        : `${url}: answers ${status} instead of 401: look at the log of rolemedic-decide, or deploy rolemedic-bot`,
    )
  } catch (error) {
    const { message } = unreachedBy(error) as Error
    return failedCheck(
      'address',
      `${url}: no answer: ${message}: Slack cannot reach the bot either: deploy rolemedic-bot`,
    )
  }
}

const request = z.object({ request_url: z.string().nullish() })
const manifest = z.object({
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean().nullish() }).nullish(),
    slash_commands: z.array(z.object({ command: z.string(), url: z.string().nullish() })).nullish(),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()).nullish() }) }),
  settings: z.object({
    interactivity: request.extend({ is_enabled: z.boolean().nullish() }).nullish(),
    event_subscriptions: request.extend({ bot_events: z.array(z.string()).nullish() }).nullish(),
    socket_mode_enabled: z.boolean().nullish(),
  }),
})
export type AppManifest = z.infer<typeof manifest>
const exported = z.object({ manifest })

/** The events of docs/slack-app-manifest.yaml. */
const BOT_EVENTS = ['app_home_opened', 'subteam_members_changed'] as const
export const COMMAND = '/rolemedic'

/** Compares the app with docs/slack-app-manifest.yaml. */
function manifestCheck(app: AppManifest, url: string, apps: string): Check {
  const { features, oauth_config, settings } = app
  const command = features.slash_commands?.find(one => one.command === COMMAND)
  const events = settings.event_subscriptions
  const calls = {
    interactivity: settings.interactivity?.request_url,
    events: events?.request_url,
    [COMMAND]: command?.url,
  }
  const wrong = [
    ...Object.entries(calls).flatMap(([what, called]) =>
      called === url ? [] : [`${what} call ${called ?? 'nothing'}`],
    ),
    ...(settings.interactivity?.is_enabled === false ? ['interactivity is off'] : []),
    ...(settings.socket_mode_enabled === true ? ['socket mode is on, so nothing is sent to an address'] : []),
    ...(features.app_home?.home_tab_enabled === true ? [] : ['the Home tab is off']),
    ...BOT_EVENTS.flatMap(event => (events?.bot_events?.includes(event) ? [] : [`it does not subscribe to ${event}`])),
    ...SCOPES.flatMap(scope => (oauth_config.scopes.bot?.includes(scope) ? [] : [`it lacks the scope ${scope}`])),
  ]
  return wrong.length === 0
    ? okCheck('manifest', `the app calls ${url}, with its events and scopes`)
    : failedCheck('manifest', `${wrong.join('; ')}: at ${apps}, make it what rolemedic init --slack-url ${url} prints`)
}

/** `token`: an app configuration token, which lasts 12 hours. https://docs.slack.dev/reference/methods/apps.manifest.export */
export async function manifestChecks(
  url: string | undefined,
  {
    token,
    appId,
    apiUrl,
  }: { readonly token: string | null; readonly appId: string; readonly apiUrl: string | undefined },
): Promise<readonly Check[]> {
  if (url === undefined) return []
  const apps = appsPage(apiUrl)
  if (token === null)
    return [
      warning(
        'manifest',
        `not compared: give SLACK_CONFIG_TOKEN, an app configuration token of ${apps}; or type /rolemedic doctor in Slack`,
      ),
    ]
  const call = slackCall({
    token: async () => token,
    apiUrl,
    timeoutMs: 5_000,
    budgetMs: 20_000,
    tries: 3,
    firstWaitMs: 500,
  })
  try {
    const { manifest: app } = exported.parse(await call('apps.manifest.export', { app_id: appId }))
    return [manifestCheck(app, url, apps)]
  } catch (error) {
    if (!(error instanceof SlackFault)) throw error
    return [
      failedCheck(
        'manifest',
        `apps.manifest.export: ${error.reason}: give a SLACK_CONFIG_TOKEN of who owns the app ${appId}`,
      ),
    ]
  }
}
