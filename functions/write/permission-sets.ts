/** The inline policy of an Identity Center permission set, which becomes the policy of every `AWSReservedSSO_…` role of that set. */
import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListAccountsForProvisionedPermissionSetCommand,
  ListInstancesCommand,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  paginateListPermissionSets,
  type SSOAdminClient,
} from '@aws-sdk/client-sso-admin'
import { GONE } from '../ports/writing/policy-writer.ts'
import type { SessionRule, StoredPolicies } from './iam.ts'

type Found = { readonly InstanceArn: string; readonly PermissionSetArn: string }
const WAIT_MS = 2_000
const MAX_WAITS = 20

/** A set is found by name: its ARN is only known then. */
const FINDING = ['DescribePermissionSet', 'GetInlinePolicyForPermissionSet', 'ListInstances', 'ListPermissionSets']

function rule(calls: readonly string[], ...resources: readonly string[]): SessionRule {
  return { calls: calls.map(call => `sso:${call}`), resources }
}

export function setPolicies(
  clientFor: (rules: readonly SessionRule[]) => SSOAdminClient,
  sleep: (ms: number) => Promise<void>,
): StoredPolicies {
  const client = clientFor([rule([...FINDING, 'ListAccountsForProvisionedPermissionSet'], '*')])
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
    // Those that this account sees: none says nothing of the set. https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListInstances.html
    if (Instances.length === 0) throw named('RolemedicError', 'this account and Region show no Identity Center')
    for (const { InstanceArn = '' } of Instances)
      for await (const { PermissionSets = [] } of paginateListPermissionSets({ client }, { InstanceArn }))
        for (const PermissionSetArn of PermissionSets) {
          const set = { InstanceArn, PermissionSetArn }
          const found = await client.send(new DescribePermissionSetCommand(set)).catch(deletedBefore)
          if (!Array.isArray(found) && found.PermissionSet?.Name === name) return set
        }
    throw named('ResourceNotFoundException', `there is no permission set named ${name}`)
  }

  /** Identity Center returns an empty text for no policy. */
  const stored = async (set: Found): Promise<string | null> =>
    (await client.send(new GetInlinePolicyForPermissionSetCommand(set))).InlinePolicy || null

  return {
    read: ({ name }) => withSet(name, stored),

    write: ({ name }, InlinePolicy, note) =>
      withSet(name, async set => {
        const { InstanceArn, PermissionSetArn } = set
        if ((await stored(set)) === InlinePolicy) {
          const asked = { ...set, ProvisioningStatus: 'LATEST_PERMISSION_SET_NOT_PROVISIONED' } as const
          const behind = await client.send(new ListAccountsForProvisionedPermissionSetCommand(asked))
          // An earlier run has put it, and no account is without it any more.
          // https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountsForProvisionedPermissionSet.html
          if (!behind.AccountIds?.length && !behind.NextToken) return []
        }
        const own = [InstanceArn, PermissionSetArn]
        const call = InlinePolicy === null ? 'DeleteInlinePolicyFromPermissionSet' : 'PutInlinePolicyToPermissionSet'
        // Provisioning takes effect in accounts.
        const accounts = `${PermissionSetArn.split(':').slice(0, 5).join(':')}:account/*`
        const provisioning = ['ProvisionPermissionSet', 'DescribePermissionSetProvisioningStatus']
        const writer = clientFor([rule([call], ...own), rule(provisioning, ...own, accounts)])
        const put =
          InlinePolicy === null
            ? await writer.send(new DeleteInlinePolicyFromPermissionSetCommand(set)).catch(deletedBefore)
            : await writer.send(new PutInlinePolicyToPermissionSetCommand({ ...set, InlinePolicy }))
        const all = { ...set, TargetType: 'ALL_PROVISIONED_ACCOUNTS' } as const
        const started = await writer.send(new ProvisionPermissionSetCommand(all))
        let { Status, RequestId, FailureReason } = started.PermissionSetProvisioningStatus ?? {}
        for (let waits = 0; Status === 'IN_PROGRESS' && waits < MAX_WAITS; waits += 1) {
          await sleep(WAIT_MS)
          const asked = { InstanceArn, ProvisionPermissionSetRequestId: RequestId }
          const answer = await writer.send(new DescribePermissionSetProvisioningStatusCommand(asked))
          ;({ Status, FailureReason } = answer.PermissionSetProvisioningStatus ?? {})
        }
        if (Status === 'FAILED') throw named('ProvisioningFailed', FailureReason ?? 'Identity Center gives no reason')
        const stillRuns = Status !== 'SUCCEEDED'
        note(`permission set ${name} ${stillRuns ? 'is still being' : 'was'} provisioned to every account that has it`)
        return [put, { ...started, stillRuns }].flat()
      }),
  }
}

/** Of a policy, it may still have to be provisioned. Another set may be deleted while one is looked for. */
const deletedBefore = (error: Error) => (GONE.test(error.name) ? [] : Promise.reject(error))

/** Named like AWS's own errors, to distinguish it from a fault. */
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })
