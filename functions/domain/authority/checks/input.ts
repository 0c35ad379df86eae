/** What `write` is asked for, as its one schema reads it: signed statements, and the documents that they are about. */
import * as z from 'zod'
import type { PolicyDocument } from '../../../../core/iam/policy/policy-document.ts'
import { TARGET_KINDS } from '../../../../core/patch/target.ts'
import { signedAttestationSchema, signedObservationSchema } from '../attestation.ts'
import { signedDecisionSchema } from '../decision.ts'
import { signatureSchema } from '../signature.ts'
import { BOUNDED } from '../statement.ts'

const { text, texts, instant, proposalId } = BOUNDED

/** Far above what a change of a whole deploy takes; a queue message has at most 1 MiB. */
export const MAX_ASK_CHARS = 1_000_000

const oneOrMore = z.union([text(2048), z.readonly(z.array(text(2048)).check(z.minLength(1), z.maxLength(500)))])
const value = z.union([z.string().check(z.maxLength(2048)), z.number(), z.boolean()])
const principal = z.union([
  z.literal('*'),
  z.partialRecord(z.enum(['AWS', 'Service', 'Federated', 'CanonicalUser']), oneOrMore),
])
const condition = z.record(text(128), z.record(text(512), z.union([value, z.readonly(z.array(value))])))

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
const statement = z.strictObject({
  Sid: z.exactOptional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.exactOptional(principal),
  NotPrincipal: z.exactOptional(principal),
  Action: z.exactOptional(oneOrMore),
  NotAction: z.exactOptional(oneOrMore),
  Resource: z.exactOptional(oneOrMore),
  NotResource: z.exactOptional(oneOrMore),
  Condition: z.exactOptional(condition),
})
const statements = z.readonly(z.array(statement).check(z.maxLength(300)))
const document = z.strictObject({
  Version: z.exactOptional(z.enum(['2012-10-17', '2008-10-17'])),
  Id: z.exactOptional(z.string()),
  Statement: statements,
})
const single = z.strictObject({ ...document.shape, Statement: statement })

/** A document as IAM stores it. Null: it has an element that the grammar does not know. */
export function documentIn(json: unknown): PolicyDocument | null {
  const many = document.safeParse(json)
  if (many.success) return many.data as PolicyDocument
  const one = single.safeParse(json)
  return one.success ? ({ ...one.data, Statement: [one.data.Statement] } as PolicyDocument) : null
}

/** Held by the schema of the grammar above. */
const documentSchema = z.custom<PolicyDocument>(json => document.safeParse(json).success, 'not a policy document')

const targetSchema = z.strictObject({
  kind: z.enum(TARGET_KINDS),
  accountId: z.string().check(z.regex(/^\d{12}$/)),
  name: text(128),
  policyName: z.nullable(text(128)),
  arn: text(2048),
})

export const changeSchema = z.strictObject({
  target: targetSchema,
  before: z.nullable(documentSchema),
  after: documentSchema,
})
const changes = z.readonly(z.array(changeSchema).check(z.minLength(1), z.maxLength(30)))
const decisions = z.readonly(z.array(signedDecisionSchema).check(z.minLength(1), z.maxLength(10)))

/** The signed approvals, what `verify` attests, and the required changes of the patch as they were approved, without their end. */
export const grantSchema = z.strictObject({ decisions, attestation: signedAttestationSchema, changes })
export type GrantInput = z.infer<typeof grantSchema>

/** A grant of a version that kept no `spent/`: it can only be taken away. */
const earlierSchema = z.strictObject({
  decisions,
  changes,
  applied: z.strictObject({ body: z.unknown(), signature: signatureSchema }),
})
export type EarlierGrantInput = z.infer<typeof earlierSchema>

const reasonSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('revert'), decision: signedDecisionSchema }),
  z.strictObject({ kind: z.literal('end') }),
  z.strictObject({
    kind: z.literal('covered'),
    observations: z.tuple([signedObservationSchema, signedObservationSchema]),
  }),
])
export type TakeAwayReason = z.infer<typeof reasonSchema>

/** Everything in it is a claim: `write` believes what is signed. */
export const askSchema = z.discriminatedUnion('ask', [
  z.strictObject({
    schema: z.literal('rolemedic.ask/1'),
    ask: z.literal('write'),
    proposalId,
    grant: grantSchema,
    withdraws: texts(20, 64),
  }),
  z.strictObject({ schema: z.literal('rolemedic.ask/1'), ask: z.literal('resume'), proposalId }),
  z.strictObject({
    schema: z.literal('rolemedic.ask/1'),
    ask: z.literal('take-away'),
    proposalId,
    reason: reasonSchema,
    /** Null: the proposal has a `spent/`. */
    earlier: z.nullable(earlierSchema),
    askedAtMs: instant,
  }),
])
export type WriteAsk = z.infer<typeof askSchema>
export type WriteAskOf<K extends WriteAsk['ask']> = Extract<WriteAsk, { readonly ask: K }>
