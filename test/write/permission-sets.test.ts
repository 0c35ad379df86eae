import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListAccountsForProvisionedPermissionSetCommand,
  ListInstancesCommand,
  ListPermissionSetsCommand,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target } from '../../core/patch/target.ts'
import { policiesIn } from '../../functions/write/iam.ts'
import { setPolicies } from '../../functions/write/permission-sets.ts'
import { sessionPolicyOf } from '../../functions/write/writer-sessions.ts'

const INSTANCE = 'arn:aws:sso:::instance/ssoins-1111'
const SETS = ['arn:aws:sso:::permissionSet/ssoins-1111/ps-1', 'arn:aws:sso:::permissionSet/ssoins-1111/ps-2'] as const
const TARGET: Target = {
  kind: 'permission-set-inline-policy',
  accountId: '111122223333',
  name: 'Developer',
  policyName: null,
  arn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developer_0123456789abcdef',
}
const DOCUMENT: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/task' }],
}
const metadata = { $metadata: { requestId: 'r-1' } }

const client = new SSOAdminClient({ region: 'eu-west-1' })
const sso = mockClient(client)
const waits: number[] = []
const policies: string[] = []
const newWriter = () =>
  policiesIn({
    clientFor: () => {
      throw new Error('not IAM')
    },
    sets: setPolicies(
      rules => {
        policies.push(sessionPolicyOf(rules))
        return client
      },
      async ms => void waits.push(ms),
    ),
  })
let writer = newWriter()

beforeEach(() => {
  sso.reset()
  writer = newWriter()
  waits.length = 0
  sso.on(ListInstancesCommand).resolves({ Instances: [{ InstanceArn: INSTANCE }] })
  sso.on(ListPermissionSetsCommand).resolves({ PermissionSets: [SETS[0]], NextToken: 'n' })
  sso.on(ListPermissionSetsCommand, { NextToken: 'n' }).resolves({ PermissionSets: [SETS[1]] })
  sso.on(DescribePermissionSetCommand, { PermissionSetArn: SETS[0] }).resolves({ PermissionSet: { Name: 'Admin' } })
  sso.on(DescribePermissionSetCommand, { PermissionSetArn: SETS[1] }).resolves({ PermissionSet: { Name: 'Developer' } })
  sso.on(PutInlinePolicyToPermissionSetCommand).resolves(metadata)
  sso.on(GetInlinePolicyForPermissionSetCommand).resolves({})
  sso.on(ListAccountsForProvisionedPermissionSetCommand).resolves({ AccountIds: ['111122223333'] })
})

describe('the inline policy of a permission set', () => {
  it('is found by the name of the set, over all pages, and read', async () => {
    sso.on(GetInlinePolicyForPermissionSetCommand, { InstanceArn: INSTANCE, PermissionSetArn: SETS[1] }).resolves({
      InlinePolicy: JSON.stringify(DOCUMENT),
    })
    expect(await writer.read(TARGET)).toEqual({ kind: 'found', value: DOCUMENT })
  })

  it('is looked for once: each set is a request, and one change reads and writes it several times', async () => {
    sso.on(GetInlinePolicyForPermissionSetCommand).resolves({ InlinePolicy: JSON.stringify(DOCUMENT) })
    sso
      .on(ProvisionPermissionSetCommand)
      .resolves({ ...metadata, PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } })
    const described = () => sso.commandCalls(DescribePermissionSetCommand).length
    await writer.read(TARGET)
    await writer.write(TARGET, DOCUMENT)
    await writer.read(TARGET)
    expect(described()).toBe(2)
  })

  it('is searched again when it was deleted: it may have been created again', async () => {
    const missing = Object.assign(new Error('deleted'), { name: 'ResourceNotFoundException' })
    const at = (PermissionSetArn: string) => sso.on(GetInlinePolicyForPermissionSetCommand, { PermissionSetArn })
    at(SETS[1]).resolves({ InlinePolicy: '' })
    await writer.read(TARGET)
    at(SETS[1]).rejects(missing)
    sso
      .on(DescribePermissionSetCommand, { PermissionSetArn: SETS[0] })
      .resolves({ PermissionSet: { Name: 'Developer' } })
    at(SETS[0]).resolves({ InlinePolicy: JSON.stringify(DOCUMENT) })
    expect(await writer.read(TARGET)).toEqual({ kind: 'absent' })
    expect(await writer.read(TARGET)).toEqual({ kind: 'found', value: DOCUMENT })
  })

  it('is found where another set was deleted while it was looked for', async () => {
    const missing = Object.assign(new Error('deleted'), { name: 'ResourceNotFoundException' })
    sso.on(DescribePermissionSetCommand, { PermissionSetArn: SETS[0] }).rejects(missing)
    sso.on(GetInlinePolicyForPermissionSetCommand).resolves({ InlinePolicy: JSON.stringify(DOCUMENT) })
    expect(await writer.read(TARGET)).toEqual({ kind: 'found', value: DOCUMENT })
  })

  it('is not absent where no Identity Center is seen', async () => {
    sso.on(ListInstancesCommand).resolves({ Instances: [] })
    const words = 'this account and Region show no Identity Center'
    expect(await writer.read(TARGET)).toEqual({
      kind: 'unreadable',
      why: `permission-set-inline-policy of ${TARGET.arn}: RolemedicError: ${words}`,
    })
    expect(await writer.write(TARGET, null)).toMatchObject({ ok: false, error: { code: 'RolemedicError' } })
  })

  it('is absent when its text is empty, or when there is no such set', async () => {
    sso.on(GetInlinePolicyForPermissionSetCommand).resolves({ InlinePolicy: '' })
    expect(await writer.read(TARGET)).toEqual({ kind: 'absent' })
    expect(await writer.read({ ...TARGET, name: 'Nobody' })).toEqual({ kind: 'absent' })
  })

  it('is put, and rolled out to every account before it counts as written', async () => {
    sso.on(ProvisionPermissionSetCommand).resolves({
      ...metadata,
      PermissionSetProvisioningStatus: { Status: 'IN_PROGRESS', RequestId: 'p-1' },
    })
    sso
      .on(DescribePermissionSetProvisioningStatusCommand, { ProvisionPermissionSetRequestId: 'p-1' })
      .resolvesOnce({ PermissionSetProvisioningStatus: { Status: 'IN_PROGRESS' } })
      .resolves({ PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } })
    const outcome = await writer.write(TARGET, DOCUMENT)
    expect(outcome).toEqual({
      ok: true,
      value: {
        requestIds: ['r-1', 'r-1'],
        notes: ['permission set Developer was provisioned to every account that has it'],
        stillRuns: false,
      },
    })
    expect(waits).toEqual([2000, 2000])
    expect(sso.commandCalls(ProvisionPermissionSetCommand)[0]?.args[0].input).toMatchObject({
      TargetType: 'ALL_PROVISIONED_ACCOUNTS',
      PermissionSetArn: SETS[1],
    })
  })

  it('fails in words when the roll-out fails', async () => {
    sso.on(ProvisionPermissionSetCommand).resolves({
      ...metadata,
      PermissionSetProvisioningStatus: { Status: 'FAILED', FailureReason: 'the role is protected by an SCP' },
    })
    expect(await writer.write(TARGET, DOCUMENT)).toEqual({
      ok: false,
      error: {
        code: 'ProvisioningFailed',
        message: `permission-set-inline-policy of ${TARGET.arn}: ProvisioningFailed: the role is protected by an SCP`,
        retry: false,
      },
    })
  })

  it('is deleted when nothing is left of it', async () => {
    sso.on(DeleteInlinePolicyFromPermissionSetCommand).resolves(metadata)
    sso
      .on(ProvisionPermissionSetCommand)
      .resolves({ ...metadata, PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } })
    expect((await writer.write(TARGET, null)).ok).toBe(true)
    expect(sso.commandCalls(DeleteInlinePolicyFromPermissionSetCommand)).toHaveLength(1)
  })
  it('is provisioned where it was deleted before, as a crash may have come between', async () => {
    const missing = Object.assign(new Error('no policy'), { name: 'ResourceNotFoundException' })
    sso.on(DeleteInlinePolicyFromPermissionSetCommand).rejects(missing)
    sso
      .on(ProvisionPermissionSetCommand)
      .resolves({ ...metadata, PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } })
    expect(await writer.write(TARGET, null)).toMatchObject({ ok: true, value: { requestIds: ['r-1'] } })
    sso.on(ProvisionPermissionSetCommand).rejects(missing)
    expect(await writer.write(TARGET, null)).toMatchObject({ ok: false, error: { code: 'ResourceNotFoundException' } })
  })

  describe('that is stored already', () => {
    const put = () => sso.commandCalls(PutInlinePolicyToPermissionSetCommand).length
    const provisioned = () => sso.commandCalls(ProvisionPermissionSetCommand).length
    beforeEach(() => {
      sso.on(GetInlinePolicyForPermissionSetCommand).resolves({ InlinePolicy: JSON.stringify(DOCUMENT) })
      sso
        .on(ProvisionPermissionSetCommand)
        .resolves({ ...metadata, PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } })
    })

    it('is not provisioned again where every account has it', async () => {
      sso.on(ListAccountsForProvisionedPermissionSetCommand).resolves({ AccountIds: [] })
      expect(await writer.write(TARGET, DOCUMENT)).toEqual({
        ok: true,
        value: { requestIds: [], notes: [], stillRuns: false },
      })
      expect([put(), provisioned()]).toEqual([0, 0])
      expect(sso.commandCalls(ListAccountsForProvisionedPermissionSetCommand)[0]?.args[0].input).toEqual({
        InstanceArn: INSTANCE,
        PermissionSetArn: SETS[1],
        ProvisioningStatus: 'LATEST_PERMISSION_SET_NOT_PROVISIONED',
      })
    })

    it.each([
      ['an account is without it', { AccountIds: ['111122223333'] }],
      ['not all accounts are listed', { AccountIds: [], NextToken: 'n' }],
    ])('is provisioned where %s', async (_, listed) => {
      sso.on(ListAccountsForProvisionedPermissionSetCommand).resolves(listed)
      expect(await writer.write(TARGET, DOCUMENT)).toMatchObject({ ok: true, value: { requestIds: ['r-1', 'r-1'] } })
      expect([put(), provisioned()]).toEqual([1, 1])
    })

    it('is put where another one is stored, whatever the accounts have', async () => {
      sso.on(ListAccountsForProvisionedPermissionSetCommand).resolves({ AccountIds: [] })
      const other = { ...DOCUMENT, Statement: [] }
      expect(await writer.write(TARGET, other)).toMatchObject({ ok: true, value: { requestIds: ['r-1', 'r-1'] } })
      expect([put(), provisioned()]).toEqual([1, 1])
    })

    it('says that Identity Center goes on after 40 s', async () => {
      sso.on(ProvisionPermissionSetCommand).resolves({
        ...metadata,
        PermissionSetProvisioningStatus: { Status: 'IN_PROGRESS', RequestId: 'p-1' },
      })
      sso
        .on(DescribePermissionSetProvisioningStatusCommand)
        .resolves({ PermissionSetProvisioningStatus: { Status: 'IN_PROGRESS' } })
      expect(await writer.write(TARGET, DOCUMENT)).toMatchObject({
        ok: true,
        value: {
          notes: ['permission set Developer is still being provisioned to every account that has it'],
          stillRuns: true,
        },
      })
      expect(waits.reduce((sum, ms) => sum + ms)).toBe(40_000)
    })
  })
})
