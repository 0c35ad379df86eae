/** Messages that are not cards: replies in a thread, whispers, answers to commands. */

import type { CodeForm } from '../../core/card/as-code.ts'
import { neutralLine } from '../../core/card/documents.ts'
import { MAX_TEXT_CHARS, neutralText } from '../../core/neutral-text.ts'
import type { ChatMessage } from '../../core/ports.ts'
import { preformatted } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { escapedWithin, plainText, shortened } from './text.ts'

const MOST_MENTIONS = 10

/** A change as code, to be copied: what does not fit whole is named and left to Details. */
export function renderCode(forms: readonly CodeForm[]): ChatMessage {
  const blocks: object[] = []
  const left: string[] = []
  for (const { language, text } of forms) {
    const code = text
      .split('\n')
      .map(line => neutralLine(line, MAX_TEXT_CHARS))
      .join('\n')
      .trim()
    const both = [heading(`The same change as ${language}`), preformatted(code)]
    const fits =
      code.length <= LIMITS.richText && messageBreaches([...blocks, ...both, heading('x'.repeat(300))]).length === 0
    if (fits) blocks.push(...both)
    else left.push(language)
  }
  if (left.length > 0) blocks.push(heading(`In Details: the same change as ${left.join(', ')}`))
  const languages = forms.map(form => form.language).join(', ')
  return { text: escapedWithin(`The same change as code: ${languages}`, LIMITS.messageText), blocks }
}

const heading = (text: string): object => ({ type: 'section', text: plainText(text, 200) })

/** Lines stay lines; everything else that could be markup, a mention or a control character is text. */
export function renderText(text: string, mention: readonly string[] = []): ChatMessage {
  const lines = text.split('\n').map(line => neutralText(line))
  const shown = shortened(lines.join('\n'), LIMITS.richText - 500)
  const elements = [
    ...mention.slice(0, MOST_MENTIONS).flatMap(mentionOf),
    ...(shown === '' ? [{ type: 'text', text: '–' }] : [{ type: 'text', text: shown }]),
  ]
  return {
    text: escapedWithin(lines.join(' '), LIMITS.messageText),
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }],
  }
}

function mentionOf(id: string): readonly object[] {
  const space = { type: 'text', text: ' ' }
  if (/^[UW][A-Z0-9]{2,20}$/.test(id)) return [{ type: 'user', user_id: id }, space]
  if (/^S[A-Z0-9]{2,20}$/.test(id)) return [{ type: 'usergroup', usergroup_id: id }, space]
  return []
}
