import type { ChatMessage } from '../domain/messages/index.ts'

/** The result of a request. */
export type Handled = {
  /** The response itself shows it to the person: commands only. */
  readonly reply: ChatMessage | null
  /** Why the form's reason is not accepted: the form stays open and shows it. Absent: it is. */
  readonly wrongReason?: string
  /** Not done: the chat is asked to deliver it again. Absent: it is done. */
  readonly again?: true
  /** Messages and card updates. May be cut off by the chat's timeout: `sweep` refreshes the card again. */
  readonly notify: () => Promise<void>
}
