/**
 * Writes docs/cards: every card, thread, form and Home tab of the demo as a picture (desktop, phone, dark) and as text.
 * `node test/e2e/write-cards.ts [folder]`
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { renderChannel } from '../../simulator/web-ui/channel.ts'
import { homePage } from '../../simulator/web-ui/home.ts'
import { renderModal } from '../../simulator/web-ui/modal.ts'
import { openBrowser } from './browser.ts'
import { World } from './card-kinds.ts'
import { cardsOf, isForm, isMessages, pageOf, pictureName, type Shown, sectionOf } from './card-texts.ts'
import { parsePicture, sideBySide, smallPng } from './small-png.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VIEWS = [
  { width: 620, colorScheme: 'light' },
  { width: 390, colorScheme: 'light' },
  { width: 620, colorScheme: 'dark' },
] as const
const GAP_PX = 8
const TALLEST_PX = 1_400

function htmlOf(shown: Shown): string {
  if (isMessages(shown)) return renderChannel(shown, 'U0ONCALL1').html
  return isForm(shown) ? `<article class="card">${renderModal(shown).html}</article>` : homePage(shown).html
}

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
  const sections: string[] = []
  for await (const { name, shown } of cardsOf(world)) {
    writeFileSync(join(folder, pictureName(name)), await pictureOf(page, htmlOf(shown)))
    sections.push(sectionOf(name, shown))
  }
  writeFileSync(join(folder, 'README.md'), pageOf(sections))
} finally {
  await browser.close()
  await world.close()
  rmSync(state, { recursive: true, force: true })
}
