import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { type AwsStub, mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target, TargetKind } from '../../core/patch/target.ts'
import { policiesIn, type SessionRule } from '../../functions/write/iam.ts'

const DOCUMENT: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/task' }],
}

const target = (kind: TargetKind, name = 'deployer'): Target => ({
  kind,
  accountId: '111122223333',
  name,
  policyName: kind.endsWith('inline-policy') ? 'rolemedic' : null,
  arn: `arn:aws:iam::111122223333:${kind === 'managed-policy' ? 'policy' : 'role'}/${name}`,
})

const awsError = (name: string, message = 'as AWS says it') => Object.assign(new Error(message), { name })
const metadata = { $metadata: { requestId: 'r-1' } }

let iam: AwsStub<object, { $metadata: object }, object>
const accounts: string[] = []
const asked: SessionRule[] = []
const client = new IAMClient({ region: 'eu-west-1' })
const writer = policiesIn({
  clientFor: (accountId, rules) => {
    accounts.push(accountId)
    asked.push(...rules)
    return client
  },
  sets: null,
})

beforeEach(() => {
  iam = mockClient(client) as unknown as typeof iam
})

describe('reading a target', () => {
  it('decodes what IAM encodes', async () => {
    iam
      .on(GetRolePolicyCommand)
      .resolves({ ...metadata, PolicyDocument: encodeURIComponent(JSON.stringify(DOCUMENT)) } as never)
    expect(await writer.read(target('role-inline-policy'))).toEqual({ kind: 'found', value: DOCUMENT })
    expect(accounts.at(-1)).toBe('111122223333')
  })

  it('tells absent from unreadable, and takes no fault for an answer', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException'))
    expect(await writer.read(target('role-inline-policy'))).toEqual({ kind: 'absent' })
    iam
      .on(GetRolePolicyCommand)
      .rejects(awsError('AccessDenied', 'User: x is not authorized to perform: iam:GetRolePolicy on resource: y'))
    expect(await writer.read(target('role-inline-policy'))).toEqual({
      kind: 'unreadable',
      why: 'role-inline-policy of arn:aws:iam::111122223333:role/deployer: AccessDenied: User: x is not authorized to perform: iam:GetRolePolicy on resource: y',
    })
    for (const fault of ['TimeoutError', 'ThrottlingException', 'ServiceFailureException', 'ExpiredTokenException']) {
      iam.on(GetRolePolicyCommand).rejects(awsError(fault, `${fault}, as AWS says it`))
      await expect(writer.read(target('role-inline-policy'))).rejects.toThrow(`${fault}, as AWS says it`)
    }
  })

  it('says that a permission set cannot be read where the bot has no Identity Center', async () => {
    expect(await writer.read(target('permission-set-inline-policy'))).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining('the bot has no access to Identity Center'),
    })
  })

  it('reads the default version of a managed policy, and the trust policy of a role', async () => {
    iam.on(GetPolicyCommand).resolves({ ...metadata, Policy: { DefaultVersionId: 'v3' } } as never)
    iam.on(GetPolicyVersionCommand, { VersionId: 'v3' }).resolves({
      ...metadata,
      PolicyVersion: { Document: encodeURIComponent(JSON.stringify(DOCUMENT)) },
    } as never)
    expect(await writer.read(target('managed-policy'))).toEqual({ kind: 'found', value: DOCUMENT })
    // Another version is its default by now.
    iam.on(GetPolicyVersionCommand).rejects(awsError('NoSuchEntityException', 'Policy version v3 does not exist'))
    await expect(writer.read(target('managed-policy'))).rejects.toThrow('v3 does not exist')
    iam.on(GetPolicyCommand).rejects(awsError('NoSuchEntityException'))
    expect(await writer.read(target('managed-policy'))).toEqual({ kind: 'absent' })
    iam.on(GetRoleCommand).resolves({
      ...metadata,
      Role: { AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(DOCUMENT)) },
    } as never)
    expect(await writer.read(target('role-trust-policy'))).toEqual({ kind: 'found', value: DOCUMENT })
  })

  it('does not take a document that it cannot understand for an absent one', async () => {
    for (const PolicyDocument of ['%7Bnot json', '%zz']) {
      iam.on(GetRolePolicyCommand).resolves({ ...metadata, PolicyDocument } as never)
      expect((await writer.read(target('role-inline-policy'))).kind).toBe('unreadable')
    }
  })
})

describe('the session of a call', () => {
  type Call = readonly [TargetKind, 'read' | 'put' | 'delete', string]
  it.each<Call>([
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
  ])('of a %s, to %s it, has one API on the one entity and nothing else', async (kind, purpose, calls) => {
    const place = target(kind)
    const call = purpose === 'read' ? writer.read(place) : writer.write(place, purpose === 'put' ? DOCUMENT : null)
    await call.catch(() => {})
    expect(asked.at(-1)).toEqual({ calls: calls.split(' '), resources: [place.arn] })
  })

  it('also reads by the name alone, which is all that IAM knows of a role that was deleted, and changes by the ARN', async () => {
    const inPath = { ...target('role-inline-policy'), arn: 'arn:aws:iam::111122223333:role/ci/build/deployer' }
    iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException'))
    await writer.read(inPath)
    expect(asked.at(-1)?.resources).toEqual([inPath.arn, 'arn:aws:iam::111122223333:role/deployer'])
    iam.on(PutRolePolicyCommand).resolves(metadata)
    await writer.write(inPath, DOCUMENT)
    expect(asked.at(-1)?.resources).toEqual([inPath.arn])
    const policyInPath = { ...target('managed-policy'), arn: 'arn:aws:iam::111122223333:policy/ci/release' }
    await writer.read(policyInPath).catch(() => {})
    expect(asked.at(-1)?.resources).toEqual([policyInPath.arn])
  })
})

describe('writing a target', () => {
  it('puts and deletes an inline policy, and gives the request id', async () => {
    iam.on(PutRolePolicyCommand).resolves(metadata)
    iam.on(DeleteRolePolicyCommand).resolves(metadata)
    expect(await writer.write(target('role-inline-policy'), DOCUMENT)).toEqual({
      ok: true,
      value: { requestIds: ['r-1'], notes: [], stillRuns: false },
    })
    await writer.write(target('role-inline-policy'), null)
    expect(iam.commandCalls(PutRolePolicyCommand as never)[0]?.args[0].input).toEqual({
      RoleName: 'deployer',
      PolicyName: 'rolemedic',
      PolicyDocument: JSON.stringify(DOCUMENT),
    })
    expect(iam.commandCalls(DeleteRolePolicyCommand as never)).toHaveLength(1)
  })

  describe('of a managed policy that has five versions', () => {
    const versions = ['v10', 'v9', 'v8', 'v7', 'v2'].map(VersionId => ({
      VersionId,
      IsDefaultVersion: VersionId === 'v2',
    }))
    const FULL = awsError(
      'LimitExceededException',
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    )
    const missing = 'version v7 of arn:aws:iam::111122223333:policy/release was removed, as IAM keeps 5 versions'
    const release = () => writer.write(target('managed-policy', 'release'), DOCUMENT)
    const removed = () => iam.commandCalls(DeletePolicyVersionCommand as never).map(call => call.args[0].input)
    beforeEach(() => {
      iam.on(ListPolicyVersionsCommand).resolves({ ...metadata, Versions: versions } as never)
      iam.on(DeletePolicyVersionCommand).resolves(metadata)
    })

    it('removes the oldest that is not the default, once IAM says that there are five', async () => {
      iam.on(CreatePolicyVersionCommand).rejectsOnce(FULL).resolves(metadata)
      const outcome = await release()
      expect(removed()).toMatchObject([{ VersionId: 'v7' }])
      expect(iam.commandCalls(CreatePolicyVersionCommand as never)[1]?.args[0].input).toMatchObject({
        SetAsDefault: true,
      })
      expect(outcome).toEqual({
        ok: true,
        value: {
          requestIds: ['r-1', 'r-1'],
          notes: [missing],
          stillRuns: false,
        },
      })
      await release()
      expect(removed()).toHaveLength(1)
    })

    it.each([
      ['AccessDenied', 'no'],
      ['MalformedPolicyDocumentException', 'Syntax errors in policy.'],
      ['LimitExceededException', 'Cannot exceed quota for PolicySize: 6144'],
      ['ThrottlingException', 'Rate exceeded'],
    ])('removes none when IAM refuses with %s: %s', async (name, message) => {
      iam.on(CreatePolicyVersionCommand).rejects(awsError(name, message))
      expect(await release()).toMatchObject({ ok: false, error: { code: name } })
      expect(removed()).toEqual([])
    })

    it('removes none when fewer are there by now', async () => {
      iam.on(ListPolicyVersionsCommand).resolves({ ...metadata, Versions: versions.slice(1) } as never)
      iam.on(CreatePolicyVersionCommand).rejects(FULL)
      expect(await release()).toMatchObject({ ok: false, error: { code: 'LimitExceededException' } })
      expect(removed()).toEqual([])
    })

    it('says which one is missing when IAM still refuses', async () => {
      iam.on(CreatePolicyVersionCommand).rejectsOnce(FULL).rejects(awsError('MalformedPolicyDocumentException', 'no'))
      expect(await release()).toEqual({
        ok: false,
        error: {
          code: 'MalformedPolicyDocumentException',
          message: `managed-policy of arn:aws:iam::111122223333:policy/release: MalformedPolicyDocumentException: no; ${missing}`,
          retry: false,
        },
      })
    })

    it('says which one is missing when it is not known whether the new one was made', async () => {
      iam.on(CreatePolicyVersionCommand).rejectsOnce(FULL).rejects(awsError('TimeoutError', 'socket hang up'))
      await expect(release()).rejects.toThrow(missing)
    })
  })

  it.each([
    ['MalformedPolicyDocumentException', false],
    ['LimitExceededException', false],
    ['NoSuchEntityException', false],
    ['UnmodifiableEntityException', false],
    ['AccessDenied', false],
    ['PackedPolicyTooLargeException', false],
    ['RegionDisabledException', false],
    ['DeleteConflictException', false],
    ['ThrottlingException', true],
    ['ConcurrentModificationException', true],
    ['ExpiredTokenException', true],
  ])('gives %s in the words of AWS, bounded, and whether trying again helps', async (name, retry) => {
    iam.on(PutUserPolicyCommand).rejects(awsError(name, 'x'.repeat(400)))
    expect(await writer.write(target('user-inline-policy', 'jane'), DOCUMENT)).toEqual({
      ok: false,
      error: {
        code: name,
        message: `user-inline-policy of arn:aws:iam::111122223333:role/jane: ${name}: ${'x'.repeat(300)}…`,
        retry,
      },
    })
  })

  it('leaves a fault on the way a fault, as the write may have happened', async () => {
    iam.on(PutUserPolicyCommand).rejects(awsError('TimeoutError', 'socket hang up'))
    await expect(writer.write(target('user-inline-policy', 'jane'), DOCUMENT)).rejects.toThrow('socket hang up')
  })

  it('never deletes a trust policy or a managed policy', async () => {
    for (const kind of ['role-trust-policy', 'managed-policy'] as const)
      expect(await writer.write(target(kind), null)).toMatchObject({
        ok: false,
        error: { message: expect.stringContaining('is never deleted'), retry: false },
      })
    expect(iam.commandCalls(DeletePolicyVersionCommand as never)).toHaveLength(0)
    expect(iam.commandCalls(UpdateAssumeRolePolicyCommand as never)).toHaveLength(0)
  })
})
