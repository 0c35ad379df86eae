/** The maximum length of a user id in the chat. Decisions are signed with it. */
export const MAX_CHAT_ID_CHARS = 64

/** A user id of the chat, at most `MAX_CHAT_ID_CHARS` long. Only the chat's adapter checks its form. */
export type ChatUserId = string

/** A user of the chat, with the name that the request contains. */
export type Person = { readonly id: ChatUserId; readonly name: string }

/** The actor of what the bot does by itself. */
export const ROLEMEDIC: Person = { id: 'rolemedic', name: 'rolemedic' }

/** A person whose name is not needed. */
export const unnamed = (id: ChatUserId): Person => ({ id, name: '' })
