/** Reads accounts from files in the format of `aws iam get-account-authorization-details`, and from an `--org` file. */

import { digestOf } from '../../../core/base/index.ts'
import {
  type AccountPage,
  type AccountsRead,
  accessIn,
  accountParser,
  type GivenOrganization,
  readAccountDetails,
} from '../../../core/snapshots/index.ts'
import type { AccessReader, PolicyVersions } from '../../ports/access-reader.ts'

/** `name`: the file name in messages. */
type Named<T> = GivenOrganization & { readonly files: readonly ({ readonly name: string } & T)[] }

export type SnapshotReader = AccessReader & Pick<AccountsRead, 'given' | 'archive' | 'texts'>

/** Throws UsageError for an invalid file. Missing data becomes unknown. */
export function snapshotReader({ files, ...org }: Named<{ readonly text: string }>): SnapshotReader {
  const read = files.map(({ name, text }) => ({ name, details: readAccountDetails(name, text) }))
  return readerOf(accessIn(read, org))
}

/** Like `snapshotReader`, for files of any length, read one after the other. */
export async function streamedReader({
  files,
  ...org
}: Named<{ readonly chunks: AsyncIterable<Uint8Array> }>): Promise<SnapshotReader> {
  const read: { readonly name: string; readonly details: AccountPage }[] = []
  for (const { name, chunks } of files) read.push({ name, details: await streamed(name, chunks) })
  return readerOf(accessIn(read, org))
}

const readerOf = (accounts: AccountsRead): SnapshotReader => ({
  given: accounts.given,
  archive: accounts.archive,
  texts: accounts.texts,
  identity: async entity => accounts.identity(entity),
  role: async (entity, scope = 'whole') => accounts.role(entity, scope),
  roles: async accountId => accounts.roles(accountId),
  instanceProfileRole: async entity => accounts.instanceProfileRole(entity),
  organization: async () => accounts.organization(),
  serviceControlPolicies: async accountId => accounts.serviceControlPolicies(accountId),
  resourceControlPolicies: async accountId => accounts.resourceControlPolicies(accountId),
})

/** Parses an account file of any length. */
async function streamed(file: string, chunks: AsyncIterable<Uint8Array>): Promise<AccountPage> {
  const parser = accountParser(file)
  for await (const chunk of chunks) parser.push(chunk)
  return parser.end()
}

/** The versions of policies in the files of the moment. */
export function snapshotVersions(reader: () => Pick<SnapshotReader, 'archive'>): PolicyVersions {
  const digestsOf = (arns: readonly string[]) =>
    new Map(
      arns.flatMap(arn => {
        const policy = reader().archive.policy(arn)
        return policy === null ? [] : [[arn, digestOf([policy.defaultVersionId, [...policy.versions]])] as const]
      }),
    )
  return {
    digestsOf: async arns => digestsOf(arns),
    versionsOf: async arns => ({ archive: reader().archive, digestByArn: digestsOf(arns), unread: null }),
  }
}
