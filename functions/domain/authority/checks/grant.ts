/** What is granted: signed statements, and the documents that they are about, strictly parsed. */
import * as z from 'zod'
import { digestOf } from '../../../../core/base/canonical-json.ts'
import { list, type PolicyDocument } from '../../../../core/iam/policy/policy-document.ts'
import { TARGET_KINDS } from '../../../../core/patch/target.ts'
import { signedDecisionNowSchema } from '../decision.ts'
import { BOUNDED, signedShape, statementKind } from '../statement.ts'

const { text, texts, digest, risk, findings, blastRadius, approversNeeded } = BOUNDED

/** What `verify` signs before a write: that the approved change is still right. */
export const ATTESTATION = statementKind('rolemedic.attestation/1', 'attestations', {
  /** `decisionsDigest` of the decisions that it is about. */
  decisions: digest,
  patchDigest: digest,
  /** As analyzed again just now. */
  ...{ risk, findings, blastRadius, approversNeeded },
  /** Ids of everybody who was denied, or whom the session claims to be. */
  requesters: texts(100, 64),
  /** Whether the deployed configuration has break-glass. */
  breakGlass: z.boolean(),
  configDigest: digest,
})
export type Attestation = z.infer<typeof ATTESTATION.schema>

/** Over the statements alone: a signature of the same statement may have other bytes. */
export const decisionsDigest = (decisions: readonly object[]): string =>
  digestOf(decisions.map(decision => digestOf(decision)).sort())

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
const version = z.exactOptional(z.enum(['2012-10-17', '2008-10-17']))
const elements = { Version: version, Id: z.exactOptional(z.string()) }
/** Its statements are a list, so that everybody reads the same. */
const documentSchema: z.ZodType<PolicyDocument> = z.strictObject({ ...elements, Statement: statements })
const storedDocument = z.strictObject({ ...elements, Statement: z.union([statements, statement]) })

/** A document as IAM stores it. Null: it has an element that the grammar does not know. */
export function documentIn(json: unknown): PolicyDocument | null {
  const { data } = storedDocument.safeParse(json)
  return data === undefined ? null : { ...data, Statement: list(data.Statement) }
}

const targetSchema = z.strictObject({
  kind: z.enum(TARGET_KINDS),
  accountId: z.string().check(z.regex(/^\d{12}$/)),
  name: text(128),
  policyName: z.nullable(text(128)),
  arn: text(2048),
})

const changeSchema = z.strictObject({
  target: targetSchema,
  before: z.nullable(documentSchema),
  after: documentSchema,
})
export const changesSchema = z.readonly(z.array(changeSchema).check(z.minLength(1), z.maxLength(30)))

/** The signed approvals, what `verify` attests, and the required changes of the patch as they were approved, without their end. */
export const grantSchema = z.strictObject({
  decisions: z.readonly(z.array(signedDecisionNowSchema).check(z.minLength(1), z.maxLength(10))),
  attestation: signedShape(ATTESTATION),
  changes: changesSchema,
})
export type GrantInput = z.infer<typeof grantSchema>
