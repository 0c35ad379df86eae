import { describe, expect, it } from 'vitest'
import { isTooOld, settleGraceMs } from '../../../core/denial/denial-timing.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const DAY_MS = 24 * 60 * 60_000
const AT_MS = DENIAL.timeMs ?? 0

describe('a denial', () => {
  it('is too old after 24 hours', () => {
    expect(isTooOld(DENIAL, AT_MS + DAY_MS)).toBe(false)
    expect(isTooOld(DENIAL, AT_MS + DAY_MS + 1)).toBe(true)
  })

  it('without a time is one that a person just passed in', () => {
    expect(isTooOld({ ...DENIAL, timeMs: null }, AT_MS + DAY_MS + 1)).toBe(false)
  })

  it('counts as lost four minutes after its settle time', () => {
    expect(settleGraceMs({ settleSeconds: 60 })).toBe(300_000)
  })
})
