/** One call of Slack's Web API, with bounded retries within a time budget. */
import { setTimeout as wait } from 'node:timers/promises'
import type * as slack from '@slack/web-api'
import { type Logger, LogLevel, type WebAPICallResult, WebClient } from '@slack/web-api'
import type { WhenBusy } from '../../../ports/chat.ts'
import { type SlackFault, slackFault } from './fault.ts'

/** The arguments as Slack publishes them: one that a method does not have is not compiled. */
type SlackArguments = {
  readonly 'apps.manifest.export': slack.AppsManifestExportArguments
  readonly 'auth.test': slack.AuthTestArguments
  readonly 'bots.info': slack.BotsInfoArguments
  readonly 'chat.getPermalink': slack.ChatGetPermalinkArguments
  readonly 'chat.postEphemeral': slack.ChatPostEphemeralArguments
  readonly 'chat.postMessage': slack.ChatPostMessageArguments
  readonly 'chat.update': slack.ChatUpdateArguments
  readonly 'conversations.history': slack.ConversationsHistoryArguments
  readonly 'conversations.replies': slack.ConversationsRepliesArguments
  readonly 'usergroups.users.list': slack.UsergroupsUsersListArguments
  readonly 'users.info': slack.UsersInfoArguments
  readonly 'users.lookupByEmail': slack.UsersLookupByEmailArguments
  readonly 'views.open': slack.ViewsOpenArguments
  readonly 'views.publish': slack.ViewsPublishArguments
}
type Names<T> = T extends unknown ? keyof T : never

export type Call = <M extends keyof SlackArguments, A extends object>(
  method: M,
  args: A & { readonly [name in Exclude<keyof A, Names<SlackArguments[M]>>]: never },
  options?: { readonly again?: Again; readonly whenBusy?: WhenBusy | undefined },
) => Promise<WebAPICallResult>
/** Runs before a retry of a call that may have succeeded. A result ends the retries. */
export type Again = (fault: SlackFault) => Promise<WebAPICallResult | null>

export type CallOptions = {
  /** Read for every call, so that a rotated token takes effect. */
  readonly token: () => Promise<string>
  readonly apiUrl?: string | undefined
  /** The limit of one attempt. */
  readonly timeoutMs: number
  /** The limit of all attempts of one call, including waits. */
  readonly budgetMs: number
  readonly tries: number
  /** The wait after a call without an answer. Doubles each time, with jitter. */
  readonly firstWaitMs: number
  readonly sleep?: ((ms: number) => Promise<unknown>) | undefined
}

/** Slack asks for whole seconds. A shorter wait counts as an attempt, so that a zero cannot cause an endless loop. */
const SHORTEST_WAIT_MS = 1_000

export function slackCall({ token, apiUrl, timeoutMs, budgetMs, tries, firstWaitMs, sleep = wait }: CallOptions): Call {
  const client = new WebClient(undefined, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: SILENT,
    allowAbsoluteUrls: false,
  })

  return async (method, args, { again, whenBusy } = {}) => {
    const endMs = performance.now() + budgetMs
    let lost: SlackFault | null = null
    let left = tries
    for (;;) {
      try {
        if (lost !== null && again !== undefined) {
          const done = await again(lost)
          if (done !== null) return done
        }
        return await client.apiCall(method, { ...args, token: await token() })
      } catch (error) {
        const fault = slackFault(method, error)
        const askedMs = fault.retryAfterMs
        // In a storm, many calls share the rate of one channel. A call that waits as Slack asks uses up no attempt, within the budget.
        if (askedMs === null || askedMs < SHORTEST_WAIT_MS || tries === 1) left -= 1
        if (!fault.retry || left <= 0) throw fault
        const waitMs =
          askedMs === null
            ? firstWaitMs * 2 ** (tries - left - 1) * (0.75 + Math.random() / 2)
            : ((await whenBusy?.(askedMs)) ?? askedMs)
        if (performance.now() + waitMs > endMs) throw fault
        if (fault.perhapsDone) lost = fault
        await sleep(waitMs)
      }
    }
  }
}

/** At lower levels the client would log request bodies. The thrown error reports the failure. */
const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}
