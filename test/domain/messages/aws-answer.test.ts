import { describe, expect, it } from 'vitest'
import type { Target } from '../../../core/patch/target.ts'
import { wordedAnswer } from '../../../functions/domain/messages/aws-answer.ts'
import { policiesIn } from '../../../functions/write/iam.ts'

const POLICY: Target = {
  kind: 'user-inline-policy',
  accountId: '111122223333',
  name: 'jane',
  policyName: 'rolemedic',
  arn: 'arn:aws:iam::111122223333:user/jane',
}
const SET: Target = {
  ...POLICY,
  kind: 'permission-set-inline-policy',
  name: 'Developer',
  policyName: null,
  arn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developer_0123456789abcdef',
}
const TARGETS = [POLICY, { ...POLICY, kind: 'role-trust-policy', policyName: null } as const, SET]
const answer = (text: string, { kind, arn } = POLICY) => wordedAnswer(`${kind} of ${arn}: ${text}`, TARGETS)

describe('what AWS answered', () => {
  it.each([
    [
      'MalformedPolicyDocumentException: Syntax errors in policy.',
      'IAM does not accept the new document of inline policy rolemedic of user jane: Syntax errors in policy.',
    ],
    [
      'MalformedPolicyDocumentException: Invalid principal in policy: "AWS":"AROAEXAMPLEEXAMPLE123"',
      'IAM takes no change of inline policy rolemedic of user jane while a statement of somebody else lets in a role or user that was deleted: remove the id from it first: Invalid principal in policy: "AWS":"AROAEXAMPLEEXAMPLE123"',
    ],
    [
      'MalformedPolicyDocumentException: Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/gone"',
      'IAM does not accept the new document of inline policy rolemedic of user jane: Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/gone"',
    ],
    [
      'LimitExceededException: Maximum policy size of 2048 bytes exceeded',
      'inline policy rolemedic of user jane has reached a quota of IAM: Maximum policy size of 2048 bytes exceeded',
    ],
    [
      'NoSuchEntityException: The user cannot be found.',
      'inline policy rolemedic of user jane does not exist any more: The user cannot be found.',
    ],
    [
      'UnmodifiableEntityException: cannot be modified',
      'inline policy rolemedic of user jane belongs to an AWS service, and only that service may change it: cannot be modified',
    ],
    [
      'ThrottlingException: Rate exceeded; version v7 of arn:aws:iam::1:policy/p was removed',
      'AWS is throttling changes to inline policy rolemedic of user jane: Rate exceeded; version v7 of arn:aws:iam::1:policy/p was removed',
    ],
    [
      'ConcurrentModificationException: again',
      'inline policy rolemedic of user jane is being changed by another request: again',
    ],
    [
      'ExpiredTokenException: The security token is expired',
      'the bot has no valid credentials for account 111122223333: The security token is expired',
    ],
    [
      'AccessDenied: no',
      "the bot's writer role may not read or change inline policy rolemedic of user jane. AWS says: no",
    ],
    [
      'AccessDenied: User: w is not authorized to perform: iam:PutUserPolicy on resource: user jane',
      "the bot's writer role may not read or change inline policy rolemedic of user jane: it lacks iam:PutUserPolicy. AWS says: User: w is not authorized to perform: iam:PutUserPolicy on resource: user jane",
    ],
  ])('is worded for people: %s', (text, words) => {
    expect(answer(text)).toBe(words)
  })

  it.each([
    ['role-inline-policy', 'inline policy rolemedic of role deployer'],
    ['managed-policy', 'managed policy deployer'],
  ] as const)('names what a %s is of', (kind, words) => {
    const target = { ...POLICY, kind, name: 'deployer' }
    const text = wordedAnswer(`${kind} of ${target.arn}: LimitExceeded: 10240 bytes`, [target])
    expect(text).toBe(`${words} has reached a quota of IAM: 10240 bytes`)
  })

  it('names what to do where the session of the writer role was refused', () => {
    const printed =
      'User: bot is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/w'
    for (const target of TARGETS)
      expect(answer(`AccessDenied: ${printed}`, target)).toContain(
        'WriterRole=yes, or set "accounts": { "111122223333": { "mode": "recommend" } } in rolemedic.config.json',
      )
  })

  it('says that permission sets are not set up, and where they are', async () => {
    const clientFor = () => {
      throw new Error('no client is needed')
    }
    const read = await policiesIn({ clientFor, sets: null }).read(SET)
    const text = wordedAnswer(read.kind === 'unreadable' ? read.why : '', TARGETS)
    expect(text).toContain('rolemedic cannot change the inline policy of permission set Developer')
    expect(text).toContain('organization.identityCenter of rolemedic.deploy.json')
    expect(text).not.toContain('RolemedicError')
  })

  it('names the account that administers Identity Center where its writer role is missing', () => {
    const refused =
      'AccessDenied: User: arn:aws:sts::222233334444:assumed-role/rolemedic-write/f is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/rolemedic-writer'
    const text = answer(refused, SET)
    expect(text).toContain('rolemedic cannot write in account 333344445555')
    expect(text).toContain('rolemedic-roles of that account with WriterRole=yes')
    expect(text).not.toContain('111122223333')
  })

  it('names a permission set, and what its role lacks', () => {
    expect(answer('ProvisioningFailed: protected by an SCP', SET)).toBe(
      'Identity Center could not roll out the inline policy of permission set Developer: protected by an SCP',
    )
    expect(answer('AccessDenied: not authorized', SET)).toContain('permission set Developer. AWS says')
    const printed = 'User: w is not authorized to perform: sso:ProvisionPermissionSet on resource: x'
    expect(answer(`AccessDenied: ${printed}`, SET)).toContain('it lacks sso:ProvisionPermissionSet')
  })

  it.each([
    'It was rejected.',
    // Worded by `write` of an earlier version.
    "the bot's writer role may not read inline policy rolemedic of role deployer: it lacks iam:GetRolePolicy",
    'user-inline-policy of arn:aws:iam::111122223333:user/other: AccessDenied: no',
    'user-inline-policy of arn:aws:iam::111122223333:user/jane: SomethingNew: no',
    '',
  ])('stays as it is where it is no answer about one of the targets: %s', text => {
    expect(wordedAnswer(text, TARGETS)).toBe(text)
  })
})
