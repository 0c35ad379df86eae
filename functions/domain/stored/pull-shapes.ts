/** Schemas of stored and sent data about pull requests. */

import * as z from 'zod'
import { CODE_KINDS } from '../../../iac/repository/index.ts'
import { signedDecisionSchema, signedObservationSchema } from '../authority/index.ts'
import { PULL_STATES, type PullOrder, type PullRecord } from '../proposal/index.ts'
import { count, instant, policyChange, text, texts, verificationShape } from './shapes.ts'

const repository = z.object({ host: text, repository: text, branch: text, paths: texts, kind: z.enum(CODE_KINDS) })
export const codePlace = z.object({
  repository,
  entities: z.array(z.object({ arn: text, tags: z.record(text, text) })),
})

const seen = {
  state: z.enum(PULL_STATES),
  number: count.nullable(),
  url: text.nullable(),
  why: text.nullable(),
  snippet: text.nullable(),
}
export const pullRequest = z.object({
  ...seen,
  pollAtMs: instant.nullable(),
  aloneAtMs: instant.nullable(),
  reminders: count,
  coveredSinceMs: instant.nullable(),
  covered: z.array(signedObservationSchema).max(2).exactOptional(),
})
/** The link of a card is stored as `slackUrl`. */
const storedRecord = z.object({
  ...seen,
  withdrawn: z.boolean(),
  retryAtMs: instant.nullable(),
  slackUrl: text.nullable(),
  textDigest: text.nullable(),
  commit: text.optional(),
  remarks: texts,
})
export const pullRecordShape = z.pipe(
  storedRecord,
  z.transform(({ slackUrl, ...rest }: z.infer<typeof storedRecord>) => ({ ...rest, cardUrl: slackUrl })),
)
export const writtenRecord = ({ cardUrl, ...rest }: PullRecord): object => ({ ...rest, slackUrl: cardUrl })

const shown = z.object({ request: z.array(text.nullable()), summary: text, verification: verificationShape })
export const pullOrder = z.object({
  proposalId: z.string().regex(/^p-[0-9a-z-]{1,60}$/),
  wanted: z.enum(['open', 'poll', 'closed']),
  place: codePlace,
  changes: z.array(policyChange).max(50),
  /** An order of an earlier version has none, and is sent again. */
  decisions: z.array(signedDecisionSchema).max(20).default([]),
  /** An order of an earlier version has texts that nobody signed in place of these. */
  shown: shown.nullable().default(null),
  cardUrl: z.string().max(4_000).nullable().default(null),
  reminder: count.nullable().default(null),
})
/** With what the version before this one needs to read it: until it is replaced, it says no cause. */
export const writtenOrder = (order: PullOrder): object => {
  const [principal = null, action = null, resource = null] = order.shown?.request ?? []
  const denied = { action: action ?? '', principal: principal ?? '', resource: resource ?? '', deniedAtMs: null }
  const words = { cause: '', verdict: '', risk: '', checks: [], bridgeEndsAtMs: null, slackUrl: order.cardUrl }
  return { ...order, facts: { ...denied, ...words }, remark: null }
}
