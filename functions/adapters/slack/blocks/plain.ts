/** Messages other than cards: replies in a thread, ephemeral messages, answers to commands. */

import { link, neutralText, own, shortened } from '../../../../core/base/index.ts'
import type { ChatMessage, LinkedLine } from '../../../domain/messages/index.ts'
import { isSlackGroup, isSlackUser } from '../ids.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { dated, escapedWithin, richElements } from './text.ts'

const MAX_MENTIONS = 10
/** Leaves space for mentions in the same block. */
const PART_CHARS = LIMITS.richText - 500
/** More lines never fit into a message. */
const MAX_LINES = 60
const OPEN_CARD = 'Open the card'
const LINK_CHARS = OPEN_CARD.length + 3

/** Keeps line breaks. Markup, mentions and control characters in the text have no effect. */
export function renderText(text: string, mention: readonly string[] = [], about?: string): ChatMessage {
  const lines = text.split('\n').map(line => neutralText(line))
  const mentions = mention.slice(0, MAX_MENTIONS).flatMap(mentionOf)
  return {
    text: escapedWithin([...(about === undefined ? [] : [`${about}.`]), ...lines].join(' '), LIMITS.messageText),
    blocks: fitting(splitIntoParts(lines), mentions),
  }
}

/** Each line ends with a link to its message, if it has one. */
export function renderLines(given: readonly LinkedLine[]): ChatMessage {
  const lines = given.map(({ text, ...rest }) => ({ text: shortened(neutralText(text), PART_CHARS), ...rest }))
  const text = escapedWithin(lines.map(line => line.text).join(' '), LIMITS.messageText)
  for (let count = Math.min(lines.length, MAX_LINES); ; count -= 1) {
    const shown = count === lines.length ? lines : [...lines.slice(0, count), { text: '…', link: null }]
    const blocks = lineGroups(shown).map(group => ({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: group.flatMap(lineElements) }],
    }))
    if (count === 0 || messageBreaches(blocks).length === 0) return { text, blocks }
  }
}

/** Groups of lines that fit into one block. */
function lineGroups(lines: readonly LinkedLine[]): readonly (readonly LinkedLine[])[] {
  const groups: LinkedLine[][] = []
  let chars = 0
  for (const line of lines) {
    chars += line.text.length + LINK_CHARS
    const last = groups.at(-1)
    if (last !== undefined && chars <= PART_CHARS) last.push(line)
    else {
      groups.push([line])
      chars = line.text.length + LINK_CHARS
    }
  }
  return groups
}

function lineElements({ text, link: url, label = OPEN_CARD }: LinkedLine, index: number): readonly object[] {
  const end = url === null ? [] : [own('  '), link(label, url)]
  return [
    ...(index === 0 ? [] : [{ type: 'text', text: '\n' }]),
    ...dated(text === '' ? '–' : text),
    ...end.flatMap(span => richElements(span, PART_CHARS)),
  ]
}

/** The first parts that fit into a message. */
function fitting(parts: readonly string[], mentions: readonly object[]): readonly object[] {
  for (let count = parts.length; ; count -= 1) {
    const shown = count === parts.length ? parts : [...parts.slice(0, count), '…']
    const blocks = shown.map((part, index) => {
      const elements = [...(index === 0 ? mentions : []), ...dated(part.trim() === '' ? '–' : part)]
      return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }
    })
    if (count <= 1 || messageBreaches(blocks).length === 0) return blocks
  }
}

/** Splits at line breaks to the size of a block. Truncates longer lines. */
function splitIntoParts(lines: readonly string[]): readonly string[] {
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
  if (isSlackUser(id)) return [{ type: 'user', user_id: id }, space]
  if (isSlackGroup(id)) return [{ type: 'usergroup', usergroup_id: id }, space]
  return []
}
