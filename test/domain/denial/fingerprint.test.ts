import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../functions/domain/denial/fingerprint.ts'
import { denied, type Json, record } from '../../fixtures/events.ts'

describe('the fingerprint', () => {
  it('is the same for every session and repeat of one denial', () => {
    const event = record('ecs-register-task-definition')
    const text = JSON.stringify(event).replaceAll(
      'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      'another-session',
    )
    const repeated = { ...(JSON.parse(text) as Json), eventID: 'another', eventTime: '2026-11-24T03:00:00Z' }
    expect(fingerprintOf(denied(repeated))).toBe(fingerprintOf(denied(event)))
    expect(fingerprintOf(denied(event))).toMatch(/^[0-9a-f]{16}$/)
  })

  it('differs by principal, action, role, receiving service and account', () => {
    const names = [
      'ecs-register-task-definition',
      'lambda-create-function',
      'cloudformation-create-function',
      'assume-role-same-account',
      'assume-role-cross-account',
      'assume-role-tag-session',
      'rds-create-db-instance',
    ]
    const prints = names.map(name => fingerprintOf(denied(record(name))))
    expect(new Set(prints).size).toBe(names.length)
    const elsewhere = { ...record('ecs-register-task-definition'), recipientAccountId: '444455556666' }
    expect(prints).not.toContain(fingerprintOf(denied(elsewhere)))
  })
})
