/**
 * Writes docs/cards: every card, thread, form and Home tab of the demo as a picture (desktop, phone, dark) and as text.
 * `node test/e2e/write-cards.ts [folder]`
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { shownButtons } from '../../simulator/fake-slack/buttons.ts'
import type { HomeView, OpenView } from '../../simulator/fake-slack/fake-slack.ts'
import { renderChannel } from '../../simulator/web-ui/channel.ts'
import { homePage } from '../../simulator/web-ui/home.ts'
import { renderModal } from '../../simulator/web-ui/modal.ts'
import { buttonsIn, linesIn, wordsBeforeButtons } from '../card-text.ts'
import { openBrowser } from './browser.ts'
import { KINDS, SCREENS, type ShownCard, World } from './card-kinds.ts'
import { parsePicture, sideBySide, smallPng } from './small-png.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VIEWS = [
  { width: 620, colorScheme: 'light' },
  { width: 390, colorScheme: 'light' },
  { width: 620, colorScheme: 'dark' },
] as const
const GAP_PX = 8
const TALLEST_PX = 1_400

type Item = { readonly name: string; readonly html: string; readonly text: string }

const isMessages = (shown: OpenView | HomeView | ShownCard): shown is ShownCard => Array.isArray(shown)

function itemOf(name: string, shown: OpenView | HomeView | ShownCard): Item {
  if (isMessages(shown)) return { name, html: renderChannel(shown, 'U0ONCALL1').html, text: textOf(shown) }
  const { blocks = [] } = shown.view as { readonly blocks?: readonly object[] }
  const html = 'triggerId' in shown ? renderModal(shown).html : homePage(shown).html
  const card = 'triggerId' in shown ? `<article class="card">${html}</article>` : html
  return { name, html: card, text: linesIn(blocks).join('\n') }
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

const fileOf = (name: string): string => `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`

async function pictureOf(page: Page, html: string): Promise<Buffer> {
  const styles = ['node_modules/slack-blocks-to-jsx/dist/style.css', 'simulator/web-ui/style.css']
    .map(path => `<style>${readFileSync(join(ROOT, path), 'utf8')}</style>`)
    .join('')
  const shots = []
  for (const { width, colorScheme } of VIEWS) {
    await page.setViewportSize({ width, height: 200 })
    await page.emulateMedia({ colorScheme })
    const logo = `data:image/svg+xml;base64,${readFileSync(join(ROOT, 'simulator/web-ui/logo.svg')).toString('base64')}`
    await page.setContent(
      `<!doctype html><html lang="en" data-theme="${colorScheme}"><meta charset="utf-8">${styles}<style>body{display:block;height:auto;padding:8px}.dialog-body{max-height:none}</style><body>${html.replaceAll('/logo.svg', logo)}</body></html>`,
    )
    const height = await page.evaluate<number>('document.body.scrollHeight')
    await page.setViewportSize({ width, height: Math.min(height, TALLEST_PX) })
    shots.push(parsePicture(await page.screenshot()))
  }
  return smallPng(sideBySide(shots, GAP_PX))
}

const folder = process.argv[2] ?? join(ROOT, 'docs/cards')
const state = mkdtempSync(join(tmpdir(), 'rolemedic-cards-'))
const world = new World(state)
const browser = await openBrowser()
try {
  const page = await browser.newPage()
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
  const pages: string[] = []
  for (const { name, make } of [...KINDS, ...SCREENS]) {
    const shown = await make(world)
    const item = itemOf(name, shown)
    writeFileSync(join(folder, fileOf(name)), await pictureOf(page, item.html))
    const [root] = isMessages(shown) ? shown : []
    const words = root === undefined ? '' : ` (${wordsBeforeButtons(root.blocks).length} words before the first button)`
    pages.push(
      `## ${name}\n\n![${name}](${fileOf(name)})${words}\n\n\`\`\`text\n${item.text.replaceAll('```', "'''")}\n\`\`\``,
    )
  }
  const intro =
    'What people see in Slack: every kind of card with its thread, forms, Home tabs and answers, on a desktop, on a phone and in the dark, and as text. `npm run cards` writes this folder from the demo. The notification is what a lock screen shows.'
  writeFileSync(join(folder, 'README.md'), `# Cards\n\n${intro}\n\n${pages.join('\n\n')}\n`)
} finally {
  await browser.close()
  await world.close()
  rmSync(state, { recursive: true, force: true })
}
