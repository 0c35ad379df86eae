import { describe, expect, it } from 'vitest'
import { changesToday, countChange } from '../../../functions/workflows/approval/changes-today.ts'
import { memoryStore } from '../../fakes/memory-store.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const MIDNIGHT = Date.UTC(2026, 10, 24)
const DAY = 86_400_000

describe('the changes of a principal', () => {
  const at = { nowMs: MIDNIGHT }
  const started = () => memoryStore({ clock: () => at.nowMs })

  it('count from midnight to midnight UTC', async () => {
    const store = started()
    at.nowMs = MIDNIGHT
    expect(await countChange(DENIAL, MIDNIGHT, store)).toBe(1)
    at.nowMs = MIDNIGHT + DAY - 1
    expect(await changesToday(DENIAL, at.nowMs, store)).toBe(1)
    expect(await countChange(DENIAL, at.nowMs, store)).toBe(2)
    at.nowMs = MIDNIGHT + DAY
    expect(await changesToday(DENIAL, at.nowMs, store)).toBe(0)
  })

  it('are gone from the table a day after that', async () => {
    const store = started()
    at.nowMs = MIDNIGHT
    await countChange(DENIAL, MIDNIGHT, store)
    at.nowMs = MIDNIGHT + 2 * DAY - 1
    expect(await changesToday(DENIAL, MIDNIGHT, store)).toBe(1)
    at.nowMs = MIDNIGHT + 2 * DAY
    expect(await changesToday(DENIAL, MIDNIGHT, store)).toBe(0)
  })

  it('are those of its role in every session, and of nobody else', async () => {
    const store = started()
    at.nowMs = MIDNIGHT
    await countChange(DENIAL, MIDNIGHT, store)
    const { principal } = DENIAL
    const other = { ...principal, arn: `${principal.arn}-2`, sessionName: 'ci-4712' }
    expect(await changesToday({ ...DENIAL, principal: other }, MIDNIGHT, store)).toBe(1)
    const roleArn = 'arn:aws:iam::111122223333:role/backup'
    expect(await changesToday({ ...DENIAL, principal: { ...principal, roleArn } }, MIDNIGHT, store)).toBe(0)
    const web = { ...principal, arn: null, roleArn: null }
    expect(await changesToday({ ...DENIAL, principal: web }, MIDNIGHT, store)).toBe(0)
  })
})
