import * as z from 'zod'

const text = z.string()

const REDRIVE_OUTCOMES = ['empty', 'moving', 'left', 'refused', 'unread'] as const

export const redrive = z.object({
  schema: z.literal('rolemedic.redrive/1'),
  region: text,
  queues: z.array(
    z.object({
      queue: text,
      messages: z
        .nullable(z.int().min(0))
        .describe('about how many SQS counts, with those that somebody has just received; null: not known'),
      outcome: z
        .enum(REDRIVE_OUTCOMES)
        .describe(
          'moving: SQS moves them back; left: nobody can send these back; refused: AWS did not begin to move them; unread: AWS did not say what waits',
        ),
      why: z.nullable(text).describe('of left: what to do instead; of refused and unread: what AWS answered'),
    }),
  ),
})

export type RedriveOutput = z.infer<typeof redrive>
