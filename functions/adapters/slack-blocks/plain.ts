/** Messages that are not cards: replies in a thread, whispers, answers to commands. */

import { neutralText, shortened } from '../../core/neutral-text.ts'
import type { ChatMessage } from '../../core/ports.ts'
import { LIMITS } from './limits.ts'
import { dated, escapedWithin } from './text.ts'

const MOST_MENTIONS = 10

/** Lines stay lines; everything else that could be markup, a mention or a control character is text. */
export function renderText(text: string, mention: readonly string[] = []): ChatMessage {
  const lines = text.split('\n').map(line => neutralText(line))
  const shown = shortened(lines.join('\n'), LIMITS.richText - 500)
  const elements = [...mention.slice(0, MOST_MENTIONS).flatMap(mentionOf), ...dated(shown === '' ? '–' : shown)]
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
