/** The source of IAM data: files, or the account of the user's AWS credentials. */

import type { GivenAccount } from '../../core/access/index.ts'
import type { PolicyArchive } from '../../core/iam/index.ts'
import { type OrgFile, readOrgFile } from '../../core/snapshots/index.ts'
import { streamedReader } from '../../functions/adapters/files/index.ts'
import type { AccessReader, AwsExplanations } from '../../functions/ports/index.ts'
import { cachedReader } from '../live/cached-reader.ts'
import type { LiveStats } from '../live/live-access.ts'
import type { HistorySource } from './trail/asked-history.ts'
import type { UseCaseWorld } from './world.ts'

export type IamSource = {
  /** Files from aws iam get-account-authorization-details. With `live`: an earlier reading of the account. */
  readonly accounts: readonly string[]
  /** The organization file. */
  readonly org: string | null
  /** Reads with the AWS credentials of the machine. Null: reads the files. */
  readonly live: { readonly profile: string | null; readonly region: string | null } | null
}

export const NO_IAM: IamSource = { accounts: [], org: null, live: null }

export type IamReader = {
  readonly reader: AccessReader
  /** The accounts of the files. Null: IAM is read from AWS. */
  readonly given: readonly GivenAccount[] | null
  /** What the files have besides what applies now. Absent: IAM is read from AWS. */
  readonly archive?: PolicyArchive
  /** When the files were written, the latest of them. Null: not known. */
  readonly writtenAtMs?: number | null
  /** With AWS's answers of now: what files of an earlier time show, and when they were written. Absent: none were given. */
  readonly earlier?: {
    readonly reader: AccessReader & { readonly archive: PolicyArchive }
    readonly writtenAtMs: number | null
  }
  /** What happened around a denial. Absent: files were given. */
  readonly history?: HistorySource
  /** AWS's own explanations. Null: there are no credentials. */
  readonly explanations: AwsExplanations | null
  /** The requests since the last call. Null without `--live`. */
  stats(): LiveStats | null
}

export async function openReader(
  { accounts, org, live }: IamSource,
  homeRegion: string | null,
  world: UseCaseWorld,
): Promise<IamReader> {
  const given = org === null ? null : { org: await world.readFile(org), orgName: org }
  const files = async () => {
    const reader = await streamedReader({
      files: accounts.map(name => ({ name, chunks: world.readBytes(name) })),
      ...given,
    })
    const written = await Promise.all(accounts.map(name => world.writtenAtMs?.(name) ?? null))
    const writtenAtMs = written.includes(null) || written.length === 0 ? null : Math.max(...written.map(ms => ms ?? 0))
    return { reader, writtenAtMs }
  }
  if (live === null) {
    const { reader, writtenAtMs } = await files()
    return { reader, given: reader.given, archive: reader.archive, writtenAtMs, explanations: null, stats: () => null }
  }
  const earlier = accounts.length === 0 ? {} : { earlier: await files() }
  const { readAccountLive } = await import('../live/live-access.ts')
  const { reader, explanations, history, takeStats } = await readAccountLive({ ...live, homeRegion }, world)
  const whole = given === null ? reader : withOrganization(reader, readOrgFile(given.orgName, given.org))
  return { reader: cachedReader(whole), given: null, ...earlier, explanations, history, stats: takeStats }
}

/** Replaces the organization, which may be unreadable from the user's account, by the `--org` file. */
function withOrganization(reader: AccessReader, org: OrgFile): AccessReader {
  return {
    ...reader,
    organization: async () => org.organization,
    serviceControlPolicies: async accountId => org.serviceControlPolicies(accountId),
    resourceControlPolicies: async accountId => org.resourceControlPolicies(accountId),
  }
}
