/** The storm list: one line for each cause, with its current status and links to the cards in the thread. */

import { linkableUrl, neutralText, own, plural, type RichText, richText, strong } from '../../../../core/base/index.ts'
import { grouped, NO_DIGEST, type StormListItem } from '../../../domain/card/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { SLACK_SITE } from '../site.ts'
import { SYMBOLS } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { escapedWithin, richSection, slackPlainText } from './text.ts'

export function renderList(items: readonly StormListItem[], total: number): ChatMessage {
  const title = total === 0 ? 'Many denials at once' : `Many denials at once: ${plural(total, 'denial')} in this thread`
  const text = escapedWithin(`🌩️ ${title}`, LIMITS.messageText)
  const groups = grouped(items)
  for (let shown = Math.min(groups.length, MAX_LINES); shown >= 0; shown -= 1) {
    const blocks = blocksOf(title, groups.slice(0, shown), total)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: [] }
}

const MAX_LINES = 20
const MAX_NAMES = 8

function blocksOf(title: string, groups: readonly (readonly StormListItem[])[], total: number): readonly object[] {
  const rest = total - groups.flat().length
  const more = rest > 0 ? `${plural(rest, 'more denial')} in the thread. ` : ''
  const isToRead = rest <= 0 && groups.flat().every(({ digest }) => digest === NO_DIGEST)
  const cards = `Each has its own card in this thread${isToRead ? '.' : ': open it to approve or reject.'}`
  return [
    { type: 'header', text: slackPlainText(`🌩️ ${title}`, LIMITS.headerText) },
    ...groups.flatMap(group => line(group)),
    {
      type: 'context',
      elements: [slackPlainText(`${more}${cards}`, 300)],
    },
  ]
}

/** The links are stored and may have been changed, so they must lead to a message. */
const MESSAGE_PATH = /^https:\/\/[^/]+\/archives\/./

const MAX_LINE_CHARS = 200

function line(group: readonly StormListItem[]): readonly object[] {
  const [first, second] = group
  if (first === undefined) return []
  if (second === undefined) return section(first, richText`${first.text} `, [linkTo(first, 'Open')])
  const { who = '', action = '', what = '' } = first.same ?? {}
  const isOfOne = second.same?.who === who
  const words = isOfOne
    ? richText`${who} was denied ${action} on ${own(plural(group.length, 'role'))}: `
    : richText`${own(plural(group.length, 'caller'))} were denied ${action} on ${what}: `
  const names = group
    .slice(0, MAX_NAMES)
    .flatMap((item, at) => [
      ...(at === 0 ? [] : [COMMA]),
      nameOf(item, (isOfOne ? item.same?.what : item.same?.who) ?? ''),
    ])
  const left = group.length - MAX_NAMES
  return section(first, words, left > 0 ? [...names, { type: 'text', text: ` and ${left} more` }] : names)
}

const COMMA = { type: 'text', text: ', ' }

function section({ tone, state }: StormListItem, words: RichText, ends: readonly (object | null)[]): readonly object[] {
  const symbol = Object.entries(SYMBOLS).find(([name]) => name === tone)?.[1] ?? ''
  const now: RichText = state === undefined ? [] : richText`${strong(`${neutralText(state)}:`)} `
  const begin = richSection(richText`${own(symbol === '' ? '' : `${symbol} `)}${now}${words}`, MAX_LINE_CHARS)
  if (begin === null) return []
  const { elements } = begin as { readonly elements: readonly object[] }
  const all = [...elements, ...ends.filter(end => end !== null)]
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: all }] }]
}

/** The name of the role or the caller, which opens the card. */
const nameOf = (item: StormListItem, name: string): object =>
  linkTo(item, neutralText(name) || '–') ?? { type: 'text', text: neutralText(name) || '–' }

const linkTo = ({ link }: StormListItem, text: string): object | null =>
  link !== undefined && linkableUrl(link, SLACK_SITE.hosts) !== null && MESSAGE_PATH.test(link)
    ? { type: 'link', url: link, text }
    : null
