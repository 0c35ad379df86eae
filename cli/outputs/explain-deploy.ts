import * as z from 'zod'
import { CAUSES } from '../../core/diagnosis/index.ts'
import { FAULT_ANSWERS } from '../../functions/domain/deploy/index.ts'
import { nextSteps, patches } from './diagnosis.ts'
import { hint } from './hint.ts'
import { timelineSchema } from './timeline.ts'

const text = z.string()
const nullable = z.nullable(text)

const CAUSE_KINDS = ['role-action', 'role-not-assumable', 'service-linked-role', 'other-action'] as const
const CAUSE_LAYERS = [
  ...['identity', 'boundary', 'session', 'scp', 'rcp', 'vpce', 'resource', 'public-access', 'trust', 'unknown'],
] as const

export const explainDeploy = z.object({
  schema: z.literal('rolemedic.explain-deploy/1'),
  deploy: z.object({
    tool: text.describe('such as cloudformation or terraform'),
    name: nullable,
    account: nullable,
    region: nullable,
    status: nullable,
    at: nullable.describe('ISO 8601'),
  }),
  causes: z
    .array(
      z.object({
        kind: z
          .enum(CAUSE_KINDS)
          .describe(
            'role-action: a principal was denied a role; role-not-assumable: a service could not use its role; other-action: never patched',
          ),
        certainty: z.enum(['certain', 'probable']),
        during: z.enum(['operation', 'rollback', 'delete']),
        cause: z.nullable(z.enum(CAUSES)),
        action: nullable,
        principal: nullable,
        resource: nullable,
        layer: z.enum(CAUSE_LAYERS),
        where: z.object({
          logicalId: nullable.describe('or the address in a plan'),
          line: z.nullable(z.int()).describe('of the log'),
        }),
        answer: z
          .enum(FAULT_ANSWERS)
          .describe(
            'patch: these patches; retry: nothing is to be changed; code: the source makes it wrong; missing: the role does not exist; owner: somebody else decides',
          ),
        summary: text,
        next: nextSteps,
        timeline: z.optional(timelineSchema).describe('only with --trail'),
      }),
    )
    .describe('the root first'),
  patches: patches.describe('of all causes together: one document per target'),
  otherReason: nullable.describe('the words of the tool, where no permission explains the failure'),
  hints: z.array(hint),
  drafts: z
    .optional(
      z.array(
        z.object({
          principal: text.describe('the ARN of the role or user that lacks them'),
          reason: text.describe('which code they belong to'),
          snippet: text.describe('all its statements, in the language of that code'),
        }),
      ),
    )
    .describe('of other actions, never written; only with --code or a template'),
})

export type ExplainDeployOutput = z.infer<typeof explainDeploy>
