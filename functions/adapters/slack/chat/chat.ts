/** The port `Chat` over Slack's Web API. Every failure is a `SlackFault`, which says whether to retry. */

import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { type Fact, known, unknown } from '../../../../core/base/index.ts'
import type { Workspace } from '../../../domain/authority/index.ts'
import type { ChatMessage, PostedCard } from '../../../domain/messages/index.ts'
import type { Chat, WhenBusy } from '../../../ports/chat.ts'
import { type Call, slackCall } from './call.ts'
import { SlackFault, slackFault } from './fault.ts'
import { findPosted, keyed, metadataOf, postedAt } from './find-posted.ts'
import { membershipOf } from './membership.ts'
import { userAccount, verifiedEmail } from './user-account.ts'

export { SlackFault } from './fault.ts'

export type SlackChatOptions = {
  readonly token: string | (() => Promise<string>)
  /** The workspace that people must belong to in order to decide. */
  readonly workspace: Workspace
  /** Ends in `/api/`. Default: Slack's own. */
  readonly apiUrl?: string | undefined
  readonly timeoutMs?: number
  readonly budgetMs?: number
  readonly tries?: number
  readonly firstWaitMs?: number
  readonly sleep?: (ms: number) => Promise<unknown>
  /** How long group members are cached. A person who leaves the group can still approve for that long. */
  readonly groupsMaxAgeMs?: number
  /** How long a user's account is cached: about the time in which one decision reads it. */
  readonly accountsMaxAgeMs?: number
}

const posted = z.object({ channel: z.string(), ts: z.string() })
const members = z.object({ users: z.array(z.string()) })
const user = z.object({ user: z.object({ id: z.string() }) })
/** The client names the scopes that Slack sends in the header `x-oauth-scopes`. */
const access = z.object({ response_metadata: z.optional(z.object({ scopes: z.optional(z.array(z.string())) })) })
const linked = z.object({ permalink: z.url({ protocol: /^https?$/ }) })

export function slackChat({
  token,
  workspace,
  apiUrl,
  timeoutMs = 4_000,
  budgetMs = 15_000,
  tries = 4,
  firstWaitMs = 300,
  sleep,
  groupsMaxAgeMs = 60_000,
  accountsMaxAgeMs = 10_000,
}: SlackChatOptions): Chat {
  const askToken = typeof token === 'string' ? async () => token : token
  const limits = { token: askToken, apiUrl, timeoutMs, budgetMs, firstWaitMs, sleep }
  const calls = { call: slackCall({ ...limits, tries }), callOnce: slackCall({ ...limits, tries: 1 }) }
  const { call, callOnce } = calls
  // Slack asks for it with the token of an organization, and ignores it with that of a workspace.
  // https://docs.slack.dev/reference/methods/usergroups.users.list
  const ofTeam = workspace.teamId === null ? {} : { team_id: workspace.teamId }
  const cached = answerCache(groupsMaxAgeMs)
  const cachedBriefly = answerCache(accountsMaxAgeMs)
  const cachedLinks = answerCache(LINKS_MAX_AGE_MS)
  /** Asked once for all that one decision needs of a person. Null: Slack does not know them. */
  const infoOf = (userId: string) =>
    cachedBriefly(`account ${userId}`, async () => {
      try {
        return await call('users.info', { user: userId })
      } catch (error) {
        if (error instanceof SlackFault && NO_SUCH_USER.has(error.reason)) return null
        throw error
      }
    })

  return {
    post: (channel, message, key, { first = false } = {}) =>
      postKeyed(calls, { channel, threadTs: undefined, key }, message, first),

    async update({ conversation: channel, message: ts }, message, { once = false } = {}) {
      try {
        await (once ? callOnce : call)('chat.update', { channel, ts, ...content(message) })
        return true
      } catch (error) {
        if (!(error instanceof SlackFault && DELETED.has(error.reason))) throw error
        return false
      }
    },

    reply(
      { conversation: channel, message: ts, thread = ts },
      message,
      { key, first, broadcast = false, whenBusy } = {},
    ) {
      const place = { channel, threadTs: thread, key: key ?? randomUUID(), broadcast, whenBusy }
      return postKeyed(calls, place, message, first ?? key === undefined)
    },

    async postEphemeral({ conversation: channel, thread }, userId, message) {
      const inThread = thread === undefined ? {} : { thread_ts: thread }
      await call('chat.postEphemeral', { channel, user: userId, ...content(message), ...inThread })
    },

    async openModal(triggerId, view) {
      let lost = false
      try {
        await call(
          'views.open',
          { trigger_id: triggerId, view },
          {
            again: async () => {
              lost = true
              return null
            },
          },
        )
      } catch (error) {
        // A trigger opens one view. If it is used up after a lost answer, the view is open.
        if (!(lost && error instanceof SlackFault && error.reason === 'exchanged_trigger_id')) throw error
      }
    },

    async publishHome(userId, view) {
      await call('views.publish', { user_id: userId, view })
    },

    // Asked once: no message and no page waits for a link.
    permalink: ({ conversation: channel, message: ts }) =>
      cachedLinks(
        `link ${channel}/${ts}`,
        async () => linked.parse(await callOnce('chat.getPermalink', { channel, message_ts: ts })).permalink,
      ),

    async checkAccess() {
      return access.parse(await call('auth.test', {})).response_metadata?.scopes ?? null
    },

    groupMembers: groupId =>
      cached(
        `group ${groupId}`,
        async () => members.parse(await call('usergroups.users.list', { usergroup: groupId, ...ofTeam })).users,
      ),

    userByEmail: email =>
      cached(`user ${email}`, async () => {
        try {
          return user.parse(await call('users.lookupByEmail', { email })).user.id
        } catch (error) {
          if (error instanceof SlackFault && error.reason === 'users_not_found') return null
          throw error
        }
      }),

    emailOf: async userId => mapped(await infoOf(userId), answer => (answer === null ? null : verifiedEmail(answer))),

    membership: async userId =>
      mapped(await infoOf(userId), answer =>
        membershipOf(answer === null ? null : userAccount(userId, answer), workspace),
      ),
  }
}

function mapped<T, U>(fact: Fact<T>, to: (value: T) => U): Fact<U> {
  if (!fact.known) return fact
  try {
    return known(to(fact.value))
  } catch (error) {
    return unknown(slackFault('users.info', error).message)
  }
}

const MAX_ENTRIES = 1_000
/** A message keeps its address. A renamed workspace redirects the old one. */
const LINKS_MAX_AGE_MS = 24 * 3_600_000
/** https://docs.slack.dev/reference/methods/users.info#errors */
const NO_SUCH_USER = new Set(['user_not_found', 'user_not_visible', 'users_not_found'])
const DELETED = new Set(['message_not_found', 'thread_not_found'])

type Calls = { readonly call: Call; readonly callOnce: Call }
type KeyedPlace = {
  readonly channel: string
  readonly threadTs: string | undefined
  readonly key: string
  readonly broadcast?: boolean
  readonly whenBusy?: WhenBusy | undefined
}

/** `first`: nobody can have posted it, so that no search is needed. */
async function postKeyed(calls: Calls, place: KeyedPlace, message: ChatMessage, first: boolean): Promise<PostedCard> {
  return (first ? null : await findPosted(calls.call, place)) ?? (await postOnce(calls, place, message))
}

/** Before each retry, checks whether the lost attempt succeeded: no message is posted twice. */
async function postOnce({ call, callOnce }: Calls, place: KeyedPlace, message: ChatMessage): Promise<PostedCard> {
  const { channel, threadTs, key, whenBusy } = place
  const thread =
    threadTs === undefined ? {} : { thread_ts: threadTs, ...(place.broadcast ? { reply_broadcast: true } : {}) }
  const body = content({ text: message.text, blocks: keyed(message.blocks, key) })
  const answer = await call(
    'chat.postMessage',
    { channel, ...body, metadata: metadataOf(key), unfurl_links: false, unfurl_media: false, ...thread },
    {
      whenBusy,
      again: async () => {
        const found = await findPosted(callOnce, place)
        return found === null ? null : { ok: true, channel: found.conversation, ts: found.message }
      },
    },
  )
  const { channel: channelId, ts } = posted.parse(answer)
  return postedAt(channelId, ts, threadTs)
}

const content = ({ text, blocks }: ChatMessage) => ({ text, blocks, parse: 'none', link_names: false })

/**
 * Caches answers, not failures: an unreadable group approves nobody and is read again next time. Concurrent calls for one key
 * share one request.
 */
function answerCache(maxAgeMs: number) {
  const entries = new Map<string, { readonly answer: Promise<unknown>; untilMs: number }>()
  return async <T>(key: string, read: () => Promise<T>): Promise<Fact<T>> => {
    const cached = entries.get(key)
    const isFresh = cached !== undefined && performance.now() < cached.untilMs
    if (!isFresh && entries.size >= MAX_ENTRIES) entries.clear()
    const entry = isFresh ? cached : { answer: read(), untilMs: Number.POSITIVE_INFINITY }
    entries.set(key, entry)
    try {
      const value = await entry.answer
      if (!isFresh) entry.untilMs = performance.now() + maxAgeMs
      return known(value as T)
    } catch (error) {
      if (entries.get(key) === entry) entries.delete(key)
      return unknown(slackFault(key, error).message)
    }
  }
}
