import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import { fingerprintOf, requestKeyOf } from '../../../core/denial/fingerprint.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { denied, type Json, record } from '../../fixtures/events.ts'
import { sent } from '../../fixtures/passed-service.ts'

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

describe('the caller in a fingerprint', () => {
  const keyOf = (principal: Partial<Denial['principal']>, more: Partial<Denial> = {}) =>
    requestKeyOf({ ...DENIAL, principal: { ...DENIAL.principal, ...principal }, ...more })
  const OTHER = { arn: 'arn:x', roleArn: 'arn:y', uniqueId: 'z', sessionName: 'other' }

  it('is a role by name and account, whatever its path, session and kind', () => {
    for (const kind of ['role', 'sso-role', 'service-linked-role'] as const)
      expect(keyOf({ ...OTHER, kind })).toBe(keyOf({}))
    expect(keyOf({ ...OTHER, kind: 'user' })).toBe(keyOf({ kind: 'user' }))
    expect(keyOf({ kind: 'user' })).not.toBe(keyOf({}))
    expect(keyOf({ name: 'other' })).not.toBe(keyOf({}))
    expect(keyOf({ accountId: '444455556666' })).not.toBe(keyOf({}))
  })

  it('is what the denial names where it lacks name or account, or is of another kind', () => {
    for (const lack of [{ name: null }, { accountId: null }, { kind: 'federated-user' }] as const) {
      expect(keyOf({ ...lack, roleArn: 'arn:y' })).not.toBe(keyOf({ ...lack, roleArn: 'arn:z' }))
      const noRole = { ...lack, roleArn: null }
      expect(keyOf({ ...noRole, arn: 'arn:y' })).not.toBe(keyOf({ ...noRole, arn: 'arn:z' }))
      const noArn = { ...noRole, arn: null }
      expect(keyOf({ ...noArn, uniqueId: 'y' })).not.toBe(keyOf({ ...noArn, uniqueId: 'z' }))
    }
    expect(keyOf({ kind: 'unknown', roleArn: 'arn:y', arn: 'arn:a' })).toBe(
      keyOf({ kind: 'unknown', roleArn: 'arn:y', arn: 'arn:b' }),
    )
  })

  it('is a role whose account is hidden, in every session, and no session of a role whose name is hidden', () => {
    const session = (role: string, sessionName: string) =>
      keyOf({
        roleArn: null,
        accountId: null,
        name: role,
        sessionName,
        arn: `arn:aws:sts::***:assumed-role/${role}/${sessionName}`,
      })
    expect(session('orders', '1669737599')).toBe(session('orders', '1669737600'))
    expect(session('orders', '1669737599')).not.toBe(session('mailer', '1669737599'))
    for (const hidden of ['***', 'xxxx', 'XXXXXXXX'])
      expect(session(hidden, '1669737599')).not.toBe(session(hidden, '1669737600'))
  })

  it('is in the account of the record, else in its own', () => {
    expect(keyOf({}, { accountId: '444455556666' })).not.toBe(keyOf({}))
    expect(keyOf({}, { accountId: null })).toBe(keyOf({}))
  })
})

describe('the receiving service', () => {
  const passing = (service: string): Denial => ({
    ...DENIAL,
    passes: [{ arn: DENIAL.resource ?? '', parameter: null, service: sent(service) }],
  })

  it('is in the fingerprint, and not in the key of the request', () => {
    const [ecs, ec2] = [passing('ecs-tasks.amazonaws.com'), passing('ec2.amazonaws.com')]
    expect(fingerprintOf(ecs)).not.toBe(fingerprintOf(ec2))
    expect(fingerprintOf(ecs)).not.toBe(fingerprintOf(DENIAL))
    expect(requestKeyOf(ecs)).toBe(requestKeyOf(ec2))
  })
})
