/**
 * Finds a message of ours by its key, which stands in its metadata and as the id of its first block: Slack's pages do
 * not say whether an app sees its own metadata without `metadata.message:read`, and block ids need no scope.
 * https://docs.slack.dev/messaging/message-metadata
 */

import * as z from 'zod'
import type { PostedCard } from '../../../domain/proposal/proposal.ts'
import type { Call } from './call.ts'
import { SlackFault } from './fault.ts'

const EVENT_TYPE = 'rolemedic_message'
export const metadataOf = (key: string): object => ({ event_type: EVENT_TYPE, event_payload: { key } })

/** Blocks of a message with the key on the first. */
export function keyed(blocks: readonly object[], key: string): readonly object[] {
  return blocks.map((block, index) => (index === 0 ? { ...block, block_id: key } : block))
}

const PAGE = 200
const MAX_PAGES = 5

/** Of other apps' messages anything may come: what has another form is not ours. */
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

/** Any app, and anybody with a webhook, may send our key: only what the bot itself has posted is its own. */
async function botId(call: Call): Promise<string> {
  return self.parse(await call('auth.test', {})).bot_id
}

function carries({ metadata: told, blocks }: Shown, key: string): boolean {
  if (told?.event_type === EVENT_TYPE && told.event_payload.key === key) return true
  const first = block.safeParse(blocks[0])
  return first.success && first.data.block_id === key
}

/**
 * Null: it is not there, or Slack does not let the app look. In the second case posting again may say a thing twice,
 * which is better than never saying it.
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
    if (found !== undefined) return { channel, ts: found.ts, ...(threadTs === undefined ? {} : { threadTs }) }
    cursor = answer.response_metadata?.next_cursor ?? ''
    if (cursor === '') return null
  }
  return null
}
