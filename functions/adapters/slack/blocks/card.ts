/** A card as Slack blocks. If it does not fit, each part gets shorter, but nothing that a decision needs is omitted. */

import { asPlainText, joined, own, plural, type RichText, richText, shortened } from '../../../../core/base/index.ts'
import type { Card, CardButton, ShownChange, Tone } from '../../../domain/card/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { MENU_ACTION, menuValue } from '../menu-value.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { notification, richSection, slackPlainText } from './text.ts'

export const SYMBOLS: { readonly [tone in Tone]: string } = {
  low: '🟢',
  elevated: '🟡',
  high: '🔴',
  denied: '🚫',
  broken: '❌',
  information: 'ℹ️',
  working: '⏳',
  done: '✅',
  declined: '⛔',
  over: '⌛',
  undone: '↩️',
  trouble: '⚠️',
}

/** The maximum length of each part. */
export type Room = { readonly pieceChars: number; readonly diffLines: number; readonly lines: number }
export const ROOMS: readonly Room[] = [
  { pieceChars: 600, diffLines: 40, lines: 14 },
  { pieceChars: 300, diffLines: 20, lines: 12 },
  { pieceChars: 160, diffLines: 8, lines: 10 },
  { pieceChars: 60, diffLines: 2, lines: 8 },
  { pieceChars: 24, diffLines: 0, lines: 6 },
]

/** The fallback text begins with what fits on a lock screen. Screen readers read the rest of it, too. */
export function renderCard(card: Card): ChatMessage {
  const asked = card.buttons.some(({ action }) => action === 'approve' || action === 'approve-limited')
  const text = notification(
    joined(
      [
        card.notification,
        ...card.lines,
        ...card.advice.map(step => step.text),
        ...(asked ? [ASKS] : []),
        ...card.status,
      ],
      ' ',
    ),
    LIMITS.messageText,
  )
  for (const room of ROOMS) {
    const blocks = blocksOf(card, room)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: [headerOf(card), actions(card.buttons)] }
}

const ASKS: RichText = [own('Approve or reject it on the card.')]

const headerOf = (card: Card): object => ({
  type: 'header',
  text: slackPlainText(`${SYMBOLS[card.tone]} ${asPlainText(card.headline)}`, LIMITS.headerText),
})

function blocksOf(card: Card, room: Room): readonly object[] {
  const blocks = [
    headerOf(card),
    paragraphs(card.lines, room),
    ...card.advice.flatMap(({ text, command }) => [
      paragraphs([richText`→ ${text}`], room),
      ...(command === null ? [] : [preformatted(shortened(command, room.pieceChars * 2))]),
    ]),
    actions(card.buttons),
    ...changeBlocks(card.changes, room),
    paragraphs(card.status, room),
    { type: 'context', elements: [slackPlainText(card.proposalId, 100)] },
  ]
  return blocks.filter(block => block !== null)
}

/** One section with line breaks, because Slack does not document whether it breaks between sections. Says how many lines it leaves out. */
export function paragraphs(lines: readonly RichText[], room: Room): object | null {
  const left = lines.length - room.lines
  const shown =
    left > 0
      ? [...lines.slice(0, room.lines - 1), richText`and ${own(plural(left + 1, 'more line'))}: press Details.`]
      : lines
  const element = richSection(joined(shown, '\n'), room.pieceChars)
  return element === null ? null : { type: 'rich_text', elements: [element] }
}

export function changeBlocks(changes: readonly ShownChange[], room: Room): readonly (object | null)[] {
  return changes.flatMap(change => {
    const lines = change.lines.slice(0, room.diffLines)
    const left = change.left + change.lines.length - lines.length
    const more = left === 0 ? [] : richText` (${own(plural(left, 'more line'))} in Details)`
    const text = lines.map(line => (line.sign === '…' ? '…' : `${line.sign} ${shortened(line.text, room.pieceChars)}`))
    return [
      paragraphs([richText`${change.title}${more}`], room),
      text.length === 0 ? null : preformatted(text.join('\n')),
    ]
  })
}

export function preformatted(text: string): object {
  const elements = [{ type: 'text', text: shortened(text === '' ? '–' : text, LIMITS.richText) }]
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements }] }
}

/** What is seldom pressed is in a menu beside the buttons. */
export function actions(buttons: readonly CardButton[]): object {
  const row = buttons.filter(({ place }) => place === undefined)
  const more = buttons.filter(({ place }) => place === 'more')
  return { type: 'actions', elements: [...row.map(button), ...(more.length === 0 ? [] : [menu(more)])] }
}

const menu = (more: readonly CardButton[]): object => ({
  type: 'overflow',
  action_id: MENU_ACTION,
  options: more.map(({ action, label, value, confirm }) => ({
    text: slackPlainText(label, LIMITS.optionText),
    value: menuValue(action, value, confirm !== null),
  })),
})

export function button({ action, label, style, value, confirm }: CardButton): object {
  return {
    type: 'button',
    action_id: action,
    text: slackPlainText(label, LIMITS.buttonText),
    value,
    ...(style === null ? {} : { style }),
    ...(confirm === null
      ? {}
      : {
          confirm: {
            title: slackPlainText(confirm.title, LIMITS.confirmTitle),
            text: slackPlainText(confirm.text, LIMITS.confirmText),
            confirm: slackPlainText(confirm.yes, LIMITS.confirmButton),
            deny: slackPlainText('Cancel', LIMITS.confirmButton),
          },
        }),
  }
}
