/** The chat as the configuration, signed decisions and sentences name it. Another chat has its names and the forms of its ids here. */
import * as z from 'zod'

/** In signed decisions. */
export const CHAT = 'slack'
/** In sentences. */
export const CHAT_NAME = 'Slack'

const id = (form: RegExp, what: string) => z.string().check(z.regex(form, what))
export const chatUserId = id(/^[UW][A-Z0-9]{2,}$/, 'a Slack user id starts with U or W, like U0ONCALL1')
export const chatGroupId = id(/^S[A-Z0-9]{2,}$/, 'a Slack user group id starts with S')
const channelId = z.regex(/^[CGD][A-Z0-9]{2,}$/, 'a Slack channel id starts with C, like C0DEPLOYS')
export const chatChannelId = z.string().check(channelId)
export const cardChannel = z
  .string('name the Slack channel for cards, it has no default: its id is at the end of the details of the channel')
  .check(channelId)

/** How somebody types their own id on a page of the bot. */
export const TYPED_USER = {
  pattern: '[UW][A-Z0-9]{2,63}',
  examples: ['U0ONCALL1', 'U0ONCALL2'],
  wrong: 'a Slack user id is like U0ONCALL1: see your profile in Slack',
} as const

/** The member of an entry of `people` that names the user. */
export const personSchema = { [CHAT]: chatUserId }
export const chatUserOf = (person: { readonly [CHAT]: string }): string => person[CHAT]
