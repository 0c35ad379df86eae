import * as z from 'zod'

const text = z.string()

export const stop = z.object({
  schema: z.literal('rolemedic.stop/1'),
  region: text,
  isStopped: z.boolean().describe('whether granting is stopped now'),
  isChanged: z.boolean().describe('false: it was so already'),
  stop: z
    .nullable(z.object({ by: text, reason: z.nullable(text), since: text }))
    .describe('the stop that stands, or the one that resume ended'),
})

export type StopOutput = z.infer<typeof stop>
