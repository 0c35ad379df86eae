import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { skippingClock } from '../../simulator/clock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-clock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the clock of the local bot', () => {
  it('keeps what was skipped over a restart, so that no log goes back in time', () => {
    const path = join(folder, 'state', 'clock.json')
    const clock = skippingClock(path)
    clock.skip(3_600_000)
    clock.skip(1_000)
    for (const each of [clock, skippingClock(path)]) expect(Math.round((each.now() - Date.now()) / 1_000)).toBe(3_601)
  })

  it('refuses a file that says something else', () => {
    const path = join(folder, 'clock.json')
    for (const text of ['', '{"skippedMs":-1}', '[]']) {
      writeFileSync(path, text)
      expect(() => skippingClock(path)).toThrow(/delete the state folder/)
    }
  })
})
