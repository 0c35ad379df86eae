/** A signed statement of one function: what it says, bounded and strictly parsed, and who signed it. */
import * as z from 'zod'
import { fail, ok, type Result } from '../../../core/base/result.ts'
import { isSigned, type KeyRing, type KeyUse, type Signature, signatureSchema, signedBytes } from './signature.ts'

export type Signed<T> = { readonly statement: T; readonly signature: Signature }

/** `purpose` keeps a signature for one kind of statement from being used for another. */
export type StatementKind<T> = { readonly purpose: string; readonly use: KeyUse; readonly schema: z.core.$ZodType<T> }

export const signedShape = <T>({ schema }: StatementKind<T>) =>
  z.strictObject({ statement: schema, signature: signatureSchema })

/** The bytes to sign. Throws for what could not be read again. */
export const statementBytes = <T>({ purpose, schema }: StatementKind<T>, statement: T): Buffer =>
  signedBytes(purpose, z.parse(schema, statement))

/** The statement, only if the function that holds the key made it. */
export function verified<T>(kind: StatementKind<T>, signed: Signed<T>, keys: KeyRing): Result<T, string> {
  const isTheirs = isSigned(signedBytes(kind.purpose, signed.statement), signed.signature, keys, kind.use)
  return isTheirs ? ok(signed.statement) : fail(`the statement ${kind.purpose} carries no valid signature`)
}

const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const texts = (most: number, chars: number) => z.readonly(z.array(text(chars)).check(z.maxLength(most)))

/** What statements are made of. Everything has a bound. */
export const BOUNDED = {
  text,
  texts,
  digest: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  /** Milliseconds since 1970. */
  instant: z.int().check(z.gte(0), z.lte(8_640_000_000_000_000)),
  /** Made once for each deployment of the bot. */
  deploymentId: z.string().check(z.regex(/^[0-9a-f-]{8,64}$/)),
  /** A part of a storage key: no slash, no dot first. */
  proposalId: z.string().check(z.regex(/^[A-Za-z0-9][\w.-]{0,63}$/)),
  risk: z.enum(['low', 'elevated', 'high']),
  approversNeeded: z.int().check(z.gte(1), z.lte(10)),
  /** Codes of the findings that people saw, and what else becomes possible with the change. */
  findings: texts(100, 64),
  blastRadius: texts(100, 2000),
}

/** A kind of which each statement names its deployment and its proposal. */
export const statementKind = <const Purpose extends string, Members extends z.core.$ZodLooseShape>(
  purpose: Purpose,
  use: KeyUse,
  members: Members,
) => ({
  purpose,
  use,
  schema: z.strictObject({
    schema: z.literal(purpose),
    deploymentId: BOUNDED.deploymentId,
    proposalId: BOUNDED.proposalId,
    atMs: BOUNDED.instant,
    ...members,
  }),
})
