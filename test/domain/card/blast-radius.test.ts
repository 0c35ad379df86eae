import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../../core/patch/patch.ts'
import { blastRadius } from '../../../functions/domain/card/blast-radius.ts'

const ROLE = 'arn:aws:iam::111122223333:role'
const pass = (roles: string | string[], services: string | string[]): Statement => ({
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: roles,
  Condition: { StringEquals: { 'iam:PassedToService': services } },
})

function change(
  before: readonly Statement[] | null,
  after: readonly Statement[],
  kind: PolicyChange['target']['kind'] = 'role-inline-policy',
): PolicyChange {
  return {
    target: { kind, accountId: '111122223333', name: 'app', policyName: null, arn: `${ROLE}/app` },
    before: before === null ? null : { Statement: before },
    after: { Statement: after },
    digest: 'sha256:0',
    required: true,
  }
}
const blastRadiusText = (...changes: PolicyChange[]): string | null => {
  const words = blastRadius(changes)
  return words === null ? null : asPlainText(words)
}

describe('what a change blastRadius', () => {
  it('names the roles and the service of a new statement', () => {
    expect(blastRadiusText(change(null, [pass([`${ROLE}/task`, `${ROLE}/ci/exec`], 'ecs-tasks.amazonaws.com')]))).toBe(
      '2 roles (task, /ci/exec), 1 service (ecs-tasks.amazonaws.com), 1 action (iam:PassRole)',
    )
  })

  it('names only the value that was added to a statement', () => {
    const before = pass(`${ROLE}/task`, ['ec2.amazonaws.com'])
    const after = pass(`${ROLE}/task`, ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'])
    expect(blastRadiusText(change([before], [after]))).toBe('1 service (ecs-tasks.amazonaws.com)')
  })

  it('does not take an untouched neighbour for the earlier form of a new statement', () => {
    const old = pass(`${ROLE}/task`, 'ec2.amazonaws.com')
    const fresh = pass(`${ROLE}/task`, 'ecs-tasks.amazonaws.com')
    expect(blastRadiusText(change([old], [fresh, old]))).toBe(
      '1 role (task), 1 service (ecs-tasks.amazonaws.com), 1 action (iam:PassRole)',
    )
  })

  it('names the principal that a trust policy lets in, and the role it is let into', () => {
    const trust: Statement = { Effect: 'Allow', Principal: { AWS: `${ROLE}/ci` }, Action: 'sts:AssumeRole' }
    expect(blastRadiusText(change([], [trust], 'role-trust-policy'))).toBe(
      '1 role (app), 1 principal (ci), 1 action (sts:AssumeRole)',
    )
  })

  it('names three, and counts the rest', () => {
    const roles = ['a', 'b', 'c'].map(name => `${ROLE}/${name}`)
    expect(blastRadiusText(change(null, [pass(roles, [])]))).toBe('3 roles (a, b, c), 1 action (iam:PassRole)')
    expect(blastRadiusText(change(null, [pass([...roles, `${ROLE}/d`], [])]))).toBe(
      '4 roles (a, b, c and 1 more), 1 action (iam:PassRole)',
    )
  })

  it('names whom a condition of a trust policy lets in, not the whole account', () => {
    const trust: Statement = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'sts:AssumeRole',
      Condition: { ArnEquals: { 'aws:PrincipalArn': `${ROLE}/ci` } },
    }
    expect(blastRadiusText(change([], [trust], 'role-trust-policy'))).toBe(
      '1 role (app), 1 principal (ci), 1 action (sts:AssumeRole)',
    )
  })

  it('counts what it does not name', () => {
    const roles = ['a', 'b', 'c', 'd', 'e'].map(name => `${ROLE}/${name}`)
    expect(blastRadiusText(change(null, [pass(roles, [])]))).toBe(
      '5 roles (a, b, c and 2 more), 1 action (iam:PassRole)',
    )
  })

  it('says nothing of what is only needed next, or of no change', () => {
    expect(blastRadiusText({ ...change(null, [pass(`${ROLE}/task`, [])]), required: false })).toBeNull()
    expect(blastRadiusText(change([pass('x', 'y')], [pass('x', 'y')]))).toBeNull()
  })
})
