/** Where `diagnose` reads IAM from: files, or the account of the person's own AWS credentials. */
import { snapshotReader } from '../functions/adapters/account-snapshot.ts'
import { NO_ORG_FILE, readOrgFile } from '../functions/adapters/org-file.ts'
import { rememberedReads } from '../functions/adapters/remembered-reads.ts'
import type { AccessReader } from '../functions/core/ports.ts'
import type { DiagnoseArguments } from './diagnose-arguments.ts'
import type { LiveStats } from './diagnosis-output.ts'
import type { Io } from './io.ts'

export type DiagnoseReader = {
  readonly reader: AccessReader
  /** What was read since it was last asked; null when nothing is read live. */
  stats(): LiveStats | null
}

export async function openReader(
  { accounts, org, live }: DiagnoseArguments,
  homeRegion: string | null,
  io: Io,
): Promise<DiagnoseReader> {
  const orgText = org === null ? null : await io.readFile(org)
  if (live === null) {
    const files = await Promise.all(accounts.map(async name => ({ name, text: await io.readFile(name) })))
    const given = orgText === null || org === null ? {} : { org: orgText, orgName: org }
    return { reader: snapshotReader({ files, ...given }), stats: () => null }
  }
  const { readAccountLive } = await import('./live-access.ts')
  const { reader, takeStats } = await readAccountLive({ ...live, homeRegion }, io)
  const given = orgText === null || org === null ? NO_ORG_FILE : readOrgFile(org, orgText)
  return { reader: rememberedReads(org === null ? reader : withOrganization(reader, given)), stats: takeStats }
}

/** What the person says about the organization, in place of what may not be readable from their account. */
function withOrganization(reader: AccessReader, org: typeof NO_ORG_FILE): AccessReader {
  return {
    ...reader,
    organization: async () => org.organization,
    serviceControlPolicies: async accountId => org.serviceControlPolicies(accountId),
    resourceControlPolicies: async accountId => org.resourceControlPolicies(accountId),
  }
}
