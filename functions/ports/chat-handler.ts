import type { ChatMessage } from '../domain/messages/index.ts'

/** The result of a request. */
export type Handled = {
  /** The response itself shows it to the person. Only for commands. */
  readonly reply: ChatMessage | null
  /** Why an input of the form is not accepted. The form stays open and shows it there. Absent: all are accepted. */
  readonly wrong?: { readonly input: 'reason' | 'ticket'; readonly message: string }
  /** The request was not handled, and the chat should deliver it again. Absent: it was handled. */
  readonly again?: true
  /** Sends messages and card updates. The chat's timeout may cut it off; then `sweep` refreshes the card. */
  readonly notify: () => Promise<void>
}
