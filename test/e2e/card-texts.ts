/** Every card, thread, form and Home tab of the demo as text: the same each time, as `docs/cards/README.md` has it. */
import { shownButtons } from '../../simulator/fake-slack/buttons.ts'
import type { HomeView, OpenView } from '../../simulator/fake-slack/fake-slack.ts'
import { buttonsIn, linesIn, wordsBeforeButtons } from '../card-text.ts'
import { KINDS, SCREENS, type ShownCard, type World } from './card-kinds.ts'

export type Shown = OpenView | HomeView | ShownCard

export const isMessages = (shown: Shown): shown is ShownCard => Array.isArray(shown)
export const isForm = (shown: Shown): shown is OpenView => 'triggerId' in shown

/** In the order of the page: each follows from those before it. */
export async function* cardsOf(world: World): AsyncGenerator<{ readonly name: string; readonly shown: Shown }> {
  for (const { name, make } of [...KINDS, ...SCREENS]) yield { name, shown: await make(world) }
}

export const pictureName = (name: string): string => `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`

export function sectionOf(name: string, shown: Shown): string {
  const [root] = isMessages(shown) ? shown : []
  const words = root === undefined ? '' : ` (${wordsOf(root.blocks)})`
  const text = isMessages(shown) ? textOf(shown) : linesIn(blocksOf(shown)).join('\n')
  return `## ${name}\n\n![${name}](${pictureName(name)})${words}\n\n\`\`\`text\n${text.replaceAll('```', "'''")}\n\`\`\``
}

function wordsOf(blocks: readonly object[]): string {
  const count = `${wordsBeforeButtons(blocks).length} words`
  return buttonsIn(blocks).length === 0 ? `${count}, no button` : `${count} before the first button`
}

export const blocksOf = ({ view }: OpenView | HomeView): readonly object[] =>
  (view as { readonly blocks?: readonly object[] }).blocks ?? []

const INTRO =
  'What people see in Slack: every kind of card with its thread, forms, Home tabs and answers, on a desktop, on a phone and in the dark, and as text. `npm run cards` writes this folder from the demo. The notification is what a lock screen shows.'

export const pageOf = (sections: readonly string[]): string =>
  steady(`# Cards\n\n${INTRO}\n\n${sections.join('\n\n')}\n`)

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g
/** Of the checkpoint: each run has keys of its own. */
const OF_KEYS = /("(?:keyId|value|hash)":")[^"]*"/g

/** Ids that differ between runs are numbered, and what keys make is left out. */
function steady(page: string): string {
  const seen: string[] = []
  const numbered = (id: string): string => {
    if (!seen.includes(id)) seen.push(id)
    return `00000000-0000-4000-8000-${String(seen.indexOf(id) + 1).padStart(12, '0')}`
  }
  return page.replaceAll(UUID, numbered).replaceAll(OF_KEYS, '$1…"')
}

/** The notification, then the message with its buttons, then its thread. */
function textOf([root, ...thread]: ShownCard): string {
  if (root === undefined) return ''
  const at = root.blocks.findIndex(block => (block as { readonly type?: string }).type === 'actions')
  const [above, below] = at === -1 ? [root.blocks, []] : [root.blocks.slice(0, at), root.blocks.slice(at + 1)]
  const menu = shownButtons(root.blocks).filter(({ type }) => type === 'overflow')
  return [
    `Notification: ${root.text.slice(0, 160)}`,
    '',
    ...linesIn(above),
    ...(at === -1
      ? []
      : [
          buttons(
            buttonsIn(root.blocks),
            menu.map(({ label }) => label),
          ),
        ]),
    ...linesIn(below),
    ...thread.flatMap(reply => ['', 'In the thread:', ...linesIn(reply.blocks)]),
  ].join('\n')
}

const buttons = (row: readonly string[], menu: readonly string[]): string =>
  [...row.map(label => `[${label}]`), ...(menu.length === 0 ? [] : [`[⋯ ${menu.join(' | ')}]`])].join(' ')
