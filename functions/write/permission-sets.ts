/** The inline policy of an Identity Center permission set, which becomes the policy of every `AWSReservedSSO_…` role of that set. */
import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListInstancesCommand,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  paginateListPermissionSets,
  type SSOAdminClient,
} from '@aws-sdk/client-sso-admin'
import { RolemedicError } from '../../core/base/result.ts'
import { type Accepted, accepted, type SessionRule, type SetPolicies } from './iam.ts'

type Found = { readonly InstanceArn: string; readonly PermissionSetArn: string }
const WAIT_MS = 2_000
const MAX_WAITS = 20

/** A set is found by name: its ARN is only known then. */
const FIND_RULES: readonly SessionRule[] = [
  {
    calls: [
      'sso:DescribePermissionSet',
      'sso:GetInlinePolicyForPermissionSet',
      'sso:ListInstances',
      'sso:ListPermissionSets',
    ],
    resources: ['*'],
  },
]

/** Provisioning takes effect in accounts. */
const writeRules = ({ InstanceArn, PermissionSetArn }: Found, call: string): readonly SessionRule[] => [
  { calls: [call], resources: [InstanceArn, PermissionSetArn] },
  {
    calls: ['sso:ProvisionPermissionSet', 'sso:DescribePermissionSetProvisioningStatus'],
    resources: [InstanceArn, PermissionSetArn, `${PermissionSetArn.split(':').slice(0, 5).join(':')}:account/*`],
  },
]

export function setPolicies(
  clientFor: (rules: readonly SessionRule[]) => SSOAdminClient,
  sleep: (ms: number) => Promise<void>,
): SetPolicies {
  const client = clientFor(FIND_RULES)
  /** By name, which never changes, for the one change that this is for. A search takes one request per set of the organization. */
  const seen = new Map<string, Found>()

  async function withSet<T>(name: string, job: (set: Found) => Promise<T>): Promise<T> {
    const set = seen.get(name) ?? (await search(name))
    seen.set(name, set)
    try {
      return await job(set)
    } catch (error) {
      // It was deleted, and perhaps created again.
      if (error instanceof Error && error.name === 'ResourceNotFoundException') seen.delete(name)
      throw error
    }
  }

  async function search(name: string): Promise<Found> {
    const { Instances = [] } = await client.send(new ListInstancesCommand({}))
    for (const { InstanceArn } of Instances) {
      if (InstanceArn === undefined) continue
      for await (const { PermissionSets = [] } of paginateListPermissionSets({ client }, { InstanceArn }))
        for (const PermissionSetArn of PermissionSets) {
          const set = { InstanceArn, PermissionSetArn }
          const { PermissionSet } = await client.send(new DescribePermissionSetCommand(set))
          if (PermissionSet?.Name === name) return set
        }
    }
    throw named('ResourceNotFoundException', `there is no permission set named ${name}`)
  }

  /** In every account that has the set. */
  async function provision(writer: SSOAdminClient, set: Found, name: string): Promise<Accepted> {
    const started = await writer.send(
      new ProvisionPermissionSetCommand({ ...set, TargetType: 'ALL_PROVISIONED_ACCOUNTS' }),
    )
    const { InstanceArn } = set
    let { Status, RequestId, FailureReason } = started.PermissionSetProvisioningStatus ?? {}
    for (let waits = 0; Status === 'IN_PROGRESS' && waits < MAX_WAITS; waits += 1) {
      await sleep(WAIT_MS)
      const asked = { InstanceArn, ProvisionPermissionSetRequestId: RequestId }
      const answer = await writer.send(new DescribePermissionSetProvisioningStatusCommand(asked))
      ;({ Status, FailureReason } = answer.PermissionSetProvisioningStatus ?? {})
    }
    if (Status === 'FAILED') throw named('ProvisioningFailed', FailureReason ?? 'Identity Center gives no reason')
    const how = Status === 'SUCCEEDED' ? 'was provisioned' : 'is still being provisioned'
    const note = `permission set ${name} ${how} to every account that has it`
    return { ...accepted(started), notes: [note] }
  }

  return {
    async read({ name }) {
      const { InlinePolicy } = await withSet(name, set => client.send(new GetInlinePolicyForPermissionSetCommand(set)))
      // Identity Center returns an empty text for no policy.
      return InlinePolicy === undefined || InlinePolicy === '' ? null : InlinePolicy
    },

    write: ({ name }, document) =>
      withSet(name, async set => {
        const call = document === null ? 'DeleteInlinePolicyFromPermissionSet' : 'PutInlinePolicyToPermissionSet'
        const writer = clientFor(writeRules(set, `sso:${call}`))
        const put =
          document === null
            ? await writer.send(new DeleteInlinePolicyFromPermissionSetCommand(set))
            : await writer.send(new PutInlinePolicyToPermissionSetCommand({ ...set, InlinePolicy: document }))
        const { requestIds, notes } = await provision(writer, set, name)
        return { requestIds: [...accepted(put).requestIds, ...requestIds], notes }
      }),
  }
}

/** Named like AWS's own errors, to distinguish it from a fault. */
function named(name: string, message: string): Error {
  const error = new RolemedicError('permission-set', message)
  error.name = name
  return error
}
