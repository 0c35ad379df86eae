/** The body of a message in a work queue. A message without `v` has the first version, which had no such member. */

import * as z from 'zod'
import { fail, type Result } from '../../../core/base/index.ts'
import type { Work } from '../proposal/index.ts'
import { pullOrder, writtenOrder } from './pull-shapes.ts'
import { personOf } from './shapes.ts'
import { codec, FIRST_VERSION } from './versions.ts'

const id = z.string().min(1).max(200)
const work = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('propose'), fingerprint: id }),
  z.object({ kind: z.literal('first-look'), fingerprint: id }),
  z.object({ kind: z.literal('announce'), deploy: id }),
  z.object({ kind: z.literal('review'), proposalId: id }),
  z.object({ kind: z.literal('suggest'), proposalId: id }),
  z.object({ kind: z.literal('renew'), proposalId: id }),
  z.object({ kind: z.literal('solved'), proposalId: id }),
  z.object({ kind: z.literal('pressed'), proposalId: id }),
  /** `apply` is what an earlier version called it. */
  z.pipe(
    z.object({ kind: z.enum(['verify', 'apply']), proposalId: id }),
    z.transform(({ proposalId }) => ({ kind: 'verify' as const, proposalId })),
  ),
  z.object({ kind: z.literal('outcome'), proposalId: id, number: z.int().min(1) }),
  z.object({ kind: z.literal('witness'), proposalId: id }),
  z.object({ kind: z.literal('revert'), proposalId: id, by: personOf(id).nullable().default(null) }),
  z.object({ kind: z.literal('bridge'), proposalId: id }),
  z.object({ kind: z.literal('publish'), order: pullOrder }),
])
const versioned = z.object({ v: z.int().default(FIRST_VERSION) })

const WORK = codec<Work>(work, asked =>
  asked.kind === 'publish' ? { ...asked, order: writtenOrder(asked.order) } : asked,
)

/** Who sends it tries whether it may. It is dropped. */
export const TRIAL_MESSAGE = 'trial'

export const workMessage = (value: Work): string => JSON.stringify(WORK.write(value))

export function parseWork(body: string): Result<Work, string> {
  let stored: unknown
  try {
    stored = JSON.parse(body)
  } catch {
    return fail('the message is not JSON')
  }
  const version = versioned.safeParse(stored)
  return version.success ? WORK.read(stored, version.data.v) : fail('the message has no version that can be read')
}
