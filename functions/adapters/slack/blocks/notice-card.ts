/** A card that does not concern a denial, as Slack blocks. */

import { asPlainText, joined, own, type RichText, richText } from '../../../../core/base/index.ts'
import type { NoticeCard } from '../../../domain/card/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { button, preformatted, SYMBOLS } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { notification, richSection, slackPlainText } from './text.ts'

/** The maximum length of one piece of outside text. Shorter ones are tried until the card fits. */
const ROOMS = [600, 300, 120, 40] as const

/** A lock screen shows the lines as one text. */
const asSentence = (line: RichText): RichText => (/[.:!?]$/.test(asPlainText(line)) ? line : richText`${line}.`)

export function renderNotice(card: NoticeCard): ChatMessage {
  const title: RichText = [own(`${SYMBOLS[card.tone]} `), ...card.headline]
  const text = notification(
    joined([title, ...card.lines, ...(card.more ?? [])].map(asSentence), ' '),
    LIMITS.messageText,
  )
  for (const pieceChars of ROOMS) {
    const blocks = blocksOf(card, title, pieceChars)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: blocksOf({ ...card, lines: [], more: [], code: null }, title, 24) }
}

function blocksOf(
  { id, lines, more = [], code, buttons }: NoticeCard,
  title: RichText,
  pieceChars: number,
): readonly object[] {
  const paragraph = (shown: readonly RichText[]): readonly object[] => {
    const section = richSection(joined(shown, '\n'), pieceChars)
    return section === null ? [] : [{ type: 'rich_text', elements: [section] }]
  }
  return [
    { type: 'header', text: slackPlainText(asPlainText(title), LIMITS.headerText) },
    ...paragraph(lines),
    ...(code === null ? [] : [preformatted(code)]),
    ...(buttons.length === 0 ? [] : [{ type: 'actions', elements: buttons.map(button) }]),
    ...paragraph(more),
    { type: 'context', elements: [slackPlainText(id, 100)] },
  ]
}
