/** What a form carries from the card to its submission, in Slack's private metadata. Slack's ids have no space. */

import type { PressedAt } from '../../domain/messages/index.ts'
import { type ButtonTarget, parseButtonValue } from '../../domain/proposal/index.ts'
import { isSlackChannel, isSlackTimestamp } from './ids.ts'

const MAX_PARTS = 5

/** The button's value and the message, separated by spaces. */
export function formOrigin(value: string, { conversation, message, thread }: PressedAt): string {
  return [value, conversation ?? '', message ?? '', ...(thread === undefined ? [] : [thread])].join(' ')
}

export function parseFormOrigin(text: string): (ButtonTarget & { readonly at: PressedAt }) | null {
  const [value = '', conversation = '', message = '', thread, ...rest] = text.split(' ', MAX_PARTS)
  const target = parseButtonValue(value)
  const isWhole = rest.length === 0 && isSlackChannel(conversation) && isSlackTimestamp(message)
  if (target === null || !isWhole || (thread !== undefined && !isSlackTimestamp(thread))) return null
  return { ...target, at: { conversation, message, ...(thread === undefined ? {} : { thread }) } }
}
