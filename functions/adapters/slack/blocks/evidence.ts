/** The reply under a card: the exact change, the checks and the evidence. */

import { MAX_TEXT_CHARS, own, type RichText, richText, strong } from '../../../../core/base/index.ts'
import { type CardCheck, type CardEvidence, type CodeForm, neutralLine } from '../../../domain/card/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { changeBlocks, paragraphs, preformatted, ROOMS, type Room } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { renderText } from './plain.ts'
import { escapedWithin, slackPlainText } from './text.ts'

/** Forms of the code that do not fit are listed by name. Details shows them. */
export function renderEvidence(evidence: CardEvidence): ChatMessage {
  const { calls, changes, forms } = evidence
  const title = changes.length === 0 ? 'What was seen' : 'The exact change, and what it rests on'
  const called = calls === undefined ? null : renderText(CALL, calls.mention, calls.about)
  const text = called?.text ?? escapedWithin(forms.length === 0 ? title : `${title}, also as code`, LIMITS.messageText)
  const room = ROOMS.find(each => fits(partsOf(title, evidence, each)))
  const parts = room === undefined ? [heading(title)] : partsOf(title, evidence, room)
  return { text, blocks: withForms([...(called?.blocks ?? []), ...parts], forms) }
}

const CALL = 'Looked at again: it waits for a decision now.'

/** Reserves space for the line that lists omitted parts, with each character escaped in JSON. */
const fits = (blocks: readonly object[]): boolean => messageBreaches([...blocks, heading('"'.repeat(300))]).length === 0

function partsOf(
  title: string,
  { changes, reach, facts, why, steps, checks }: CardEvidence,
  room: Room,
): readonly object[] {
  const parts = [
    heading(title),
    ...changeBlocks(changes, room),
    reach === null ? null : paragraphs([richText`${strong('Opens:')} ${reach}`], room),
    paragraphs(why, room),
    paragraphs(
      steps.map(step => richText`→ ${step}`),
      room,
    ),
    paragraphs(facts, room),
    paragraphs(checks.map(checkLine), room),
  ]
  return parts.filter(part => part !== null)
}

const MARKS: { readonly [outcome in CardCheck['outcome']]: string } = { pass: '✓', warn: '⚠️', refuse: '✗' }
const checkLine = ({ outcome, text }: CardCheck): RichText => richText`${own(MARKS[outcome])} ${text}`

function withForms(parts: readonly object[], forms: readonly CodeForm[]): readonly object[] {
  const blocks = [...parts]
  const left: string[] = []
  for (const { language, text } of forms) {
    const code = text
      .split('\n')
      .map(line => neutralLine(line, MAX_TEXT_CHARS))
      .join('\n')
      .trim()
    const both = [heading(`The same change as ${language}`), preformatted(code)]
    if (code.length <= LIMITS.richText && fits([...blocks, ...both])) blocks.push(...both)
    else left.push(language)
  }
  if (left.length > 0) blocks.push(heading(`In Details: the same change as ${[...new Set(left)].join(', ')}`))
  return blocks
}

const heading = (text: string): object => ({ type: 'section', text: slackPlainText(text, 200) })
