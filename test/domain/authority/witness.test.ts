import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import { ABSENT_KEY, present } from '../../../core/iam/conditions/context.ts'
import {
  HISTORY_DELAY_MS,
  isSameDenial,
  needsWitness,
  unseenWitness,
} from '../../../functions/domain/authority/witness.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const MINUTE_MS = 60_000
const AT_MS = DENIAL.timeMs ?? 0
const changed = (more: Partial<Denial>): Denial => ({ ...DENIAL, ...more })
const by = (principal: Partial<Denial['principal']>): Partial<Denial> => ({
  principal: { ...DENIAL.principal, ...principal },
})
const from = (source: string) => ({ context: { 'aws:sourceidentity': present(source) } })

describe('a denial that CloudTrail reported', () => {
  it('is the one that its history shows', () => {
    expect(isSameDenial(DENIAL, changed({}))).toBe(true)
    expect(isSameDenial(changed(from('jane')), changed(from('jane')))).toBe(true)
    // Absent and unknown: neither says who it was.
    expect(isSameDenial(DENIAL, changed({ context: { 'aws:sourceidentity': ABSENT_KEY } }))).toBe(true)
  })

  it.each<[string, Partial<Denial>]>([
    ['id', { id: 'another' }],
    ['role', { resource: 'arn:aws:iam::111122223333:role/other' }],
    ['action', { action: 'sts:AssumeRole' }],
    ['account', { accountId: '444455556666' }],
    ['time', { timeMs: AT_MS + 1 }],
    ['lack of a time', { timeMs: null }],
    ['kind of caller', by({ kind: 'sso-role' })],
    ['session ARN', by({ arn: 'arn:aws:sts::111122223333:assumed-role/deployer/other' })],
    ['session name', by({ sessionName: 'other' })],
    ['source identity', from('jane')],
  ])('is not one with another %s', (_, more) => {
    expect(isSameDenial(DENIAL, changed(more))).toBe(false)
    expect(isSameDenial(changed(more), DENIAL)).toBe(false)
  })

  it('is not one that says another person', () => {
    expect(isSameDenial(changed(from('jane')), changed(from('ann')))).toBe(false)
  })
})

describe('a denial that a text reported', () => {
  const reported = (more: Partial<Denial> = {}): Denial => changed({ source: 'message', id: 'msg-1', ...more })

  it('is one of the same request, within ten minutes', () => {
    expect(isSameDenial(reported(), DENIAL)).toBe(true)
    for (const timeMs of [AT_MS - 10 * MINUTE_MS, AT_MS + 10 * MINUTE_MS])
      expect(isSameDenial(reported(), changed({ timeMs }))).toBe(true)
    for (const timeMs of [AT_MS - 10 * MINUTE_MS - 1, AT_MS + 10 * MINUTE_MS + 1, null])
      expect(isSameDenial(reported(), changed({ timeMs }))).toBe(false)
    expect(isSameDenial(reported({ timeMs: null }), DENIAL)).toBe(false)
  })

  it('is not one of another request', () => {
    expect(isSameDenial(reported(), changed({ resource: 'arn:aws:iam::111122223333:role/other' }))).toBe(false)
  })

  it('is of the session that the text names, if it names one', () => {
    expect(isSameDenial(reported(by({ sessionName: null })), DENIAL)).toBe(true)
    expect(isSameDenial(reported(by({ sessionName: 'other' })), DENIAL)).toBe(false)
  })
})

describe('the history of CloudTrail', () => {
  it('is asked about what a text reports, and about every risk but a low one', () => {
    expect(needsWitness(changed({ source: 'message' }), ['low'])).toBe(true)
    expect(needsWitness(DENIAL, ['low', 'elevated'])).toBe(true)
    expect(needsWitness(DENIAL, ['high'])).toBe(true)
    expect(needsWitness(DENIAL, ['low', 'low'])).toBe(false)
    expect(needsWitness(DENIAL, [])).toBe(false)
  })

  it('may still get a record for fifteen minutes, and refutes the denial after that', () => {
    expect(HISTORY_DELAY_MS).toBe(15 * MINUTE_MS)
    const refuted = { kind: 'refuted', why: 'CloudTrail has no record of this denial' }
    expect(unseenWitness(DENIAL, AT_MS + 15 * MINUTE_MS - 1)).toEqual({ kind: 'waiting' })
    expect(unseenWitness(DENIAL, AT_MS + 15 * MINUTE_MS)).toEqual(refuted)
    expect(unseenWitness({ timeMs: null }, AT_MS)).toEqual(refuted)
  })
})
