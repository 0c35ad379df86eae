/** Schemas of stored and sent data about pull requests. */

import * as z from 'zod'
import { CODE_KINDS } from '../../../iac/repository/index.ts'
import { signedDecisionSchema, signedObservationSchema } from '../authority/index.ts'
import { PULL_STATES, type PullOrder, type PullRecord } from '../proposal/index.ts'
import { count, instant, policyChange, text, texts } from './shapes.ts'

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
type StoredUrl = { readonly slackUrl: string | null }
const withCardUrl = <T extends StoredUrl>({ slackUrl, ...rest }: T) => ({ ...rest, cardUrl: slackUrl })
const withStoredUrl = <T extends { readonly cardUrl: string | null }>({ cardUrl, ...rest }: T) => ({
  ...rest,
  slackUrl: cardUrl,
})

const storedRecord = z.object({
  ...seen,
  withdrawn: z.boolean(),
  retryAtMs: instant.nullable(),
  slackUrl: text.nullable(),
  textDigest: text.nullable(),
  commit: text.optional(),
  remarks: texts,
})
export const pullRecordShape = z.pipe(storedRecord, z.transform(withCardUrl<z.infer<typeof storedRecord>>))
export const writtenRecord = (record: PullRecord): object => withStoredUrl(record)

const short = z.string().max(4_000)
const storedFacts = z.object({
  action: short,
  principal: short,
  resource: short,
  deniedAtMs: instant.nullable(),
  cause: short,
  verdict: short,
  risk: short,
  checks: z.array(short).max(100),
  bridgeEndsAtMs: instant.nullable(),
  slackUrl: short.nullable(),
})
export const pullOrder = z.object({
  proposalId: z.string().regex(/^p-[0-9a-z-]{1,60}$/),
  wanted: z.enum(['open', 'poll', 'closed']),
  place: codePlace,
  changes: z.array(policyChange).max(50),
  /** An order of an earlier version has none, and is sent again. */
  decisions: z.array(signedDecisionSchema).max(20).default([]),
  facts: z.pipe(storedFacts, z.transform(withCardUrl<z.infer<typeof storedFacts>>)),
  remark: z.nullable(z.object({ key: short, text: short })),
})
export const writtenOrder = (order: PullOrder): object => ({ ...order, facts: withStoredUrl(order.facts) })
