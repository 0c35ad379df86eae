import * as z from 'zod'
import { CODE_KINDS } from '../../iac/repository/index.ts'
import { patches } from './diagnosis.ts'

const text = z.string()

export const patchCode = z.object({
  schema: z.literal('rolemedic.patch-code/1'),
  outcome: z
    .enum(['exact', 'draft', 'present'])
    .describe(
      'exact: parsed again and evaluated to the patch; draft: a snippet and a question, no edit; present: the code grants it already, deploy it',
    ),
  edits: z.array(
    z.object({
      file: text.describe('relative to DIR'),
      kind: z.enum(CODE_KINDS),
      diff: text.describe('unified, for git apply'),
      address: text.describe('such as aws_iam_role.task, a logical id, or a construct path'),
    }),
  ),
  snippet: z.nullable(text).describe('set when it is a draft'),
  reason: z.nullable(text).describe('set unless it is exact: why, and what to do'),
  patches,
})

export type PatchCodeOutput = z.infer<typeof patchCode>
