/** The one message of a storm: a line and a Details button for each card in its thread. */

import type { ChatMessage } from '../../../domain/base/chat-message.ts'
import { plural } from '../../../domain/base/rich-text.ts'
import type { StormListItem } from '../../../domain/card/storm-list.ts'
import { buttonValue } from '../../../domain/proposal/click.ts'
import { button, SYMBOLS } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { escapedWithin, plainText } from './text.ts'

export function renderList(items: readonly StormListItem[], total: number): ChatMessage {
  const title = total === 0 ? 'Many denials at once' : `Many denials at once: ${plural(total, 'card')} in this thread`
  const text = escapedWithin(`🌩️ ${title}`, LIMITS.messageText)
  for (let shown = items.length; shown >= 0; shown -= 1) {
    const blocks = blocksOf(title, items.slice(0, shown), total)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: [] }
}

function blocksOf(title: string, items: readonly StormListItem[], total: number): readonly object[] {
  const rest = total - items.length
  const more = rest > 0 ? `${plural(rest, 'more card')} in the thread. ` : ''
  return [
    { type: 'header', text: plainText(`🌩️ ${title}`, LIMITS.headerText) },
    ...items.map(line),
    {
      type: 'context',
      elements: [plainText(`${more}Each has its own card in this thread: open it to approve or reject.`, 300)],
    },
  ]
}

function line({ proposalId, digest, tone, text }: StormListItem): object {
  const details = button({
    action: 'details',
    label: 'Details',
    style: null,
    value: buttonValue(proposalId, digest),
    confirm: null,
  })
  const symbol = Object.entries(SYMBOLS).find(([name]) => name === tone)?.[1] ?? ''
  return { type: 'section', text: plainText(`${symbol} ${text}`.trim(), 200), accessory: details }
}
