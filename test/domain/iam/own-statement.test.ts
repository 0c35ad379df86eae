import { describe, expect, it } from 'vitest'
import { hasExpired } from '../../../functions/domain/iam/policy/own-statement.ts'

const until = (key: string) => ({
  Effect: 'Allow' as const,
  Action: 'iam:PassRole',
  Resource: '*',
  Condition: { DateLessThan: { [key]: '2026-11-24T10:00:00Z' } },
})
const NOON = Date.parse('2026-11-24T12:00:00Z')

describe('a statement with an end', () => {
  it('has ended after it, however the condition key is spelled', () => {
    expect(hasExpired(until('aws:CurrentTime'), NOON)).toBe(true)
    expect(hasExpired(until('AWS:currenttime'), NOON)).toBe(true)
    expect(hasExpired(until('aws:CurrentTime'), NOON - 3 * 3_600_000)).toBe(false)
  })

  it('is not one with a time in another key', () => {
    expect(hasExpired(until('aws:TokenIssueTime'), NOON)).toBe(false)
  })
})
