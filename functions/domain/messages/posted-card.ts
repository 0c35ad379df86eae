/**
 * The address of a message in the chat. Its members are ids of the chat: the adapter creates and reads them, `stored` and
 * `audit` record them, and all other code uses the functions of this file.
 */

export type PostedCard = {
  readonly conversation: string
  readonly message: string
  /** The first message of its thread: in a storm, cards are in the thread of a list. Absent: it is in no thread. */
  readonly thread?: string
}

/** For a card that is rendered before it is posted. */
export const NOT_POSTED: PostedCard = { conversation: '', message: '' }

export const messageIn = (conversation: string, message: string): PostedCard => ({ conversation, message })
export const messageIdOf = ({ message }: PostedCard): string => message

export const isInThread = ({ thread }: PostedCard): boolean => thread !== undefined

/** The first message of its thread. Null: it is in no thread. */
export const answeredBy = ({ conversation, thread }: PostedCard): PostedCard | null =>
  thread === undefined ? null : messageIn(conversation, thread)

/** The message whose button was pressed; of a form, the message from which it was opened. Null: the payload does not say. */
export type PressedAt = {
  readonly conversation: string | null
  readonly message: string | null
  readonly thread?: string
}

export const isSameMessage = ({ conversation, message }: PostedCard, at: PostedCard | PressedAt): boolean =>
  at.conversation === conversation && at.message === message

/** A place in the chat: a thread, or a conversation. */
export type ChatPlace = Pick<PostedCard, 'conversation' | 'thread'>
export const chatPlaceOf = ({ conversation, thread }: PostedCard): ChatPlace => ({
  conversation,
  ...(thread === undefined ? {} : { thread }),
})
export const placeIn = (conversation: string): ChatPlace => ({ conversation })
export const conversationOf = ({ conversation }: PostedCard): string => conversation

/** Where the person looks: at the message with the button or, after a form, at the card. Null: neither is known. */
export function answerPlace({ conversation, thread }: PressedAt, card: PostedCard | null): ChatPlace | null {
  if (conversation === null) return card === null ? null : chatPlaceOf(card)
  return { conversation, ...(thread === undefined ? {} : { thread }) }
}

/** The form in the table and the audit log. The names must stay, because records are hashed and signed with them. */
export type RecordedCard = { readonly channel: string; readonly ts: string; readonly threadTs?: string }

export const recordedCard = ({ conversation, message, thread }: PostedCard): RecordedCard => ({
  channel: conversation,
  ts: message,
  ...(thread === undefined ? {} : { threadTs: thread }),
})

export const cardOnRecord = ({ channel, ts, threadTs }: RecordedCard): PostedCard => ({
  conversation: channel,
  message: ts,
  ...(threadTs === undefined ? {} : { thread: threadTs }),
})
