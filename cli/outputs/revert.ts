import * as z from 'zod'
import { TARGET_KINDS } from '../../core/patch/index.ts'

const text = z.string()

const REVERT_OUTCOMES = ['taken-away', 'nothing-left', 'planned', 'left', 'other-account'] as const

export const revert = z.object({
  schema: z.literal('rolemedic.revert/1'),
  proposalId: text,
  dryRun: z.boolean(),
  isOver: z.boolean().describe('the bot had taken it away for good'),
  changes: z.array(
    z.object({
      target: z.object({
        kind: z.enum(TARGET_KINDS),
        accountId: text,
        name: text,
        policyName: z.nullable(text),
        arn: text,
      }),
      statements: z.readonly(z.array(z.record(text, z.unknown()))).describe('what the grant had added'),
      outcome: z
        .enum(REVERT_OUTCOMES)
        .describe(
          'planned: with --dry-run; left: it is still there, or nobody knows; other-account: these credentials are of another',
        ),
      why: z.nullable(text),
    }),
  ),
  requestIds: z.array(text),
  notes: z.array(text).describe('what else was done for it, such as removing the oldest version of a policy'),
})

export type RevertOutput = z.infer<typeof revert>
