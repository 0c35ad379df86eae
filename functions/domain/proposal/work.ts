import * as z from 'zod'
import type { Person } from '../base/person.ts'
import { fail, ok, type Result } from '../base/result.ts'

export type Work =
  | { readonly kind: 'propose'; readonly fingerprint: string }
  | { readonly kind: 'apply'; readonly proposalId: string }
  /** `by`: whoever asks without a card; null or absent when the proposal names who asked. */
  | { readonly kind: 'revert'; readonly proposalId: string; readonly by?: Person | null }

const id = z.string().check(z.minLength(1), z.maxLength(200))
const person = z.strictObject({ id, name: id })
const work = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('propose'), fingerprint: id }),
  z.strictObject({ kind: z.literal('apply'), proposalId: id }),
  z.strictObject({ kind: z.literal('revert'), proposalId: id, by: z._default(z.nullable(person), null) }),
])

/** The body of a queue message. */
export function parseWork(body: string): Result<Work, string> {
  try {
    const parsed = work.safeParse(JSON.parse(body))
    return parsed.success ? ok(parsed.data) : fail(z.prettifyError(parsed.error))
  } catch {
    return fail('the message is not JSON')
  }
}
