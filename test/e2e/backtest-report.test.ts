import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatedHistory } from '../../bench/backtest/generated-history.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { openBrowser } from './browser.ts'

let browser: Browser
let folder = ''
let file = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backtest-report-'))
  file = join(folder, 'report.html')
  const history = generatedHistory({ records: 4_000, seed: 3 })
  writeFileSync(join(folder, 'week.json'), [...history.records()].join('\n'))
  writeFileSync(join(folder, 'account.json'), history.account)
  const args = ['backtest', join(folder, 'week.json'), '--account', join(folder, 'account.json'), '--out', file]
  expect(await dispatch(args, memoryIo())).toBe(0)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function opened(width: number, colorScheme: 'light' | 'dark' = 'light') {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  const requests: string[] = []
  const problems: string[] = []
  page.on('request', request => requests.push(request.url()))
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => problems.push(message.text()))
  await page.goto(pathToFileURL(file).href)
  return { page, requests, problems }
}

describe('the report of a back-test in a browser', () => {
  it('loads nothing but itself and has no errors', async () => {
    const { requests, problems } = await opened(1180)
    expect(requests).toHaveLength(1)
    expect(problems).toEqual([])
    expect(readFileSync(file, 'utf8')).not.toContain('undefined')
  })

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await opened(390)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })

  it('takes other minutes, and shows the sum', async () => {
    const { page } = await opened(1180)
    // 236 different denials of 20 minutes each.
    expect(await page.textContent('#saved')).toBe('78.7')
    await page.fill('#minutes', '30')
    expect(await page.textContent('#saved')).toBe('118')
    await page.fill('#minutes', '-5')
    expect(await page.textContent('#saved')).toBe('0')
  })

  it('has light text on a dark page where the reader wants that, and none of it on paper', async () => {
    const { page } = await opened(1180, 'dark')
    const colours = () =>
      page.evaluate(
        '[getComputedStyle(document.documentElement).color, getComputedStyle(document.documentElement).backgroundColor]',
      )
    expect(await colours()).toEqual(['rgb(230, 230, 230)', 'rgb(22, 24, 28)'])
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await colours()).toEqual(['rgb(27, 31, 36)', 'rgb(255, 255, 255)'])
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' })
    if (process.env['SCREENSHOT'] !== undefined)
      await page.screenshot({ path: process.env['SCREENSHOT'], fullPage: true })
  })
})
