import { describe, expect, it } from 'vitest'
import type { TargetKind } from '../../core/patch/patch.ts'
import {
  callsOf,
  MAX_SESSION_POLICY,
  type Purpose,
  sessionPolicy,
} from '../../functions/adapters/aws/iam-writer/session-policy.ts'
import { sessionRequest } from '../../functions/adapters/aws/iam-writer/writer-role.ts'
import { writerSession } from '../../functions/domain/proposal/writer-session.ts'

type Kind = Exclude<TargetKind, 'permission-set-inline-policy'>
const CALLS: readonly (readonly [Kind, Purpose, string])[] = [
  ['role-inline-policy', 'read', 'iam:GetRolePolicy'],
  ['role-inline-policy', 'put', 'iam:PutRolePolicy'],
  ['role-inline-policy', 'delete', 'iam:DeleteRolePolicy'],
  ['user-inline-policy', 'read', 'iam:GetUserPolicy'],
  ['user-inline-policy', 'put', 'iam:PutUserPolicy'],
  ['user-inline-policy', 'delete', 'iam:DeleteUserPolicy'],
  ['role-trust-policy', 'read', 'iam:GetRole'],
  ['role-trust-policy', 'put', 'iam:UpdateAssumeRolePolicy'],
  ['managed-policy', 'read', 'iam:GetPolicy iam:GetPolicyVersion'],
  ['managed-policy', 'put', 'iam:CreatePolicyVersion iam:DeletePolicyVersion iam:ListPolicyVersions'],
]

describe('the policy of a session', () => {
  it.each(CALLS)('of a %s, to %s it, has one API and nothing else', (kind, purpose, calls) => {
    expect(callsOf(kind, purpose).join(' ')).toBe(calls)
  })

  it.each(CALLS)('of a %s, to %s it, is short enough for the longest name and path', (kind, purpose) => {
    // A path has 512 characters and a name 128 at most.
    const arn = `arn:aws-us-gov:iam::111122223333:policy/${'p'.repeat(510)}/${'n'.repeat(128)}`
    const text = sessionPolicy([{ calls: callsOf(kind, purpose), resources: [arn] }])
    expect(text.length).toBeLessThan(MAX_SESSION_POLICY)
    expect(JSON.parse(text)).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: callsOf(kind, purpose), Resource: [arn] }],
    })
  })

  it.each(['managed-policy', 'role-trust-policy'] as const)('to delete a %s is never made', kind => {
    expect(() => sessionPolicy([{ calls: callsOf(kind, 'delete'), resources: ['*'] }])).toThrow('for no call')
    expect(() => sessionPolicy([])).toThrow('for no call')
  })

  it('that is too long for STS is never sent', () => {
    expect(() => sessionPolicy([{ calls: ['iam:GetRole'], resources: ['x'.repeat(2_048)] }])).toThrow('characters')
  })
})

describe('the request for a session', () => {
  const by = (id: string) => ({ by: { id, name: id }, atMs: 0, limitHours: null, reason: null, signed: null })
  const grant = {
    proposalId: 'p-0123456789abcdef0123',
    patch: { digest: `sha256:${'0'.repeat(64)}`, changes: [] },
    approvals: [by('U0ONCALL1'), by('U0ONCALL2'), by('U0ONCALL1')],
  }
  const asked = (email: string | null, approvals = grant.approvals) =>
    sessionRequest('444455556666', '{}', writerSession({ ...grant, approvals }, { userId: 'U0ONCALL2', email }), {
      roleName: 'rolemedic-writer',
      externalId: 'external',
      region: 'eu-west-1',
    })

  it('names the approver, the proposal, the digest and all approvers, for fifteen minutes', () => {
    expect(asked('oncall+2@example.com')).toEqual({
      RoleArn: 'arn:aws:iam::444455556666:role/rolemedic-writer',
      RoleSessionName: 'rolemedic-writer',
      ExternalId: 'external',
      DurationSeconds: 900,
      SourceIdentity: 'oncall+2@example.com',
      Tags: [
        { Key: 'rolemedic:proposal', Value: 'p-0123456789abcdef0123' },
        { Key: 'rolemedic:digest', Value: `sha256:${'0'.repeat(64)}` },
        { Key: 'rolemedic:approvers', Value: 'U0ONCALL1 U0ONCALL2' },
      ],
      Policy: '{}',
    })
  })

  it.each([
    ['no address', null],
    ['an address with a character that AWS does not take', "o'neil@example.com"],
    ['an address with white space', 'on call@example.com'],
    ['an address that is too long', `${'a'.repeat(60)}@example.com`],
    ['an empty address', ''],
  ])('names the Slack user for %s', (_, email) => {
    expect(asked(email).SourceIdentity).toBe('U0ONCALL2')
  })

  it('keeps the tag of many approvers within what AWS takes', () => {
    const many = Array.from({ length: 60 }, (_, n) => by(`U0ONCALL${n}`))
    expect(asked(null, many).Tags.at(-1)?.Value.length).toBeLessThanOrEqual(256)
  })
})
