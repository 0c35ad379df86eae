/** The table of denials: `denials.json`. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'

export const DENIALS = z
  .strictObject({
    about: z.string(),
    denials: z.array(
      z.strictObject({
        name: z.string(),
        record: z.record(z.string(), z.unknown()),
        sentence: z.string(),
        expect: z.strictObject({
          ...{ action: z.string(), principal: z.string(), resource: z.string(), reason: z.string() },
          ...{ cause: z.string(), verdict: z.string() },
        }),
        expectRecord: z.strictObject({
          ...{ id: z.string(), time: z.string(), region: z.string(), accountId: z.string(), call: z.string() },
        }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('denials.json', import.meta.url), 'utf8'))).denials
