/** Messages that are not cards: replies in a thread, whispers, answers to commands. */

import type { ChatMessage } from '../../../domain/base/chat-message.ts'
import { neutralText, shortened } from '../../../domain/base/neutral-text.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { dated, escapedWithin } from './text.ts'

const MAX_MENTIONS = 10
/** Mentions stand beside it in the same block. */
const PART_CHARS = LIMITS.richText - 500

/** Lines stay lines; everything else that could be markup, a mention or a control character is text. */
export function renderText(text: string, mention: readonly string[] = [], about?: string): ChatMessage {
  const lines = text.split('\n').map(line => neutralText(line))
  const called = mention.slice(0, MAX_MENTIONS).flatMap(mentionOf)
  return {
    text: escapedWithin([...(about === undefined ? [] : [`${about}.`]), ...lines].join(' '), LIMITS.messageText),
    blocks: fitting(parted(lines), called),
  }
}

/** As many parts, from the first, as a message takes. */
function fitting(parts: readonly string[], called: readonly object[]): readonly object[] {
  for (let kept = parts.length; ; kept -= 1) {
    const shown = kept === parts.length ? parts : [...parts.slice(0, kept), '…']
    const blocks = shown.map((part, index) => {
      const elements = [...(index === 0 ? called : []), ...dated(part.trim() === '' ? '–' : part)]
      return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }
    })
    if (kept <= 1 || messageBreaches(blocks).length === 0) return blocks
  }
}

/** At line ends, as a block takes only so much; a longer line is cut. */
function parted(lines: readonly string[]): readonly string[] {
  const parts: string[] = []
  for (const line of lines.map(each => shortened(each, PART_CHARS))) {
    const last = parts.at(-1)
    if (last !== undefined && last.length + line.length < PART_CHARS) parts[parts.length - 1] = `${last}\n${line}`
    else parts.push(line)
  }
  return parts
}

function mentionOf(id: string): readonly object[] {
  const space = { type: 'text', text: ' ' }
  if (/^[UW][A-Z0-9]{2,20}$/.test(id)) return [{ type: 'user', user_id: id }, space]
  if (/^S[A-Z0-9]{2,20}$/.test(id)) return [{ type: 'usergroup', usergroup_id: id }, space]
  return []
}
