/** A Slack message: Block Kit JSON and the plain-text fallback. */
export type ChatMessage = { readonly text: string; readonly blocks: readonly object[] }

/** A line of text, and the message of the chat that it is about; null: there is none, or it cannot be named now. */
export type LinkedLine = { readonly text: string; readonly link: string | null }
