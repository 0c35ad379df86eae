/** Public texts of callers who could not assume a role: the form of `test/cases/hints`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { HINT_SUBJECTS } from '../core/denial/hints/hint.ts'

const text = z.array(z.string()).min(1)

const hintCase = z.strictObject({
  name: z.string(),
  source: z.url(),
  text,
  hints: z.array(
    z.strictObject({
      subject: z.enum(HINT_SUBJECTS),
      line: z.int(),
      /** Words of the next step. */
      step: z.string(),
      issuer: z.url().optional(),
    }),
  ),
  /** What solved it, by the thread. Absent: the thread does not say. */
  solved: z.string().optional(),
})

const lookAlike = z.strictObject({ name: z.string(), source: z.url(), text, why: z.string() })

const folder = join(import.meta.dirname, 'cases', 'hints')
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))
const LOOK_ALIKES = 'look-alikes.json'

export type HintCase = z.infer<typeof hintCase>

export const HINT_FILES = readdirSync(folder)
  .filter(file => file !== LOOK_ALIKES)
  .sort()

export const hintCasesIn = (file: string): readonly HintCase[] =>
  z.strictObject({ about: z.string(), cases: z.array(hintCase).min(1) }).parse(read(file)).cases

export const LOOK_ALIKE_TEXTS = z
  .strictObject({ about: z.string(), cases: z.array(lookAlike) })
  .parse(read(LOOK_ALIKES)).cases
