/**
 * `blocks`: in the format of the chat, for its adapter only. `text`: shown where blocks cannot be, such as in a notification.
 */
export type ChatMessage = { readonly text: string; readonly blocks: readonly object[] }

/** The chat as people outside of it are told. `hosts`: where its messages are. */
export type ChatSite = { readonly name: string; readonly hosts: readonly string[] }

/** A line of text with a link. Null: there is none, or it is not available now. `label`: absent, it is that of a message in the chat. */
export type LinkedLine = { readonly text: string; readonly link: string | null; readonly label?: string }
