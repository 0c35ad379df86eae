/** What the smoke test of a member reads: heartbeat and audit log in the hub, and CloudTrail's event history in the member. */

import type { S3Client } from '@aws-sdk/client-s3'
import { z } from 'zod'
import { RolemedicError, UsageError } from '../../core/base/index.ts'
import { entityName, parseRoleArn, partitionOfRegion } from '../../core/iam/index.ts'
import { s3AuditObjects } from '../../functions/adapters/aws/audit-log/index.ts'
import { type EventHistoryOptions, eventHistory } from '../../functions/adapters/aws/event-history/index.ts'
import { parseAuditRecord } from '../../functions/domain/audit/index.ts'
import type { MemberRegion } from '../../functions/domain/members/index.ts'
import { heardFrom } from '../../functions/domain/stored/index.ts'
import type { ProposalStore } from '../../functions/ports/index.ts'
import { WRITER_ROLE } from '../../infra/names.ts'
import { GLOBAL_REGIONS } from '../../infra/settings.ts'
import type { MemberPath } from './steps.ts'

export type MemberPathOptions = {
  readonly member: MemberRegion
  readonly store: Pick<ProposalStore, 'getMarker'>
  /** The role whose policy the approved change edits. */
  readonly callerArn: string
  readonly history: EventHistoryOptions
  /** Null: the audit log is not read. */
  readonly audit: { readonly client: S3Client; readonly from: string } | null
}

const write = z.object({
  requestParameters: z.object({ roleName: z.string() }),
  userIdentity: z.object({
    sessionContext: z.object({
      sessionIssuer: z.object({ arn: z.string() }),
      sourceIdentity: z.string().min(1),
    }),
  }),
})

/** Calls that write the change of a role: to its own policy, or to its trust policy. */
const WRITES = ['PutRolePolicy', 'UpdateAssumeRolePolicy'] as const

export function memberPath({ member, store, callerArn, history, audit }: MemberPathOptions): MemberPath {
  const { accountId, region } = member
  const { search } = eventHistory(history)
  // IAM is global: its events are in one Region of the partition.
  const place = { accountId, region: GLOBAL_REGIONS[partitionOfRegion(region)] ?? region }
  return {
    ...member,
    async heardAtMs() {
      return (await store.getMarker(heardFrom(accountId)))?.value[region]?.atMs ?? null
    },
    async writerSourceIdentity(sinceMs) {
      for (const eventName of WRITES) {
        const found = await search(place, { eventName }, { fromMs: sinceMs, toMs: history.clock() })
        if (!found.known) throw new RolemedicError('smoke', found.why)
        for (const record of found.value.records) {
          const identity = sourceIdentityIn(record, entityName(callerArn))
          if (identity !== null) return identity
        }
      }
      return null
    },
    auditKinds: audit === null ? null : proposalId => auditKinds(audit, proposalId),
  }
}

/** Null: another call, or a call without a source identity. */
function sourceIdentityIn(record: unknown, roleName: string): string | null {
  const read = write.safeParse(record)
  if (!read.success || read.data.requestParameters.roleName !== roleName) return null
  const { sessionIssuer, sourceIdentity } = read.data.userIdentity.sessionContext
  return parseRoleArn(sessionIssuer.arn)?.name === WRITER_ROLE ? sourceIdentity : null
}

async function auditKinds(
  { client, from }: { readonly client: S3Client; readonly from: string },
  proposalId: string,
): Promise<readonly string[]> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(from) ?? []
  if (bucket === '') throw new UsageError(`${from}: expected s3://bucket/prefix`)
  const kinds: string[] = []
  for await (const { text } of s3AuditObjects({ client, bucket, prefix: prefix === '' ? 'audit' : prefix }).stored()) {
    const record = parseAuditRecord(text)
    if (record.ok && record.value.entry.proposalId === proposalId) kinds.push(record.value.entry.kind)
  }
  return kinds
}
