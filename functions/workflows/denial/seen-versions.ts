/** Versions of the managed policies behind a caller: they show what a write replaced. */

import { neutralText } from '../../../core/base/index.ts'
import type { PolicyArchive } from '../../../core/iam/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { PolicyVersions } from '../../ports/access-reader.ts'
import type { Clock } from '../../ports/clock.ts'
import { type ListedName, policyIn, type SeenWrites } from './seen-writes.ts'

/** A policy takes a list of its versions, and at most five documents. */
const MAX_POLICIES = 3

type Deps = { readonly policyVersions: PolicyVersions; readonly clock: Clock }

const policiesOf = (names: readonly ListedName[]): readonly string[] =>
  names.flatMap(({ name }) => (name.startsWith('arn:') ? [name] : []))

/** To compare with a later reading. Null: there are none, too many, or they cannot be read. */
export async function versionDigests(
  behind: readonly ListedName[],
  { policyVersions, clock }: Deps,
): Promise<NonNullable<Proposal['versions']> | null> {
  const arns = policiesOf(behind)
  if (arns.length === 0 || arns.length > MAX_POLICIES) return null
  const digestByArn = await policyVersions.digestsOf(arns).catch(() => null)
  return digestByArn === null ? null : { digestByArn: Object.fromEntries(digestByArn), readAtMs: clock() }
}

export type SeenVersions = {
  readonly archive: PolicyArchive
  /** By ARN. */
  readonly digestByArn: ReadonlyMap<string, string>
  /** Why some are not in it. Null: none is missing. */
  readonly unread: string | null
}

/** Of the policies that a write names. Null: no write names one of which all writes are known. */
export async function readVersions(
  { trail, names }: SeenWrites,
  { policyVersions }: Pick<Deps, 'policyVersions'>,
): Promise<SeenVersions | null> {
  const written = new Set(trail.writes.map(policyIn))
  const arns = policiesOf(names).filter(arn => written.has(arn))
  if (arns.length === 0) return null
  if (arns.length > MAX_POLICIES) return none(`the versions of ${arns.length} policies are too many to read`)
  try {
    const { archive, digestByArn, unread } = await policyVersions.versionsOf(arns)
    return { archive, digestByArn, unread: unread === null ? null : bounded(unread) }
  } catch (error) {
    return none(`the versions of policies could not be read: ${String(error)}`)
  }
}

/** When the same versions were read before. Null: they were others, or were not read. */
export function sameSince({ digestByArn }: SeenVersions, { versions }: Pick<Proposal, 'versions'>): number | null {
  if (versions === undefined) return null
  const isSame = [...digestByArn].every(([arn, digest]) => versions.digestByArn[arn] === digest)
  return isSame ? versions.readAtMs : null
}

const bounded = (why: string): string => neutralText(why, 500)

const none = (why: string): SeenVersions => ({
  ...{ archive: { policy: () => null, group: () => null }, digestByArn: new Map(), unread: bounded(why) },
})
