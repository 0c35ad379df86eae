/** `blocks`: in the format of the chat, for its adapter alone. `text`: shown where blocks cannot be, as in a notification. */
export type ChatMessage = { readonly text: string; readonly blocks: readonly object[] }

/** A line of text, and the message of the chat that it is about; null: there is none, or it cannot be named now. */
export type LinkedLine = { readonly text: string; readonly link: string | null }
