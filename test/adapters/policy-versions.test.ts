import { GetPolicyVersionCommand, IAMClient, ListPolicyVersionsCommand } from '@aws-sdk/client-iam'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { policyVersions } from '../../functions/adapters/aws/iam/policy-versions.ts'
import { meter } from '../../functions/adapters/aws/iam/read-calls.ts'

const one = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })
const [A, B] = ['a', 'b'].map(name => `arn:aws:iam::111122223333:policy/${name}`) as [string, string]
const DAY = new Date('2026-11-20T00:00:00Z')

const iam = mockClient(IAMClient)
const client = new IAMClient({ region: 'us-east-1' })
const versions = () => policyVersions({ access: () => ({ iam: client }), ask: meter().ask })

beforeEach(() => {
  iam.reset()
  iam.on(ListPolicyVersionsCommand).resolves({
    Versions: [
      { VersionId: 'v2', IsDefaultVersion: true, CreateDate: DAY },
      { VersionId: 'v1', CreateDate: DAY },
    ],
  })
  for (const [VersionId, action] of [
    ['v1', 'iam:PassRole'],
    ['v2', 's3:GetObject'],
  ] as const)
    iam
      .on(GetPolicyVersionCommand, { PolicyArn: A, VersionId })
      .resolves({ PolicyVersion: { Document: encodeURIComponent(JSON.stringify(one(action))) } })
})

const named = (name: string) => Object.assign(new Error('no'), { name })

describe('the versions of a managed policy', () => {
  it('are read from IAM, and each document once', async () => {
    const reader = versions()
    await reader.versionsOf([A])
    const { archive, unread } = await reader.versionsOf([A])
    expect(unread).toBeNull()
    expect(archive.policy(A)?.defaultVersionId).toBe('v2')
    expect([...(archive.policy(A)?.versions ?? [])].map(([id, { Statement }]) => [id, Statement])).toEqual([
      ['v2', one('s3:GetObject').Statement],
      ['v1', one('iam:PassRole').Statement],
    ])
    expect(iam.commandCalls(GetPolicyVersionCommand)).toHaveLength(2)
    expect(iam.commandCalls(ListPolicyVersionsCommand)).toHaveLength(2)
  })

  it('have a digest of which exist and which is in force, for one request', async () => {
    const reader = versions()
    const first = (await reader.digestsOf([A])).get(A)
    expect(iam.commandCalls(GetPolicyVersionCommand)).toHaveLength(0)
    expect((await reader.versionsOf([A])).digestByArn.get(A)).toBe(first)
    for (const Versions of [
      [{ VersionId: 'v2', IsDefaultVersion: true, CreateDate: DAY }],
      [
        { VersionId: 'v2', CreateDate: DAY },
        { VersionId: 'v1', IsDefaultVersion: true, CreateDate: DAY },
      ],
    ]) {
      iam.on(ListPolicyVersionsCommand).resolves({ Versions })
      expect((await reader.digestsOf([A])).get(A)).not.toBe(first)
    }
    iam.on(ListPolicyVersionsCommand).rejects(named('AccessDenied'))
    expect(await reader.digestsOf([A])).toEqual(new Map())
  })

  it('are none where one of them cannot be read: it may be the one that counts', async () => {
    iam.on(GetPolicyVersionCommand, { PolicyArn: A, VersionId: 'v1' }).rejects(named('AccessDenied'))
    const { archive, unread } = await versions().versionsOf([A])
    expect(archive.policy(A)).toBeNull()
    expect(unread).toBe(`the versions of ${A} could not be read: v1: iam:GetPolicyVersion was refused: no`)
    iam.on(GetPolicyVersionCommand, { PolicyArn: A, VersionId: 'v1' }).resolves({ PolicyVersion: { Document: '{' } })
    expect((await versions().versionsOf([A])).archive.policy(A)).toBeNull()
    iam.on(ListPolicyVersionsCommand).resolves({ Versions: [], IsTruncated: true })
    expect((await versions().versionsOf([A])).archive.policy(A)).toBeNull()
  })

  it('are none of a policy that is gone, beside those of another one; a fault is thrown', async () => {
    iam.on(ListPolicyVersionsCommand, { PolicyArn: B }).rejects(named('NoSuchEntityException'))
    const { archive, unread } = await versions().versionsOf([B, A])
    expect([archive.policy(B), archive.policy(A)?.defaultVersionId, unread]).toEqual([null, 'v2', null])
    iam.on(ListPolicyVersionsCommand, { PolicyArn: B }).rejects(named('ServiceFailure'))
    await expect(versions().versionsOf([B])).rejects.toThrow('iam:ListPolicyVersions failed')
  })
})
