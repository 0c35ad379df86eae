import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startBot } from '../e2e/running-bot.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-start-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('the bot starts where a person has just cloned or installed it, with the state beside them, and again', async () => {
  for (const _ of ['first', 'again']) {
    const bot = await startBot(['--port', '0'], folder)
    try {
      expect((await fetch(bot.url)).status).toBe(200)
    } finally {
      await bot.stop()
    }
  }
  expect(readdirSync(folder)).toEqual(['.rolemedic'])
  expect(readdirSync(join(folder, '.rolemedic'))).toContain('git')
  expect(readdirSync(join(folder, '.rolemedic/git/acme+orders/repository.git'))).not.toContain('.rolemedic')
})
