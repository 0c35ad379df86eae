import { describe, expect, it } from 'vitest'
import { streamedReader } from '../../functions/adapters/files/index.ts'
import { botConfigSchema } from '../../functions/domain/config/index.ts'
import { serviceReports } from '../../functions/domain/deploy/index.ts'
import { analyze } from '../../functions/workflows/denial/analyze-denial.ts'
import { draftCodeTrust } from '../../functions/workflows/deploy/draft-code-trust.ts'
import { judgeTrustFaults } from '../../functions/workflows/deploy/judge-trust-faults.ts'
import { denialOfAssumption, stackDeploy } from '../../iac/needs/index.ts'

const NOW_MS = Date.parse('2026-11-29T09:01:00Z')
const ACCOUNT_ID = '111122223333'
const config = botConfigSchema.parse({ channel: 'C0DEPLOYS', approvers: { users: ['U0ONCALL1'] } })

/** https://github.com/crossplane-contrib/provider-aws/issues/218: a service-linked role given as the role of a cluster. */
const OWNED = [
  `arn:aws:iam::${ACCOUNT_ID}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS`,
  `arn:aws:iam::${ACCOUNT_ID}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef`,
]

const reader = async (arn: string) => {
  const trust = {
    Statement: [{ Effect: 'Allow', Principal: { Service: 'polly.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const detail = {
    ...{ Path: arn.replace(/^.*:role|[^/]*$/g, ''), RoleName: arn.split('/').at(-1), RoleId: 'AROAXXXXXXXXXXXXXXXX1' },
    ...{ Arn: arn, AssumeRolePolicyDocument: trust, InstanceProfileList: [], RolePolicyList: [] },
    ...{ AttachedManagedPolicies: [], Tags: [] },
  }
  const text = JSON.stringify({ UserDetailList: [], GroupDetailList: [], Policies: [], RoleDetailList: [detail] })
  const chunks = (async function* () {
    yield Buffer.from(text)
  })()
  return streamedReader({ files: [{ name: 'account.json', chunks }] })
}

describe.each(OWNED)('the trust policy of a role of AWS, %s', arn => {
  const read = stackDeploy(`arn:aws:cloudformation:eu-west-1:${ACCOUNT_ID}:stack/orders/1`, {
    body: JSON.stringify({ Resources: { Cluster: { Type: 'AWS::EKS::Cluster', Properties: { RoleArn: arn } } } }),
    parameters: {},
    roleArn: null,
  })
  if (!read.ok) throw new Error(read.error)
  const source = read.value

  it('is never edited for a failed deploy, whatever the text says', async () => {
    const text = `Role with arn: ${arn}, could not be assumed because it does not exist or the trusted entity is not correct`
    const reports = serviceReports([{ text, resource: 'Cluster', resourceType: 'AWS::EKS::Cluster', atMs: NOW_MS }])
    const place = { stack: 'orders', accountId: ACCOUNT_ID, region: 'eu-west-1', partition: 'aws', principal: null }
    const options = { reader: await reader(arn), config, nowMs: NOW_MS }
    const { faults, change } = await judgeTrustFaults({ reports, source, ...place }, options)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({ denial: null, fault: { role: arn } })
    expect(faults[0]?.fault.answer).not.toBe('patch')
    expect(change.verified).toBe(null)
  })

  it('is never edited in code, nor for the denial of a service', async () => {
    const options = { reader: await reader(arn), config, nowMs: NOW_MS }
    const principals = { principal: `arn:aws:iam::${ACCOUNT_ID}:role/deployer`, caller: null }
    const drafted = await draftCodeTrust(source, { ...options, principals, region: 'eu-west-1', partition: 'aws' })
    expect(drafted.changes).toEqual([])
    const need = denialOfAssumption({ action: 'sts:AssumeRole', service: 'eks.amazonaws.com', sends: [] }, arn, NOW_MS)
    const { verified, refusal } = await analyze(need, { ...options, asked: true })
    expect(verified).toBe(null)
    expect(refusal).not.toBe(null)
  })
})
