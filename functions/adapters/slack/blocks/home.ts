/** Lists of proposals, each with a link to its card: the Home tab as a Slack view, or a message. */
import { joined, link, own, plural, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import type { Home, HomeItem, HomeSection } from '../../../domain/home/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { LIMITS, messageBreaches, viewBreaches } from './limits.ts'
import { notification, richElements, slackPlainText } from './text.ts'

/** The maximum length of each piece of outside text. Shorter ones are tried until the view fits. */
const ROOMS = [300, 120, 40] as const

export function renderHome(home: Home): object {
  for (const room of ROOMS) {
    const view = viewOf(home, room)
    if (viewBreaches(view).length === 0) return view
  }
  return viewOf({ ...home, sections: home.sections.map(emptied) }, 40)
}

const emptied = (section: HomeSection): HomeSection => ({ ...section, items: [] })

function viewOf(home: Home, room: number): object {
  const now = richText`As of ${time(home.atMs)}. Open this tab again for what is true then.`
  return { type: 'home', blocks: [...listBlocks(home, room), ...paragraph([now], room)] }
}

function listBlocks({ notices, sections }: Pick<Home, 'notices' | 'sections'>, room: number): readonly object[] {
  return [
    ...notices.flatMap(line => paragraph([line], room)),
    ...sections.flatMap(section => [
      { type: 'header', text: slackPlainText(section.title, LIMITS.headerText) },
      ...section.items.flatMap(item => paragraph(linesOf(item), room)),
      ...(section.notes.length === 0 ? [] : paragraph(section.notes, room)),
      { type: 'divider' },
    ]),
  ]
}

/** As many items as fit, those of the first lists first. */
export function renderLists(home: Home): ChatMessage {
  const text = notification(headingsOf(home), LIMITS.messageText)
  const total = home.sections.reduce((sum, { items }) => sum + items.length, 0)
  for (let count = total; ; count -= 1)
    for (const room of ROOMS) {
      const blocks = messageOf(home, { count, total, room })
      if (count <= 0 || messageBreaches(blocks).length === 0) return { text, blocks }
    }
}

type Fit = { readonly count: number; readonly total: number; readonly room: number }

function messageOf(home: Home, { count, total, room }: Fit): readonly object[] {
  let left = count
  const sections = home.sections.map(section => {
    const items = section.items.slice(0, left)
    left -= items.length
    return { ...section, items }
  })
  const cut = total - count
  const more = cut === 0 ? [] : [own(`${plural(cut, 'more card')} did not fit into this answer. `)]
  const shown = { ...home, sections: sections.filter(({ items, notes }) => items.length > 0 || notes.length > 0) }
  return [...listBlocks(shown, room), ...paragraph([richText`${more}As of ${time(home.atMs)}.`], room)]
}

/** "Waiting for you: 2. In progress: 1." */
const headingsOf = ({ notices, sections }: Home): RichText =>
  joined([...notices, ...sections.map(({ title, items }) => richText`${own(`${title}: ${items.length}.`)}`)], ' ')

function linesOf({ title, detail, link: url }: HomeItem): readonly RichText[] {
  return [title.map(bold), richText`${detail} ${url === null ? [] : [link('Open the card', url)]}`]
}

/** Rich text has no markup, so outside text can safely be bold. */
const bold = (span: RichText[number]): RichText[number] =>
  span.kind === 'own' || span.kind === 'outside' ? strong(span.text) : span

/** Several lines in one block. */
function paragraph(lines: readonly RichText[], room: number): readonly object[] {
  const elements = joined(lines, '\n').flatMap(span => richElements(span, room))
  if (elements.length === 0) return []
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: inFewer(elements) }] }]
}

type Element = { readonly type?: string; readonly text?: string; readonly style?: object }

/** Neighbours that look the same become one, because Slack limits the length of all blocks as JSON. */
function inFewer(elements: readonly Element[]): readonly object[] {
  const fewer: Element[] = []
  for (const element of elements) {
    const last = fewer.at(-1)
    if (
      last?.type === 'text' &&
      element.type === 'text' &&
      JSON.stringify(last.style) === JSON.stringify(element.style)
    )
      fewer[fewer.length - 1] = { ...last, text: `${last.text}${element.text}` }
    else fewer.push(element)
  }
  return fewer
}
