import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { skippingClock } from '../../simulator/clock.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-clock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the clock of the local bot', () => {
  it('keeps what was skipped over a restart, so that no log goes back in time', () => {
    const path = join(folder, 'state', 'clock.json')
    const machine = () => NOON
    const clock = skippingClock(path, machine)
    clock.skip(3_600_000)
    clock.skip(1_000)
    for (const each of [clock, skippingClock(path, machine)]) expect(each.now()).toBe(NOON + 3_601_000)
  })

  it('refuses a file that says something else', () => {
    const path = join(folder, 'clock.json')
    for (const text of ['', '{"skippedMs":-1}', '[]']) {
      writeFileSync(path, text)
      expect(() => skippingClock(path)).toThrow(/delete the state folder/)
    }
  })
})
