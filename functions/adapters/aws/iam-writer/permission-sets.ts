/** The inline policy of an Identity Center permission set. Identity Center copies it to every `AWSReservedSSO_…` role of the set. */

import {
  DeleteInlinePolicyFromPermissionSetCommand,
  DescribePermissionSetCommand,
  DescribePermissionSetProvisioningStatusCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListInstancesCommand,
  ProvisionPermissionSetCommand,
  PutInlinePolicyToPermissionSetCommand,
  paginateListPermissionSets,
  SSOAdminClient,
  type SSOAdminClientConfig,
} from '@aws-sdk/client-sso-admin'
import { RolemedicError } from '../../../../core/base/index.ts'
import type { Target } from '../../../../core/patch/index.ts'
import { LONG_TIMEOUTS } from '../clients/client-timeouts.ts'
import { sessionPolicy } from './session-policy.ts'
import type { Written } from './written.ts'

export type PermissionSets = {
  /** Null: the set has no inline policy. */
  read(target: Target): Promise<string | null>
  /** Writes the policy, or deletes it for null, and waits until every account has it. */
  write(target: Target, policyDocument: string | null): Promise<Written>
}

export type PermissionSetsDeps = {
  /** A client with a session of the writer role that is limited to `policy`. */
  readonly clientFor: (policy: string) => SSOAdminClient
  readonly sleep: (ms: number) => Promise<void>
}

type Found = { readonly InstanceArn: string; readonly PermissionSetArn: string }
const WAIT_MS = 2_000
const MAX_WAITS = 20

export function identityCenter({
  region,
  sleep,
  credentialsFor,
}: {
  readonly region: string
  readonly sleep: (ms: number) => Promise<void>
  readonly credentialsFor: (policy: string) => NonNullable<SSOAdminClientConfig['credentials']>
}): PermissionSets {
  const clients = new Map<string, SSOAdminClient>()
  return permissionSets({
    clientFor(policy) {
      const client =
        clients.get(policy) ?? new SSOAdminClient({ region, credentials: credentialsFor(policy), ...LONG_TIMEOUTS })
      clients.set(policy, client)
      return client
    },
    sleep,
  })
}

/** A set is found by its name; its ARN is unknown before. */
const FIND_POLICY = sessionPolicy([
  {
    calls: [
      'sso:DescribePermissionSet',
      'sso:GetInlinePolicyForPermissionSet',
      'sso:ListInstances',
      'sso:ListPermissionSets',
    ],
    resources: ['*'],
  },
])

/** Provisioning acts in all accounts of the set. */
const writePolicy = ({ InstanceArn, PermissionSetArn }: Found, call: string): string =>
  sessionPolicy([
    { calls: [call], resources: [InstanceArn, PermissionSetArn] },
    {
      calls: ['sso:ProvisionPermissionSet', 'sso:DescribePermissionSetProvisioningStatus'],
      resources: [InstanceArn, PermissionSetArn, `${PermissionSetArn.split(':').slice(0, 5).join(':')}:account/*`],
    },
  ])

export function permissionSets({ clientFor, sleep }: PermissionSetsDeps): PermissionSets {
  const client = clientFor(FIND_POLICY)
  /** Keyed by name, which never changes. A search takes one request per set of the organization. */
  const seen = new Map<string, Found>()

  async function withSet<T>(name: string, job: (set: Found) => Promise<T>): Promise<T> {
    const set = seen.get(name) ?? (await find(name))
    seen.set(name, set)
    try {
      return await job(set)
    } catch (error) {
      // The set was deleted, and may have been created again.
      if (error instanceof Error && error.name === 'ResourceNotFoundException') seen.delete(name)
      throw error
    }
  }

  async function find(name: string): Promise<Found> {
    const { Instances = [] } = await client.send(new ListInstancesCommand({}))
    for (const { InstanceArn } of Instances) {
      if (InstanceArn === undefined) continue
      for await (const page of paginateListPermissionSets({ client }, { InstanceArn }))
        for (const PermissionSetArn of page.PermissionSets ?? []) {
          const { PermissionSet } = await client.send(
            new DescribePermissionSetCommand({ InstanceArn, PermissionSetArn }),
          )
          if (PermissionSet?.Name === name) return { InstanceArn, PermissionSetArn }
        }
    }
    throw named('ResourceNotFoundException', `there is no permission set named ${name}`)
  }

  async function provision(
    writer: SSOAdminClient,
    set: Found,
    name: string,
  ): Promise<{ ids: readonly string[]; note: string }> {
    const started = await writer.send(
      new ProvisionPermissionSetCommand({ ...set, TargetType: 'ALL_PROVISIONED_ACCOUNTS' }),
    )
    const ids = idsOf(started)
    const { InstanceArn } = set
    let { Status, RequestId, FailureReason } = started.PermissionSetProvisioningStatus ?? {}
    for (let waits = 0; Status === 'IN_PROGRESS' && waits < MAX_WAITS; waits += 1) {
      await sleep(WAIT_MS)
      const asked = await writer.send(
        new DescribePermissionSetProvisioningStatusCommand({
          InstanceArn,
          ProvisionPermissionSetRequestId: RequestId,
        }),
      )
      ;({ Status, FailureReason } = asked.PermissionSetProvisioningStatus ?? {})
    }
    if (Status === 'FAILED') throw named('ProvisioningFailed', FailureReason ?? 'Identity Center gives no reason')
    const how = Status === 'SUCCEEDED' ? 'was provisioned' : 'is still being provisioned'
    return { ids, note: `permission set ${name} ${how} to every account that has it` }
  }

  return {
    async read({ name }) {
      const { InlinePolicy } = await withSet(name, set => client.send(new GetInlinePolicyForPermissionSetCommand(set)))
      // Identity Center returns an empty text for no policy.
      return InlinePolicy === undefined || InlinePolicy === '' ? null : InlinePolicy
    },

    write: ({ name }, policyDocument) =>
      withSet(name, async set => {
        const call = policyDocument === null ? 'DeleteInlinePolicyFromPermissionSet' : 'PutInlinePolicyToPermissionSet'
        const writer = clientFor(writePolicy(set, `sso:${call}`))
        const put =
          policyDocument === null
            ? await writer.send(new DeleteInlinePolicyFromPermissionSetCommand(set))
            : await writer.send(new PutInlinePolicyToPermissionSetCommand({ ...set, InlinePolicy: policyDocument }))
        const { ids, note } = await provision(writer, set, name)
        return { requestIds: [...idsOf(put), ...ids], notes: [note] }
      }),
  }
}

const idsOf = (output: { readonly $metadata: { readonly requestId?: string | undefined } }): readonly string[] =>
  output.$metadata.requestId === undefined ? [] : [output.$metadata.requestId]

/** An error with the name of an AWS error, to distinguish it from a fault. */
function named(name: string, message: string): Error {
  const error = new RolemedicError('permission-set', message)
  error.name = name
  return error
}
