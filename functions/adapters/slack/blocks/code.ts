import type { ChatMessage } from '../../../domain/base/chat-message.ts'
import { MAX_TEXT_CHARS } from '../../../domain/base/neutral-text.ts'
import type { CodeForm } from '../../../domain/card/change-as-code.ts'
import { neutralLine } from '../../../domain/card/documents.ts'
import { preformatted } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { escapedWithin, plainText } from './text.ts'

/** A change as code to copy. Forms that do not fit are named, and shown in Details. */
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
