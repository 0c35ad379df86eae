import type { ChatMessage } from '../domain/messages/index.ts'

/** The result of a request. */
export type Handled = {
  /** The response itself shows it to the person. Only for commands. */
  readonly reply: ChatMessage | null
  /** Why an input of the form is not accepted. The form stays open and shows it there. Absent: all are accepted. */
  readonly wrong?: { readonly input: 'reason' | 'ticket'; readonly message: string }
  /** The request was not handled, and the chat should deliver it again. Absent: it was handled. */
  readonly again?: true
  /** Instead of `notify` where the chat has stopped waiting, and may show an error: says what came of it. */
  readonly late?: () => Promise<void>
  /** Sends messages. What is no press, the chat's timeout may cut off. */
  readonly notify: () => Promise<void>
}
