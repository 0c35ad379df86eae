/**
 * What `write` alone keeps: that a proposal was written, how far, and how it ended. Each object is created once, and its signature is over
 * everything that it says.
 */
import * as z from 'zod'
import { grantSchema } from './checks/grant.ts'
import { BOUNDED, type Signed, type StatementKind, signedShape } from './statement.ts'

const { text, texts, digest, instant, deploymentId, proposalId } = BOUNDED

/** `spent/<deployment>/<proposal>`: made before the first call that writes, so that a proposal is written once. */
const spentSchema = z.strictObject({
  schema: z.literal('rolemedic.spent/1'),
  deploymentId,
  proposalId,
  grant: grantSchema,
  /** What `write` held the grant against. */
  configDigest: digest,
  approvedSets: texts(200, 2048),
  /** Earlier grants that the change takes away. */
  withdraws: z.readonly(z.array(proposalId).check(z.maxLength(20))),
  atMs: instant,
})
export type Spent = z.infer<typeof spentSchema>
export type SignedSpent = Signed<Spent>
export const SPENT: StatementKind<Spent> = { purpose: 'rolemedic.spent/1', use: 'outcomes', schema: spentSchema }
export const signedSpentSchema = signedShape(SPENT)

export const RESULTS = [
  /** Nothing was spent: `verify` attests again. */
  'again',
  /** Nothing was written, and nothing will be. */
  'refused',
  /** Written and read back. */
  'written',
  /** It could not be written whole; everything was undone. */
  'undone',
  /** What it wrote could not be undone whole: `left` says what. */
  'left',
  /** Taken away for good. */
  'taken-away',
  /** It could not be taken away whole; it may be asked again. */
  'not-taken-away',
] as const
export type OutcomeResult = (typeof RESULTS)[number]

/** `outcomes/<deployment>/<number>`: a chain of its own. */
const outcomeSchema = z.strictObject({
  schema: z.literal('rolemedic.outcome/1'),
  deploymentId,
  /** From 1, without a gap. */
  number: z.int().check(z.gte(1)),
  /** `digestOf` the statement before; null for the first. */
  previous: z.nullable(digest),
  proposalId,
  ask: z.enum(['write', 'resume', 'take-away']),
  /** Digest of what was asked. */
  asked: digest,
  result: z.enum(RESULTS),
  code: z.nullable(text(64)),
  why: text(2000),
  requestIds: texts(100, 128),
  notes: texts(100, 500),
  /** Targets that still hold what was to be undone, and why. */
  left: z.readonly(
    z
      .array(z.strictObject({ arn: text(2048), policyName: z.nullable(text(128)), why: text(1000) }))
      .check(z.maxLength(30)),
  ),
  /** Earlier proposals that this write ended, each verified from its own `spent/`. */
  ended: texts(20, 64),
  atMs: instant,
})
export type WriteOutcome = z.infer<typeof outcomeSchema>
export type SignedOutcome = Signed<WriteOutcome>
export const OUTCOME: StatementKind<WriteOutcome> = {
  purpose: 'rolemedic.outcome/1',
  use: 'outcomes',
  schema: outcomeSchema,
}
export const signedOutcomeSchema = signedShape(OUTCOME)

/** `written/…/<n>`: IAM accepted write `n`, from 0. `ended/<deployment>/<proposal>/<ask>`: nothing of it is left, and it is over for good. */
const markSchema = z.strictObject({
  schema: z.literal('rolemedic.mark/1'),
  deploymentId,
  proposalId,
  /** The key of the object: a mark that is moved says nothing. */
  key: text(300),
  atMs: instant,
})
export type Mark = z.infer<typeof markSchema>
export const MARK: StatementKind<Mark> = { purpose: 'rolemedic.mark/1', use: 'outcomes', schema: markSchema }
export const signedMarkSchema = signedShape(MARK)

/** Beside `audit/`, not below it. `decide` alone puts `rejected/`, `write` the others, and nobody yet `revoked/`. */
export const spentKey = (deployment: string, proposal: string): string => `spent/${deployment}/${proposal}`
/** `what`: the number of the write, `back` from when it only goes back, `outcome-` and the number of the outcome that closed it. */
export const writtenKey = (deployment: string, proposal: string, what: string): string =>
  `written/${deployment}/${proposal}/${what}`
/** Without a proposal: of all. */
export const endedPrefix = (deployment: string, proposal: string | null = null): string =>
  proposal === null ? `ended/${deployment}/` : `ended/${deployment}/${proposal}/`
export const spentPrefix = (deployment: string): string => `spent/${deployment}/`
export const endedKey = (deployment: string, proposal: string, ask: string): string =>
  `${endedPrefix(deployment, proposal)}${ask}`
export const outcomeKey = (deployment: string, number: number): string =>
  `outcomes/${deployment}/${String(number).padStart(12, '0')}`
export const rejectedKey = (deployment: string, proposal: string): string => `rejected/${deployment}/${proposal}`
