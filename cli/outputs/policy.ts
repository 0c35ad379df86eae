import * as z from 'zod'
import { POLICY_TYPES } from '../../core/iam/index.ts'

const text = z.string()
const nullable = z.nullable(text)

export const policy = z.object({
  schema: z.literal('rolemedic.policy/1'),
  request: z.object({
    action: text,
    role: text,
    principal: nullable,
    service: nullable.describe('value of iam:PassedToService'),
  }),
  type: z.enum(POLICY_TYPES),
  answer: z
    .enum(['allows', 'implicit-deny', 'explicit-deny', 'unknown'])
    .describe('of this document alone: other policies may still deny'),
  statements: z.array(
    z.object({
      index: z.int().describe('from 0'),
      sid: nullable,
      effect: z.enum(['Allow', 'Deny']),
      matches: z.enum(['yes', 'no', 'unknown']),
      decides: z.boolean().describe('it decides the answer'),
      finding: text,
    }),
  ),
  unknowns: z.array(z.object({ fact: text, why: text })),
})

export type PolicyOutput = z.infer<typeof policy>
