import * as z from 'zod'
import { PERSON_KINDS, RUN_FACTS } from '../../core/runs/index.ts'

const text = z.string()
const nullable = z.nullable(text)

export const runSchema = z
  .nullable(
    z.object({
      tool: nullable.describe('where it runs: github-actions, codebuild, console, laptop and others'),
      host: text
        .exactOptional()
        .describe('of the issuer of the token where it is not the public one: of a GitHub Enterprise Server'),
      client: nullable.describe('what it ran, from the user agent: terraform, aws-cli, boto3 and others'),
      ...{ id: nullable, url: nullable, repository: nullable, ref: nullable, workflow: nullable, actor: nullable },
      person: z.nullable(
        z.object({
          name: text,
          kind: z.enum(PERSON_KINDS),
          proved: z.boolean(),
        }),
      ),
      chain: z.array(text).describe('event ids, newest first: the records that issued the key of the caller'),
      claimed: z.array(z.enum(RUN_FACTS)).describe('which of these members rest on what the caller could choose'),
    }),
  )
  .describe('null: not known')

export const timelineSchema = z
  .nullable(
    z.object({
      covers: z
        .object({ from: text, to: text, regions: z.array(text), accounts: z.array(text) })
        .describe('what the trail holds'),
      roleAgeSeconds: z
        .nullable(z.number())
        .describe('of the passed or assumed role when it was denied: its CreateDate, or CreateRole in the trail'),
      roleDeletedAt: nullable.describe('it existed then and was deleted later; ISO 8601'),
      solved: z
        .nullable(
          z.object({
            at: text.describe('ISO 8601'),
            eventId: text.describe('of the call that succeeded'),
            afterSeconds: z.number(),
            by: z.enum(['time', 'change']).describe('change: a write between changed the answer'),
          }),
        )
        .describe('the same caller, action, role and service succeeded later'),
      change: z
        .nullable(
          z.discriminatedUnion('outcome', [
            z.object({
              outcome: z.literal('found'),
              eventId: text,
              at: text.describe('ISO 8601'),
              by: nullable.describe('the ARN as AWS recorded it, or the name of a service'),
              run: runSchema.describe('of the writer'),
              eventName: text,
              target: text.describe('ARN of the entity that it changed'),
              lost: z.array(z.record(text, z.unknown())).describe('the statements that had allowed the call'),
            }),
            z.object({ outcome: z.literal('never-allowed'), since: text }),
            z.object({ outcome: z.literal('not-proved'), why: text }),
          ]),
        )
        .describe(
          'the write after which the call was denied and before which it was allowed; null: it was allowed then',
        ),
    }),
  )
  .describe('what happened around the denial; null without a trail')
