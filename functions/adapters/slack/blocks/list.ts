/** The storm list: one line per denial, with its current status and a link to its card in the thread. */

import { linkableUrl, outside, own, plural, type RichText, richText, strong } from '../../../../core/base/index.ts'
import type { StormListItem } from '../../../domain/card/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { SLACK_SITE } from '../site.ts'
import { SYMBOLS } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { escapedWithin, richSection, slackPlainText } from './text.ts'

export function renderList(items: readonly StormListItem[], total: number): ChatMessage {
  const title = total === 0 ? 'Many denials at once' : `Many denials at once: ${plural(total, 'denial')} in this thread`
  const text = escapedWithin(`🌩️ ${title}`, LIMITS.messageText)
  for (let shown = items.length; shown >= 0; shown -= 1) {
    const blocks = blocksOf(title, items.slice(0, shown), total)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: [] }
}

function blocksOf(title: string, items: readonly StormListItem[], total: number): readonly object[] {
  const rest = total - items.length
  const more = rest > 0 ? `${plural(rest, 'more denial')} in the thread. ` : ''
  return [
    { type: 'header', text: slackPlainText(`🌩️ ${title}`, LIMITS.headerText) },
    ...items.flatMap(line),
    {
      type: 'context',
      elements: [slackPlainText(`${more}Each has its own card in this thread: open it to approve or reject.`, 300)],
    },
  ]
}

/** The links are stored and may have been changed, so they must lead to a message. */
const MESSAGE_PATH = /^https:\/\/[^/]+\/archives\/./

const MAX_LINE_CHARS = 200

function line({ tone, text, state, link }: StormListItem): readonly object[] {
  const symbol = Object.entries(SYMBOLS).find(([name]) => name === tone)?.[1] ?? ''
  const now: RichText = state === undefined ? [] : richText`${strong(`${state}:`)} `
  const words = richSection(richText`${own(symbol === '' ? '' : `${symbol} `)}${now}${outside(text)} `, MAX_LINE_CHARS)
  if (words === null) return []
  const { elements } = words as { readonly elements: readonly object[] }
  const open =
    link !== undefined && linkableUrl(link, SLACK_SITE.hosts) !== null && MESSAGE_PATH.test(link)
      ? [{ type: 'link', url: link, text: 'Open' }]
      : []
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...elements, ...open] }] }]
}
