import { z } from 'zod'
import { AUDIT_KINDS, type AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { policyDocument } from './diagnosis.ts'

const text = z.string()
const nullable = z.nullable(text)

/** Records of later versions may hold more, which the chain covers. */
export const auditRecord = z.looseObject({
  schema: text.regex(/^rolemedic\.audit\/\d+$/),
  sequence: z.int().min(1).describe('from 1, without gaps'),
  previousHash: nullable.describe('hash of the record before; null for the first'),
  entry: z.looseObject({
    kind: z.enum(AUDIT_KINDS),
    atMs: z.number().describe('milliseconds since 1970, UTC'),
    proposalId: nullable,
    key: text,
    by: z.nullable(z.looseObject({ id: text, name: text })),
    principal: nullable,
    resource: nullable,
    action: nullable,
    accountId: nullable,
    eventIds: z.array(text),
    requestIds: z.array(text),
    digest: nullable,
    changes: z.array(
      z.looseObject({
        target: z.looseObject({ kind: text, accountId: text, name: text, policyName: nullable, arn: text }),
        before: z.nullable(policyDocument),
        after: z.nullable(policyDocument),
      }),
    ),
    why: text,
    botVersion: text,
    card: z
      .looseObject({ channel: text, ts: text, threadTs: z.exactOptional(text) })
      .exactOptional()
      .describe('the message of the card; absent before it is posted, and in older records'),
  }),
  hash: text.regex(/^sha256:[0-9a-f]{64}$/),
})

export const auditVerify = z.looseObject({
  intact: z.boolean(),
  records: z.int(),
  head: z.nullable(z.object({ sequence: z.int(), hash: text })),
  endIsPinned: z.boolean().describe('false: nothing outside the log says where it ends'),
  afterHead: z.int().describe('records beyond the last known head; a crash leaves at most one'),
  findings: z.array(z.object({ kind: text, place: text, sequence: z.nullable(z.int()), detail: text })),
})

export const auditReport = z.object({ file: text, records: z.int(), intact: z.boolean() })

/** One denied call from its first record to its last. */
export const status = z.object({
  schema: z.literal('rolemedic.status/1'),
  intact: z.boolean().describe('whether the audit log is intact; if not, trust nothing below'),
  records: z.int(),
  cases: z
    .array(
      z.object({
        id: text.describe('the proposal'),
        denialId: text.describe('the CloudTrail event'),
        action: text,
        principal: text,
        resource: text,
        accountId: text,
        state: z.enum(AUDIT_KINDS).describe('what happened last'),
        since: text.describe('ISO 8601'),
        last: text.describe('ISO 8601'),
        why: text,
        digest: nullable,
      }),
    )
    .describe('the latest first'),
  more: z.int().describe('cases that match and are not listed'),
})

export type StatusOutput = z.infer<typeof status>
export type AuditRecordOutput = AuditRecord
