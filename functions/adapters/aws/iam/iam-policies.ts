/** Reads the policies of one role or user after its listings are known. */

import type { IAMClient, Tag } from '@aws-sdk/client-iam'
import { ABSENT, type Read, type Unknown, unreadable } from '../../../../core/base/index.ts'
import { parseArn, parseEntityArn, type SourcedPolicy } from '../../../../core/iam/index.ts'
import { type PolicyLabel, type PolicyReads, seenAndUnseen, sourcedPolicy } from '../../../../core/snapshots/index.ts'
import type { Attachment, ManagedPolicies, VersionCache } from './managed-policies.ts'
import type { Ask } from './read-calls.ts'

export type AccountReads = {
  readonly accountId: string
  readonly iam: IAMClient
  readonly ask: Ask
  readonly versions: VersionCache
  /** The depth of a request that waits for no other read. */
  readonly first: number
  /** Rejects an entity of another account with the same name. */
  ours<T>(read: Promise<Read<T>>, arnOf: (value: T) => string | undefined): Promise<Read<T>>
}

export type Listing<T> = { readonly what: string; readonly read: Read<readonly T[]> }

/** The items of a listing; empty if it could not be read, which `unlisted` reports. */
export const listed = <T>({ read }: Listing<T>): readonly T[] => (read.kind === 'found' ? read.value : [])

export function unlisted(listings: readonly Listing<unknown>[]): readonly Unknown[] {
  return listings.flatMap(({ what, read }) => {
    if (read.kind === 'found') return []
    return [{ fact: what, why: read.kind === 'unreadable' ? read.why : 'it was deleted while being read' }]
  })
}

type InlineAnswer = { readonly PolicyDocument?: string | undefined }

export function inlinePolicies(
  names: readonly string[],
  attachedTo: string,
  read: (name: string) => Promise<Read<InlineAnswer>>,
): Promise<PolicyReads> {
  return Promise.all(
    names.map(async name => {
      const label: PolicyLabel = { type: 'identity', name, arn: null, attachedTo }
      const answer = await read(name)
      return { label, read: answer.kind === 'found' ? sourcedPolicy(label, answer.value.PolicyDocument) : answer }
    }),
  )
}

export const attachments = (arns: readonly string[], attachedTo: string): readonly Attachment[] =>
  arns.map(arn => ({ arn, type: 'identity', attachedTo }))

/** Attached policies and the boundary. Their default versions are read together. */
export async function managedOf(
  managed: ManagedPolicies,
  entity: { readonly arn: string; readonly boundaryArn: string | undefined; readonly attached: readonly string[] },
  depth: number,
): Promise<{ readonly attached: PolicyReads; readonly boundary: Read<SourcedPolicy> }> {
  const { arn, boundaryArn, attached } = entity
  const edge: readonly Attachment[] =
    boundaryArn === undefined ? [] : [{ arn: boundaryArn, type: 'boundary', attachedTo: arn }]
  const reads = await managed.read([...attachments(attached, arn), ...edge], depth)
  const boundary = reads.find(({ label }) => label.type === 'boundary')?.read
  return {
    attached: reads.filter(({ label }) => label.type === 'identity'),
    // A boundary whose policy was deleted still limits the entity, so it differs from no boundary.
    boundary:
      boundary?.kind === 'absent' ? unreadable(`boundary ${boundaryArn} no longer exists`) : (boundary ?? ABSENT),
  }
}

export function joinPolicyReads(parts: readonly PolicyReads[], unlistedParts: readonly Unknown[]) {
  const { policies, unseen } = seenAndUnseen(parts.flat())
  return { policies, unseen: [...unlistedParts, ...unseen] }
}

type Detail = {
  readonly Arn?: string | undefined
  readonly Path?: string | undefined
  readonly Tags?: Tag[] | undefined
}

export function labels(detail: Detail & { readonly Arn: string }, name: string, uniqueId: string | undefined) {
  return {
    arn: detail.Arn,
    accountId: parseArn(detail.Arn)?.accountId ?? '',
    name,
    path: parseEntityArn(detail.Arn)?.path ?? detail.Path ?? '/',
    uniqueId: uniqueId ?? null,
    tags: Object.fromEntries(
      (detail.Tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])),
    ),
  }
}
