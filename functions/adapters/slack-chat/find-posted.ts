/** Finds a message of ours by the key in its metadata. https://docs.slack.dev/messaging/message-metadata */
import { z } from 'zod'
import type { PostedCard } from '../../core/proposal.ts'
import type { Call } from './call.ts'
import { SlackFault } from './fault.ts'

export const EVENT_TYPE = 'rolemedic_message'
export const metadataOf = (key: string): object => ({ event_type: EVENT_TYPE, event_payload: { key } })

const PAGE = 200
const MOST_PAGES = 5

const page = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z
          .object({ event_type: z.string(), event_payload: z.object({ key: z.string().optional() }) })
          .optional(),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().default('') }).optional(),
})

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
  let cursor = ''
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const answer = page.parse(
      await call(threadTs === undefined ? 'conversations.history' : 'conversations.replies', {
        channel,
        ...(threadTs === undefined ? {} : { ts: threadTs }),
        include_all_metadata: true,
        limit: PAGE,
        ...(cursor === '' ? {} : { cursor }),
      }),
    )
    const found = answer.messages.find(
      ({ metadata }) => metadata?.event_type === EVENT_TYPE && metadata.event_payload.key === key,
    )
    if (found !== undefined) return { channel, ts: found.ts, ...(threadTs === undefined ? {} : { threadTs }) }
    cursor = answer.response_metadata?.next_cursor ?? ''
    if (cursor === '') return null
  }
  return null
}
