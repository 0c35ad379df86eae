import * as z from 'zod'
import { HINT_SUBJECTS, type Hint } from '../../core/denial/index.ts'

const text = z.string()
const nullable = z.nullable(text)

export const hint = z.object({
  schema: z.literal('rolemedic.hint/1'),
  line: z.nullable(z.int()).describe('in a text or log'),
  subject: z.enum(HINT_SUBJECTS),
  says: text.describe('one sentence: what the text means'),
  next: z.array(
    z.object({
      do: text,
      command: nullable.describe('words in capitals are yours to fill in'),
      who: nullable.describe('who can do it; null: the reader'),
    }),
  ),
})

export type HintOutput = z.infer<typeof hint>

export const hintOutput = ({
  line,
  subject,
  meaning,
  next,
}: Pick<Hint, 'subject' | 'meaning' | 'next'> & { readonly line: number | null }): HintOutput => ({
  schema: 'rolemedic.hint/1',
  ...{ line, subject, says: meaning },
  next: next.map(({ do: what, command, who }) => ({ do: what, command, who })),
})
