import * as z from 'zod'
import { AUDIT_KINDS, type AuditRecord, GRANT_STATES } from '../../functions/domain/audit/index.ts'
import { policyDocument } from './diagnosis.ts'

const text = z.string()
const nullable = z.nullable(text)

/** Records of later versions may have further members, which the chain covers. */
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
  ledger: z
    .union([
      z.object({ checked: z.literal(false), why: text }),
      z.object({
        checked: z.literal(true),
        objects: z.int(),
        spent: z.int().describe('proposals whose write was begun'),
        outcomes: z.int(),
        pending: z.int().describe('younger than an hour: their outcome or its record may still come'),
        passkeys: z
          .readonly(z.array(z.object({ proposalId: text, userId: text, credential: text })))
          .describe('whose device signed exactly which change'),
        enrolled: z
          .union([
            z.object({ checked: z.literal(false), why: text }),
            z.object({ checked: z.literal(true), enrollments: z.int(), removals: z.nullable(z.int()) }),
          ])
          .describe(
            'enrolled/ and revoked/: whether each of these devices was enrolled by whom its enrollment names, and not removed before the write; removals null: a copy without revoked/, so that none was removed or it was not copied',
          ),
      }),
    ])
    .describe('what write keeps beside the log: spent/, written/, ended/, outcomes/, rejected/'),
})

export const auditReport = z.object({ file: text, records: z.int(), intact: z.boolean() })

const someone = z.object({ id: text, name: text, at: text.describe('ISO 8601') })

export const auditGrants = z.object({
  schema: z.literal('rolemedic.audit-grants/1'),
  intact: z.boolean().describe('whether the audit log is intact; if not, trust nothing below'),
  records: z.int(),
  grants: z
    .array(
      z.object({
        proposalId: text,
        state: z
          .enum(GRANT_STATES)
          .describe('part: not all could be written, and what was written could not be undone'),
        principal: nullable.describe('who was denied; a session of a role by its ARN'),
        action: nullable,
        resource: nullable,
        accountId: nullable,
        eventId: nullable.describe('the denied call that it was granted for'),
        targets: z.array(z.object({ kind: text, accountId: text, name: text, policyName: nullable, arn: text })),
        since: text.describe('ISO 8601'),
        until: nullable.describe('ISO 8601; null: without end'),
        approvedBy: z.array(someone),
        lastUsed: nullable.describe(
          'ISO 8601, within a week; null: no use was seen, which does not prove that there was none',
        ),
        asked: nullable.describe('ISO 8601: the latest card that asked whether it is still needed'),
        kept: z.nullable(someone).describe('who said last that it is'),
        why: nullable.describe('what went wrong; null: nothing did'),
      }),
    )
    .describe('the oldest first; one whose time is over is not among them'),
})

/** One denied call from its first to its last record. */
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

export type AuditGrantsOutput = z.infer<typeof auditGrants>
export type StatusOutput = z.infer<typeof status>
export type AuditRecordOutput = AuditRecord
