/** The port `Chat` over Slack's Web API. Whatever fails is a `SlackFault`, which says whether to try again. */
import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { ChatMessage } from '../../../domain/base/chat-message.ts'
import { type Fact, known, unknown } from '../../../domain/base/fact.ts'
import type { PostedCard } from '../../../domain/proposal/proposal.ts'
import type { Chat } from '../../../ports/chat.ts'
import { type Call, slackCall } from './call.ts'
import { SlackFault, slackFault } from './fault.ts'
import { findPosted, keyed, metadataOf } from './find-posted.ts'

export { SlackFault } from './fault.ts'

export type SlackChatOptions = {
  readonly token: string | (() => Promise<string>)
  /** Ends in `/api/`; Slack's own unless told. */
  readonly apiUrl?: string | undefined
  readonly timeoutMs?: number
  readonly budgetMs?: number
  readonly tries?: number
  readonly firstWaitMs?: number
  /** How long the members of a group are remembered: so long can somebody who left it still approve. */
  readonly groupsKeptMs?: number
}

const posted = z.object({ channel: z.string(), ts: z.string() })
const members = z.object({ users: z.array(z.string()) })
const user = z.object({ user: z.object({ id: z.string() }) })

export function slackChat({
  token,
  apiUrl,
  timeoutMs = 4_000,
  budgetMs = 15_000,
  tries = 4,
  firstWaitMs = 300,
  groupsKeptMs = 60_000,
}: SlackChatOptions): Chat {
  const askToken = typeof token === 'string' ? async () => token : token
  const limits = { token: askToken, apiUrl, timeoutMs, budgetMs, firstWaitMs }
  const calls = { call: slackCall({ ...limits, tries }), callOnce: slackCall({ ...limits, tries: 1 }) }
  const { call } = calls
  const remembered = memory(groupsKeptMs)

  return {
    async post(channel, message, key, { first = false, threadTs, broadcast = false } = {}) {
      const place = { channel, threadTs, key, broadcast }
      return (first ? null : await findPosted(call, place)) ?? (await postOnce(calls, place, message))
    },

    async update({ channel, ts }, message) {
      try {
        await call('chat.update', { channel, ts, ...content(message) })
      } catch (error) {
        // Somebody deleted the card: there is nothing left that could say anything untrue.
        if (!(error instanceof SlackFault && GONE.has(error.reason))) throw error
      }
    },

    async reply({ channel, ts, threadTs }, message) {
      await postOnce(calls, { channel, threadTs: threadTs ?? ts, key: randomUUID() }, message)
    },

    async postEphemeral(channel, userId, message, threadTs) {
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs }
      await call('chat.postEphemeral', { channel, user: userId, ...content(message), ...thread })
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
        // A trigger opens one view: used up after a lost answer, the view is open.
        if (!(lost && error instanceof SlackFault && error.reason === 'exchanged_trigger_id')) throw error
      }
    },

    groupMembers: groupId =>
      remembered(
        `group ${groupId}`,
        async () => members.parse(await call('usergroups.users.list', { usergroup: groupId })).users,
      ),

    userByEmail: email =>
      remembered(`user ${email}`, async () => {
        try {
          return user.parse(await call('users.lookupByEmail', { email })).user.id
        } catch (error) {
          if (error instanceof SlackFault && error.reason === 'users_not_found') return null
          throw error
        }
      }),
  }
}

const MAX_KEPT = 1_000
const GONE = new Set(['message_not_found', 'thread_not_found'])

/** Before each further try it looks whether the lost answer was a success: nothing is said twice. */
async function postOnce(
  { call, callOnce }: { readonly call: Call; readonly callOnce: Call },
  place: {
    readonly channel: string
    readonly threadTs: string | undefined
    readonly key: string
    readonly broadcast?: boolean
  },
  message: ChatMessage,
): Promise<PostedCard> {
  const { channel, threadTs, key } = place
  const thread =
    threadTs === undefined ? {} : { thread_ts: threadTs, ...(place.broadcast ? { reply_broadcast: true } : {}) }
  const said = content({ text: message.text, blocks: keyed(message.blocks, key) })
  const answer = await call(
    'chat.postMessage',
    { channel, ...said, metadata: metadataOf(key), unfurl_links: false, unfurl_media: false, ...thread },
    {
      again: async () => {
        const found = await findPosted(callOnce, place)
        return found === null ? null : { ok: true, ...found }
      },
    },
  )
  const { channel: channelId, ts } = posted.parse(answer)
  return { channel: channelId, ts, ...(threadTs === undefined ? {} : { threadTs }) }
}

const content = ({ text, blocks }: ChatMessage): object => ({ text, blocks, parse: 'none', link_names: false })

/** Remembers what was read; what could not be read is asked again the next time, and is nobody's right meanwhile. */
function memory(keptMs: number) {
  const kept = new Map<string, { readonly value: unknown; readonly untilMs: number }>()
  return async <T>(key: string, read: () => Promise<T>): Promise<Fact<T>> => {
    const entry = kept.get(key)
    if (entry !== undefined && performance.now() < entry.untilMs) return known(entry.value as T)
    try {
      const value = await read()
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(key, { value, untilMs: performance.now() + keptMs })
      return known(value)
    } catch (error) {
      kept.delete(key)
      return unknown(slackFault(key, error).message)
    }
  }
}
