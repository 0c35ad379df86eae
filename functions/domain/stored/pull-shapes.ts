/** Schemas of stored and sent data about pull requests. */

import * as z from 'zod'
import { CODE_KINDS } from '../../../iac/repository/index.ts'
import { PULL_STATES } from '../proposal/index.ts'
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
})
export const pullRecordShape = z.object({
  ...seen,
  withdrawn: z.boolean(),
  retryAtMs: instant.nullable(),
  slackUrl: text.nullable(),
  textDigest: text.nullable(),
  commit: text.optional(),
  remarks: texts,
})

const short = z.string().max(4_000)
export const pullOrder = z.object({
  proposalId: z.string().regex(/^p-[0-9a-z-]{1,60}$/),
  wanted: z.enum(['open', 'poll', 'closed']),
  place: codePlace,
  changes: z.array(policyChange).max(50),
  facts: z.object({
    action: short,
    principal: short,
    resource: short,
    deniedAtMs: instant.nullable(),
    cause: short,
    verdict: short,
    risk: short,
    blastRadius: short.nullable(),
    checks: z.array(short).max(100),
    approvers: z.array(short).max(50),
    bridgeEndsAtMs: instant.nullable(),
    slackUrl: short.nullable(),
  }),
  remark: z.nullable(z.object({ key: short, text: short })),
})
