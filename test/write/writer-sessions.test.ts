import { describe, expect, it } from 'vitest'
import { sessionFor } from '../../functions/write/write.ts'
import { sessionParams, sessionPolicyOf } from '../../functions/write/writer-sessions.ts'
import { ANA, decided } from './grant-asks.ts'

describe('the policy of a session', () => {
  it('is short enough for the most calls on the longest name and path', () => {
    // A path has 512 characters and a name 128 at most.
    const arn = `arn:aws-us-gov:iam::111122223333:policy/${'p'.repeat(510)}/${'n'.repeat(128)}`
    const calls = ['iam:CreatePolicyVersion', 'iam:DeletePolicyVersion', 'iam:ListPolicyVersions']
    expect(JSON.parse(sessionPolicyOf([{ calls, resources: [arn] }]))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: calls, Resource: [arn] }],
    })
  })

  it.each([
    ['for no rule', []],
    ['for no call', [{ calls: [], resources: ['*'] }]],
    ['too long for STS', [{ calls: ['iam:GetRole'], resources: ['x'.repeat(2_048)] }]],
  ])('%s is never sent', (_, rules) => {
    expect(() => sessionPolicyOf(rules)).toThrow('for no call, or for too many')
  })
})

describe('the request for a session', () => {
  const grant = { proposalId: 'p-0123456789abcdef0123', patchDigest: `sha256:${'0'.repeat(64)}` }
  const by = (userId: string, email: string | null = null) => decided({ by: { ...ANA, userId, email } })
  const asked = (email: string | null, approvals = ['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL1']) =>
    sessionParams(
      '444455556666',
      [{ calls: ['iam:GetRole'], resources: ['*'] }],
      sessionFor({ ...grant, decisions: approvals.map(userId => by(userId)) }, by('U0ONCALL2', email)),
      { partition: 'aws', roleName: 'rolemedic-writer', externalId: 'external' },
    )

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
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['iam:GetRole'], Resource: ['*'] }],
      }),
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
    const many = Array.from({ length: 60 }, (_, n) => `U0ONCALL${n}`)
    expect(asked(null, many).Tags.at(-1)?.Value.length).toBeLessThanOrEqual(256)
  })
})
