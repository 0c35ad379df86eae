/** A Home tab as a Slack view: three lists, each item with a link to its card. */
import { joined, link, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import type { Home, HomeItem, HomeSection } from '../../../domain/home/index.ts'
import { LIMITS, viewBreaches } from './limits.ts'
import { richSection, slackPlainText } from './text.ts'

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

function viewOf({ notices, sections, atMs }: Home, room: number): object {
  return {
    type: 'home',
    blocks: [
      ...notices.flatMap(line => paragraph([line], room)),
      ...sections.flatMap(section => [
        { type: 'header', text: slackPlainText(section.title, LIMITS.headerText) },
        ...section.items.flatMap(item => paragraph(linesOf(item), room)),
        ...(section.notes.length === 0 ? [] : paragraph(section.notes, room)),
        { type: 'divider' },
      ]),
      ...paragraph([richText`As of ${time(atMs)}. Open this tab again for what is true then.`], room),
    ],
  }
}

function linesOf({ title, detail, link: url }: HomeItem): readonly RichText[] {
  return [title.map(bold), richText`${detail} ${url === null ? [] : [link('Open the card', url)]}`]
}

/** Rich text has no markup, so outside text can safely be bold. */
const bold = (span: RichText[number]): RichText[number] =>
  span.kind === 'own' || span.kind === 'outside' ? strong(span.text) : span

/** Several lines in one block. */
function paragraph(lines: readonly RichText[], room: number): readonly object[] {
  const section = richSection(joined(lines, '\n'), room)
  return section === null ? [] : [{ type: 'rich_text', elements: [section] }]
}
