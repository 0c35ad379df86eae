import * as z from 'zod'
import type { Work } from '../ports.ts'
import { fail, ok, type Result } from '../result.ts'

const id = z.string().min(1).max(200)
const person = z.strictObject({ id, name: id })
const work = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('propose'), fingerprint: id }),
  z.strictObject({ kind: z.literal('apply'), proposalId: id }),
  z.strictObject({ kind: z.literal('revert'), proposalId: id, by: person.nullable().default(null) }),
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
