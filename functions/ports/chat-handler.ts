import type { ChatMessage } from '../domain/base/chat-message.ts'

/** What became of a request. */
export type Handled = {
  /** Shown to the person by the response itself: commands only. */
  readonly reply: ChatMessage | null
  /** What is wrong with the reason that a form gave: the form stays open and shows it. Absent: nothing. */
  readonly wrongReason?: string
  /** What only tells people. May be cut off when the chat's patience ends: `sweep` draws the card again. */
  readonly tell: () => Promise<void>
}
