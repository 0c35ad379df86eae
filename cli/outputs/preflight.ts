import * as z from 'zod'
import { CAUSES, VERDICTS } from '../../core/diagnosis/index.ts'
import { ANSWERS } from '../../core/iam/index.ts'
import { patches, unknownFacts, verification } from './diagnosis.ts'

const text = z.string()
const nullable = z.nullable(text)

export const preflight = z.object({
  schema: z.literal('rolemedic.preflight/1'),
  principal: z
    .object({ arn: text, from: z.enum(['option', 'template', 'cdk-manifest']) })
    .describe('who deploys, and what named it'),
  needs: z.array(
    z.object({
      action: text.describe('iam:PassRole, sts:AssumeRole, sts:TagSession or iam:CreateServiceLinkedRole'),
      by: nullable.describe(
        'who must be allowed: an ARN, or the service that assumes a passed role; null where AWS publishes no such service',
      ),
      role: text.describe('ARN; parts that only the deploy will know are *, and no such pattern is ever granted'),
      roleFrom: z.enum(['literal', 'same-template', 'import', 'parameter', 'unknown']),
      service: nullable.describe('value of iam:PassedToService; null where none is sent'),
      operation: text.describe('such as lambda:CreateFunction'),
      where: z.object({
        file: text,
        line: z.nullable(z.int()),
        logicalId: text,
        property: text,
        constructPath: nullable,
      }),
      answer: z.enum(ANSWERS),
      fix: z
        .nullable(z.enum(['patch', 'code', 'owner']))
        .describe(
          'who lifts it: these patches, the source that makes the role, or an owner; null when allowed or unknown',
        ),
      trust: z
        .nullable(z.object({ file: text, line: z.nullable(z.int()), logicalId: text }))
        .describe('the trust policy, where the source makes or sets it'),
      diagnosis: z
        .nullable(z.object({ cause: z.enum(CAUSES), verdict: z.enum(VERDICTS), summary: text, unknowns: unknownFacts }))
        .describe('null when allowed'),
    }),
  ),
  patches: patches.describe('all needs together: one document per target'),
  verification,
  refused: z.array(z.object({ need: z.int().describe('index in needs'), code: text, message: text, owner: nullable })),
  unread: z
    .exactOptional(z.array(text))
    .describe('what was not read, such as a nested stack, where there is any: what it needs is unknown'),
})

export type PreflightOutput = z.infer<typeof preflight>
