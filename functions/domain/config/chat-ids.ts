/** The chat as the configuration, signed decisions and sentences name it. Another chat has its names and the forms of its ids here. */
import * as z from 'zod'
import { MAX_CHAT_ID_CHARS } from '../messages/index.ts'

/** In signed decisions. */
export const CHAT = 'slack'
/** In sentences. */
export const CHAT_NAME = 'Slack'

const REST = `[A-Z0-9]{2,${MAX_CHAT_ID_CHARS - 1}}`
/** As parts of a regular expression. */
export const CHAT_ID_FORMS = { user: `[UW]${REST}`, group: `S${REST}`, channel: `[CGD]${REST}` } as const
type ChatIdKind = keyof typeof CHAT_ID_FORMS
export const isChatId = (kind: ChatIdKind, id: string): boolean => WHOLE[kind].test(id)
const WHOLE: { readonly [kind in ChatIdKind]: RegExp } = {
  user: new RegExp(`^${CHAT_ID_FORMS.user}$`),
  group: new RegExp(`^${CHAT_ID_FORMS.group}$`),
  channel: new RegExp(`^${CHAT_ID_FORMS.channel}$`),
}

const id = (kind: ChatIdKind, what: string) => z.string().check(z.regex(WHOLE[kind], what))
export const chatUserId = id('user', 'a Slack user id starts with U or W, like U0ONCALL1')
export const chatGroupId = id('group', 'a Slack user group id starts with S')
const channelId = z.regex(WHOLE.channel, 'a Slack channel id starts with C, like C0DEPLOYS')
export const chatChannelId = z.string().check(channelId)
export const cardChannel = z
  .string('name the Slack channel for cards, it has no default: its id is at the end of the details of the channel')
  .check(channelId)

/** How somebody types their own id on a page of the bot. */
export const TYPED_USER = {
  pattern: CHAT_ID_FORMS.user,
  examples: ['U0ONCALL1', 'U0ONCALL2'],
  wrong: 'a Slack user id is like U0ONCALL1: see your profile in Slack',
} as const

/** The member of an entry of `people` that names the user. */
export const personSchema = { [CHAT]: chatUserId }
export const chatUserOf = (person: { readonly [CHAT]: string }): string => person[CHAT]
