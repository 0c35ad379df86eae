/** A card as Slack blocks. When it does not fit, each part gets shorter, and nothing that a decision needs is left out. */

import type { ChatMessage } from '../../../domain/base/chat-message.ts'
import { shortened } from '../../../domain/base/neutral-text.ts'
import { asPlainText, joined, own, plural, type RichText, richText, strong } from '../../../domain/base/rich-text.ts'
import type { CardButton } from '../../../domain/card/buttons.ts'
import type { Card, ShownChange } from '../../../domain/card/card.ts'
import type { Check } from '../../../domain/card/checks.ts'
import type { Tone } from '../../../domain/card/headline.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { notification, plainText, richSection } from './text.ts'

export const SYMBOLS: { readonly [tone in Tone]: string } = {
  low: '🟢',
  elevated: '🟡',
  high: '🔴',
  information: 'ℹ️',
  working: '⏳',
  done: '✅',
  declined: '⛔',
  over: '⌛',
  undone: '↩️',
  trouble: '⚠️',
}

/** The maximum length of each part. */
type Room = { readonly pieceChars: number; readonly diffLines: number; readonly lines: number }
const ROOMS: readonly Room[] = [
  { pieceChars: 600, diffLines: 18, lines: 12 },
  { pieceChars: 300, diffLines: 10, lines: 8 },
  { pieceChars: 160, diffLines: 4, lines: 6 },
  { pieceChars: 60, diffLines: 0, lines: 4 },
  { pieceChars: 24, diffLines: 0, lines: 2 },
]

export function renderCard(card: Card): ChatMessage {
  const blastRadius = card.blastRadius === null ? [] : [richText`Opens ${card.blastRadius}.`]
  const text = notification(
    joined([richText`${symbolled(card)}.`, ...card.status, ...blastRadius], ' '),
    LIMITS.messageText,
  )
  for (const room of ROOMS) {
    const blocks = blocksOf(card, room)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: [headerOf(card), actions(card.buttons)] }
}

const symbolled = (card: Card): RichText => [own(`${SYMBOLS[card.tone]} `), ...card.headline]

const headerOf = (card: Card): object => ({
  type: 'header',
  text: plainText(asPlainText(symbolled(card)), LIMITS.headerText),
})

function blocksOf(card: Card, room: Room): readonly object[] {
  const blocks = [
    headerOf(card),
    paragraphs(
      card.first.map(line => richText`⚠️ ${line}`),
      room,
    ),
    paragraphs(
      card.facts.map(({ label, value }) => richText`${strong(`${label}: `)}${value}`),
      room,
    ),
    paragraphs(card.why, room),
    ...card.advice
      .slice(0, room.lines)
      .flatMap(({ text, command }) => [
        paragraphs([richText`→ ${text}`], room),
        ...(command === null ? [] : [preformatted(shortened(command, room.pieceChars * 2))]),
      ]),
    ...card.changes.flatMap(change => changeBlocks(change, room)),
    card.blastRadius === null ? null : paragraphs([richText`${strong('Opens:')} ${card.blastRadius}`], room),
    checkList(card.checks, room),
    card.status.length === 0 ? null : { type: 'divider' },
    paragraphs(card.status, room),
    actions(card.buttons),
    { type: 'context', elements: [plainText(card.proposalId, 100)] },
  ]
  return blocks.filter(block => block !== null)
}

/** One section with line ends: whether Slack breaks between sections is not documented. */
function paragraphs(lines: readonly RichText[], room: Room): object | null {
  const element = richSection(joined(lines.slice(0, room.lines), '\n'), room.pieceChars)
  return element === null ? null : { type: 'rich_text', elements: [element] }
}

function changeBlocks(change: ShownChange, room: Room): readonly (object | null)[] {
  const lines = change.lines.slice(0, room.diffLines)
  const left = change.left + change.lines.length - lines.length
  const more = left === 0 ? [] : richText` (${own(plural(left, 'more line'))} in Details)`
  const text = lines.map(line => (line.sign === '…' ? '…' : `${line.sign} ${shortened(line.text, room.pieceChars)}`))
  return [
    paragraphs([richText`${change.title}${more}`], room),
    text.length === 0 ? null : preformatted(text.join('\n')),
  ]
}

export function preformatted(text: string): object {
  const elements = [{ type: 'text', text: shortened(text === '' ? '–' : text, LIMITS.richText) }]
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements }] }
}

const MARKS: { readonly [outcome in Check['outcome']]: string } = { pass: '✓', warn: '⚠️', refuse: '✗' }

function checkList(list: readonly Check[], room: Room): object | null {
  const shown = list.slice(0, room.lines)
  const lines = shown.map(check => richText`${own(MARKS[check.outcome])} ${check.text}`)
  const rest = list.length - shown.length
  return paragraphs(
    [
      ...(lines.length === 0 ? [] : [richText`${strong('Checks')}`]),
      ...lines,
      ...(rest > 0 ? [richText`${rest} more in Details`] : []),
    ],
    {
      ...room,
      lines: room.lines + 2,
    },
  )
}

function actions(buttons: readonly CardButton[]): object {
  return { type: 'actions', elements: buttons.map(button) }
}

export function button({ action, label, style, value, confirm }: CardButton): object {
  return {
    type: 'button',
    action_id: action,
    text: plainText(label, LIMITS.buttonText),
    value,
    ...(style === null ? {} : { style }),
    ...(confirm === null
      ? {}
      : {
          confirm: {
            title: plainText(confirm.title, LIMITS.confirmTitle),
            text: plainText(confirm.text, LIMITS.confirmText),
            confirm: plainText('Yes', LIMITS.confirmButton),
            deny: plainText('Cancel', LIMITS.confirmButton),
          },
        }),
  }
}
