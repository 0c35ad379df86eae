import { MAX_TEXT_CHARS, shortened } from '../../../../core/base/index.ts'
import { type CodeForm, neutralLine } from '../../../domain/card/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { preformatted } from './card.ts'
import { LIMITS } from './limits.ts'
import { escapedWithin, slackPlainText } from './text.ts'

/** Code to copy. Truncates what does not fit. */
export function renderCode({ language, text }: CodeForm): ChatMessage {
  const lines = text.split('\n').map(line => neutralLine(line, MAX_TEXT_CHARS))
  const title = `The change as ${language}, to add by hand`
  const heading = { type: 'section', text: slackPlainText(title, 200) }
  const code = preformatted(shortened(lines.join('\n').trim(), LIMITS.richText))
  return { text: escapedWithin(title, LIMITS.messageText), blocks: [heading, code] }
}
