/** What is sent to people: chat messages and notices. */

export type { ChatMessage, LinkedLine } from './chat-message.ts'
export type { Notice } from './notice.ts'
export type { Person } from './person.ts'
