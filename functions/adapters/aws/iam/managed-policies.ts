/**
 * Reads managed policies by their default version. A version is immutable, so its document is cached across invocations. Which
 * version is the default is read each time.
 */

import type { IAMClient, Policy } from '@aws-sdk/client-iam'
import { GetPolicyCommand, GetPolicyVersionCommand, ListPoliciesCommand } from '@aws-sdk/client-iam'
import { found, type Read, unreadable } from '../../../../core/base/index.ts'
import { type PolicyType, parseArn, type SourcedPolicy } from '../../../../core/iam/index.ts'
import { type PolicyLabel, type PolicyReads, reachOf, sourcedPolicy } from '../../../../core/snapshots/index.ts'
import type { Ask } from './read-calls.ts'

const MAX_VERSIONS = 2_000

/** The document of a version, and when it was made. */
type Version = { readonly document: string; readonly changedAtMs?: number }

/** By policy id and version, oldest evicted first. A recreated policy has a new id and starts at `v1`. */
export type VersionCache = Map<string, Version>

/** A policy's id, its default version, and the number of other entities with it. */
type Described = {
  readonly id: string | undefined
  readonly version: string
  readonly reach: Pick<SourcedPolicy, 'attachments' | 'bounds'>
}
type Listing = ReadonlyMap<string, Described>
type PolicyAnswer = Pick<Policy, 'PolicyId' | 'DefaultVersionId' | 'AttachmentCount' | 'PermissionsBoundaryUsageCount'>
type Scope = 'Local' | 'All'

export type ManagedPolicies = {
  /** `depth` is the depth of the first request that this may send. */
  read(wanted: readonly Attachment[], depth: number): Promise<PolicyReads>
  /** Starts listing everything that is attached in the account, for policies that the next round trip will name. */
  expectMore(depth: number): void
}
export type Attachment = { readonly arn: string; readonly type: PolicyType; readonly attachedTo: string }

export function managedPolicies(deps: { iam: IAMClient; ask: Ask; versions: VersionCache }): ManagedPolicies {
  const { iam, ask, versions } = deps
  let expected: { readonly listing: Promise<Listing>; readonly depth: number } | null = null

  const listing = async (scope: Scope, depth: number): Promise<Listing> => {
    const page = await ask(depth, 'iam:ListPolicies', () =>
      iam.send(new ListPoliciesCommand({ Scope: scope, OnlyAttached: scope === 'All', MaxItems: 1000 })),
    )
    // Refused or incomplete: policies that the listing lacks are read by ARN.
    const policies = page.kind === 'found' ? (page.value.Policies ?? []) : []
    return new Map(
      policies.flatMap(policy => {
        const of = described(policy)
        return policy.Arn !== undefined && of !== null ? [[policy.Arn, of] as const] : []
      }),
    )
  }

  const readVersion = async (arn: string, { id, version }: Described, depth: number): Promise<Read<Version>> => {
    const key = `${id}@${version}`
    const cached = versions.get(key)
    if (cached !== undefined) return found(cached)
    const answer = await ask(depth, 'iam:GetPolicyVersion', () =>
      iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: version })),
    )
    if (answer.kind !== 'found') return answer
    const { Document: document, CreateDate: madeAt } = answer.value.PolicyVersion ?? {}
    if (document === undefined) return unreadable('iam:GetPolicyVersion gave no document')
    const made: Version = { document, ...(madeAt === undefined ? {} : { changedAtMs: madeAt.getTime() }) }
    if (id !== undefined) keep(versions, key, made)
    return found(made)
  }

  const one = async (label: PolicyLabel, arn: string, listed: Listing, depth: number): Promise<Read<SourcedPolicy>> => {
    let policyOf = listed.get(arn) ?? null
    let versionDepth = depth
    if (policyOf === null) {
      const policy = await ask(depth, 'iam:GetPolicy', () => iam.send(new GetPolicyCommand({ PolicyArn: arn })))
      if (policy.kind !== 'found') return policy
      policyOf = described(policy.value.Policy ?? {})
      versionDepth = depth + 1
    }
    if (policyOf === null) return unreadable('iam:GetPolicy gave no default version')
    const read = await readVersion(arn, policyOf, versionDepth)
    if (read.kind !== 'found') return read
    const { document, ...made } = read.value
    return sourcedPolicy({ ...label, ...policyOf.reach, ...made }, document)
  }

  return {
    expectMore(depth) {
      if (expected !== null) return
      expected = { listing: listing('All', depth), depth }
      // The caller that awaits the listing reports a fault.
      expected.listing.catch(() => {})
    },
    async read(wanted, depth) {
      const scope = expected === null ? cheapest(wanted) : 'All'
      const listed = expected ?? (scope === null ? NO_LISTING : { listing: listing(scope, depth), depth })
      return Promise.all(
        wanted.map(async attachment => {
          const { arn, type, attachedTo } = attachment
          const label: PolicyLabel = { type, name: parseArn(arn)?.resource.split('/').at(-1) ?? arn, arn, attachedTo }
          if (scope === null || !mayList(scope, attachment))
            return { label, read: await one(label, arn, NOTHING, depth) }
          const read = one(label, arn, await listed.listing, Math.max(depth, listed.depth + 1))
          return { label, read: await read }
        }),
      )
    },
  }
}

function described(policy: PolicyAnswer): Described | null {
  const { PolicyId, DefaultVersionId, AttachmentCount, PermissionsBoundaryUsageCount } = policy
  return DefaultVersionId === undefined
    ? null
    : { id: PolicyId, version: DefaultVersionId, reach: reachOf(AttachmentCount, PermissionsBoundaryUsageCount) }
}

const NOTHING: Listing = new Map()
const NO_LISTING = { listing: Promise.resolve(NOTHING), depth: 0 }

/**
 * Which listing takes the fewest requests: of the account's own policies, of everything attached, or none, with one request per
 * policy. Policies that a listing may lack are also read by ARN.
 */
function cheapest(wanted: readonly Attachment[]): Scope | null {
  const cost = (scope: Scope) => 1 + wanted.filter(attachment => !mayList(scope, attachment)).length
  const best = cost('Local') <= cost('All') ? 'Local' : 'All'
  return cost(best) < wanted.length ? best : null
}

/** AWS does not document whether a policy that is only used as a boundary counts as attached. */
function mayList(scope: Scope, { arn, type }: Attachment): boolean {
  return scope === 'Local' ? !isAwsManaged(arn) : type !== 'boundary'
}

const isAwsManaged = (arn: string) => parseArn(arn)?.accountId === 'aws'

function keep(versions: VersionCache, key: string, version: Version): void {
  const oldest = versions.keys().next().value
  if (versions.size >= MAX_VERSIONS && oldest !== undefined) versions.delete(oldest)
  versions.set(key, version)
}
