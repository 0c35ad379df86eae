/** The longest id that a chat gives a user: decisions are signed with it. */
export const MAX_CHAT_ID_CHARS = 64

/** A user as the chat names them: at most `MAX_CHAT_ID_CHARS`. Its form is checked by the chat's adapter alone. */
export type ChatUserId = string

/** A user of the chat, as the press named them. */
export type Person = { readonly id: ChatUserId; readonly name: string }

/** What the bot does by itself. */
export const ROLEMEDIC: Person = { id: 'rolemedic', name: 'rolemedic' }

/** Somebody whose name nobody needs. */
export const unnamed = (id: ChatUserId): Person => ({ id, name: '' })
