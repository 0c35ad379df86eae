/**
 * Finds a message of the bot by its key, which is in its metadata and is the id of its first block. Block ids are needed
 * because Slack does not document whether an app sees its own metadata without `metadata.message:read`.
 * https://docs.slack.dev/messaging/message-metadata
 */

import * as z from 'zod'
import type { PostedCard } from '../../../domain/messages/index.ts'
import type { Call } from './call.ts'
import { SlackFault } from './fault.ts'

const EVENT_TYPE = 'rolemedic_message'
export const metadataOf = (key: string): object => ({ event_type: EVENT_TYPE, event_payload: { key } })

/** The blocks of a message, with the key as the id of the first. */
export function keyed(blocks: readonly object[], key: string): readonly object[] {
  return blocks.map((block, index) => (index === 0 ? { ...block, block_id: key } : block))
}

const PAGE = 200
const MAX_PAGES = 5

/** Messages of other apps may have any form. Those that do not parse are not the bot's. */
const metadata = z.object({ event_type: z.string(), event_payload: z.object({ key: z.string() }) })
const block = z.object({ block_id: z.string() })
const page = z.object({
  messages: z._default(
    z.array(
      z.object({
        ts: z.string(),
        bot_id: z.catch(z.optional(z.string()), undefined),
        metadata: z.catch(z.optional(metadata), undefined),
        blocks: z.catch(z.array(z.unknown()), []),
      }),
    ),
    [],
  ),
  response_metadata: z.optional(z.object({ next_cursor: z._default(z.string(), '') })),
})
type Shown = z.infer<typeof page>['messages'][number]

const self = z.object({ bot_id: z._default(z.string(), '') })

/** Any app, and anybody with a webhook, may send the key, so only the bot's own posts count. */
async function botId(call: Call): Promise<string> {
  return self.parse(await call('auth.test', {})).bot_id
}

function carries({ metadata, blocks }: Shown, key: string): boolean {
  if (metadata?.event_type === EVENT_TYPE && metadata.event_payload.key === key) return true
  const first = block.safeParse(blocks[0])
  return first.success && first.data.block_id === key
}

/** Slack names a message by its channel and its time stamp, a thread by the time stamp of its root. */
export const postedAt = (channel: string, ts: string, threadTs: string | undefined): PostedCard => ({
  conversation: channel,
  message: ts,
  ...(threadTs === undefined ? {} : { thread: threadTs }),
})

/**
 * Null: there is none, or Slack does not allow the app to search. In the second case another post may be a duplicate, which is
 * better than no post.
 */
export async function findPosted(
  call: Call,
  place: { readonly channel: string; readonly threadTs: string | undefined; readonly key: string },
): Promise<PostedCard | null> {
  try {
    return await search(call, place)
  } catch (error) {
    if (error instanceof SlackFault && !error.retry && error.code === 'slack-refused') return null
    throw error
  }
}

async function search(
  call: Call,
  { channel, threadTs, key }: { readonly channel: string; readonly threadTs: string | undefined; readonly key: string },
): Promise<PostedCard | null> {
  const own = await botId(call)
  let cursor = ''
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const answer = page.parse(
      await call(threadTs === undefined ? 'conversations.history' : 'conversations.replies', {
        channel,
        ...(threadTs === undefined ? {} : { ts: threadTs }),
        include_all_metadata: true,
        limit: PAGE,
        ...(cursor === '' ? {} : { cursor }),
      }),
    )
    const found = answer.messages.find(message => message.bot_id === own && carries(message, key))
    if (found !== undefined) return postedAt(channel, found.ts, threadTs)
    cursor = answer.response_metadata?.next_cursor ?? ''
    if (cursor === '') return null
  }
  return null
}
