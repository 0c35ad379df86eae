/**
 * What `write` alone keeps: that a proposal was written, how far, and how it ended. Each object is created once, and its signature is over
 * everything that it says.
 */
import { hash } from 'node:crypto'
import * as z from 'zod'
import { grantSchema } from './checks/grant.ts'
import { type Enrollment, passkeyRuleSchema } from './passkey.ts'
import { BOUNDED, type Signed, statementKind } from './statement.ts'

const { text, texts, digest, proposalId } = BOUNDED

/** `spent/<deployment>/<proposal>`: made before the first call that writes, so that a proposal is written once. */
export const SPENT = statementKind('rolemedic.spent/1', 'outcomes', {
  grant: grantSchema,
  /** What `write` held the grant against. */
  configDigest: digest,
  approvedSets: texts(200, 2048),
  /** Absent: none was needed, and none was given. */
  passkeys: z.exactOptional(passkeyRuleSchema),
  /** Earlier grants that the change takes away. */
  withdraws: z.readonly(z.array(proposalId).check(z.maxLength(20))),
})
export type Spent = z.infer<typeof SPENT.schema>

/** A target that still holds what was to be undone. */
const leftSchema = z.strictObject({ arn: text(2048), policyName: z.nullable(text(128)), why: text(1000) })
export type LeftTarget = z.infer<typeof leftSchema>

const reason = { code: z.nullable(text(64)), why: text(2000) }

/** `outcomes/<deployment>/<number>`: a chain of its own. */
export const OUTCOME = statementKind('rolemedic.outcome/1', 'outcomes', {
  /** From 1, without a gap. */
  number: z.int().check(z.gte(1)),
  /** `digestOf` the statement before; null for the first. */
  previous: z.nullable(digest),
  ask: z.enum(['write', 'resume', 'take-away']),
  /** Digest of what was asked. */
  asked: digest,
  result: z.enum([
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
  ]),
  ...reason,
  requestIds: texts(100, 128),
  notes: texts(100, 500),
  /** Identity Center was still giving a permission set to its accounts. Absent: not seen, or by an earlier version. */
  stillRuns: z.exactOptional(z.literal(true)),
  left: z.readonly(z.array(leftSchema).check(z.maxLength(30))),
  /** Earlier proposals that this write ended, each verified from its own `spent/`. */
  ended: texts(20, 64),
})
export type WriteOutcome = z.infer<typeof OUTCOME.schema>
export type SignedOutcome = Signed<WriteOutcome>

/** `written/…/<n>`: IAM accepted write `n`, from 0. `ended/<deployment>/<proposal>/<ask>`: nothing of it is left, and it is over for good. */
export const MARK = statementKind('rolemedic.mark/1', 'outcomes', {
  /** The key of the object: a mark that is moved says nothing. */
  key: text(300),
  /** Of `back`: why it goes back, also where another delivery ends that. Absent: it is taken away, or an earlier version made the mark. */
  because: z.optional(z.strictObject(reason)),
})
export type Mark = z.infer<typeof MARK.schema>
export const BACK_MARK = 'back'
export const OUTCOME_MARK = 'outcome-'

/** Beside `audit/`, not below it. `decide` alone puts `rejected/`, `enroll` `enrolled/` and `revoked/`, and `write` the others. */
type LedgerFolder = 'spent' | 'written' | 'ended' | 'rejected' | 'enrolled' | 'revoked'

/**
 * `parts`: the proposal; then in `written/` the number of the write, `back` from when it only goes back, `outcome-` and the number of the
 * outcome that closes it; in `ended/` the ask; in `revoked/` the name of a
 * credential, and in `enrolled/` its person's id before it.
 */
export const ledgerKey = (folder: LedgerFolder, deployment: string, ...parts: readonly string[]): string =>
  [folder, deployment, ...parts].join('/')
export const outcomeKey = (deployment: string, number: number): string =>
  `outcomes/${deployment}/${String(number).padStart(12, '0')}`

/** In `revoked/`. Of the device's key: a client gives its credential any id. */
export const credentialName = ({ publicKey }: Pick<Enrollment, 'publicKey'>): string =>
  hash('sha256', publicKey).slice(0, 32)
