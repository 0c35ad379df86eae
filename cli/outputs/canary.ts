import * as z from 'zod'

const text = z.string()

/** In the order in which a denial passes them. */
export const HOPS = ['denial', 'event history', 'rule', 'queue', 'occurrence', 'analysis', 'card'] as const

export const canary = z.object({
  schema: z.literal('rolemedic.canary/1'),
  canaries: z.array(
    z.object({
      accountId: text,
      region: text,
      role: text.describe('the ARN that was assumed: there is no such role'),
      madeAt: text,
      hops: z.array(
        z.object({
          hop: z.enum(HOPS),
          outcome: z
            .enum(['passed', 'lost', 'not-reached'])
            .describe('lost: it got here and no further, or that cannot be told; not-reached: an earlier hop lost it'),
          seconds: z.nullable(z.number()).describe('after the denial; null: this hop keeps no time of one event'),
          detail: text,
        }),
      ),
      lost: z.nullable(z.enum(HOPS)).describe('the hop that lost it; null: it arrived'),
    }),
  ),
})

export type CanaryOutput = z.infer<typeof canary>
