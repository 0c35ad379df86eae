/** The JSON of the notices that follow a record of the audit log, one schema each. Later versions may add members. */
import * as z from 'zod'
import { CHAT_NAME } from '../config/index.ts'
import type { AuditKind } from './audit-record.ts'

const instant = z.string().describe('ISO 8601')
const person = z.object({ id: z.string(), name: z.string() })

const BASE = {
  /** Of the record: the same in a notice that arrives twice. */
  key: z.string().describe('the same if the notice arrives twice'),
  sequence: z.int().describe('of the record in the audit log: rolemedic audit show'),
  at: instant,
  proposalId: z.nullable(z.string()),
  accountId: z.nullable(z.string()),
  accountAlias: z.nullable(z.string()).describe('of the configuration'),
  action: z.nullable(z.string()),
  principal: z.nullable(z.string()).describe('ARN of who was denied'),
  resource: z.nullable(z.string()).describe('ARN of the role'),
  digest: z.nullable(z.string()).describe('of the change'),
  by: z.nullable(person).describe('null: nobody, time or rolemedic did it'),
  link: z.nullable(z.string()).describe(`the card in ${CHAT_NAME}; null: ${CHAT_NAME} did not say its address`),
}

const notice = <const S extends string, M extends z.ZodRawShape>(kind: S, more: M) =>
  z.object({ schema: z.literal(`rolemedic.notice-${kind}/1`), kind: z.literal(kind), ...BASE, ...more })

const DECIDED = {
  risk: z.enum(['low', 'elevated', 'high']).describe('as this person saw it'),
  approversNeeded: z.int(),
  endsAt: z.nullable(instant).describe('when the grant ends; null: not by itself'),
  ticket: z.nullable(z.string()),
}
const CHANGED = {
  targets: z.array(z.object({ kind: z.string(), arn: z.string(), policyName: z.nullable(z.string()) })),
  requestIds: z.array(z.string()).describe('of the calls to IAM'),
}

export const NOTICE_DETAILS = {
  approved: notice('approved', { ...DECIDED, reason: z.nullable(z.string()) }),
  applied: notice('applied', CHANGED),
  reverted: notice('reverted', { ...CHANGED, why: z.string() }),
  expired: notice('expired', {}),
  'break-glass': notice('break-glass', { ...DECIDED, reason: z.string() }),
  ratified: notice('ratified', { approversNeeded: z.int() }),
  'not-ratified': notice('not-ratified', { reason: z.string() }),
  forged: notice('forged', { why: z.string() }),
} as const

export type RecordNoticeKind = keyof typeof NOTICE_DETAILS
export type RecordNoticeDetail = {
  readonly [K in RecordNoticeKind]: z.infer<(typeof NOTICE_DETAILS)[K]>
}[RecordNoticeKind]

/** The records of other kinds are no news to programs. */
export const NOTICED: readonly AuditKind[] = [
  'approved',
  'applied',
  'reverted',
  'expired',
  'break-glass',
  'confirmed',
  'forged',
]
