import * as z from 'zod'
import { DENIAL_REASONS, PRINCIPAL_KINDS } from '../../core/denial/index.ts'
import { CAUSES, VERDICTS } from '../../core/diagnosis/index.ts'
import { ANSWERS, POLICY_TYPES } from '../../core/iam/index.ts'
import { RISKS, TARGET_KINDS } from '../../core/patch/index.ts'
import { runSchema, timelineSchema } from './timeline.ts'

const text = z.string()
const nullable = z.nullable(text)
export const policyDocument = z.record(text, z.unknown()).describe('an IAM policy document')

export const unknownFacts = z
  .array(z.object({ fact: text, why: text }))
  .describe('what could not be seen, and why. An unknown never leads to a change')

export const patches = z.array(
  z.object({
    target: z.object({
      kind: z.enum(TARGET_KINDS),
      accountId: text,
      name: text.describe('role, user, policy or permission-set name'),
      policyName: nullable.describe('inline policies only'),
    }),
    before: z.nullable(policyDocument).describe('the whole document now; null if it does not exist'),
    after: policyDocument.describe('the whole document after'),
    digest: text.regex(/^sha256:/).describe('over target, document after, and digest of the document before'),
    required: z.boolean().describe('false: a second step that will be needed next'),
  }),
)

export const verification = z.nullable(
  z.object({
    before: z.enum(ANSWERS).describe('the denied request against the policies as they are'),
    after: z.enum(ANSWERS).describe('the same request with the patch'),
    controls: z
      .object({ evaluated: z.int(), changed: z.int() })
      .describe(
        'requests evaluated without and with the patch, and those that change although the denial does not need it',
      ),
    proof: z
      .enum(['proved', 'refuted', 'not-decided'])
      .describe('whether the patch opens what the denial needs and nothing else; anything but proved refuses it'),
    counterexample: z
      .nullable(
        z.object({
          principal: text,
          action: text,
          resource: text,
          service: nullable.describe('value of iam:PassedToService; null where none is sent'),
        }),
      )
      .describe('a request that the denial does not need and whose answer the patch changes: set exactly when refuted'),
    risk: z.enum(RISKS),
    approvers: z.int().describe('how many people must approve'),
    guardrails: z.array(z.object({ id: text, outcome: z.enum(['pass', 'warn', 'refuse']), detail: nullable })),
  }),
)

export const nextSteps = z
  .array(
    z.object({
      do: text,
      command: nullable.describe('to be run as it is, or with every word in capitals filled in'),
      who: nullable.describe('whose it is; null: the reader'),
    }),
  )
  .describe('what to do, the first thing first')

export const diagnosis = z.object({
  schema: z.literal('rolemedic.diagnosis/1'),
  line: z.nullable(z.int()).describe('of a text or log, where the denial is; null for a record'),
  denial: z.object({
    id: text.describe('CloudTrail eventID; for an error text a digest'),
    time: nullable.describe('ISO 8601'),
    accountId: nullable.describe('where it was logged'),
    region: nullable,
    action: text.describe('such as iam:PassRole or sts:AssumeRole'),
    principal: z.object({
      kind: z.enum(PRINCIPAL_KINDS),
      arn: nullable.describe('as AWS named it: a session ARN, a user ARN'),
      roleArn: nullable.describe('the role behind a session, with its path where known'),
      accountId: nullable,
    }),
    resource: nullable.describe('the role ARN; null if the message names none'),
    reason: z.enum(DENIAL_REASONS),
    reasonPolicyArn: nullable,
    authorizationId: nullable,
    encodedMessage: z.boolean().describe('an encoded message is present'),
    call: z.object({ eventSource: nullable, eventName: nullable }),
    via: nullable.describe('the service that acted for the principal, such as cloudformation.amazonaws.com'),
  }),
  diagnosis: z.object({
    verdict: z.enum(VERDICTS),
    cause: z.enum(CAUSES),
    summary: text.describe('one sentence for a person'),
    evidence: z.array(
      z.object({
        policyType: z.enum([...POLICY_TYPES, 'aws']),
        policy: nullable,
        attachedTo: nullable,
        statement: z.nullable(z.int()).describe('index in the document, from 0'),
        sid: nullable,
        finding: text,
      }),
    ),
    unknowns: unknownFacts,
  }),
  next: nextSteps,
  patches,
  verification,
  refusal: z
    .nullable(z.object({ code: text, message: text, owner: nullable }))
    .describe('set exactly when patches is empty'),
  suggestion: z
    .nullable(
      z.object({
        statement: z.record(text, z.unknown()).describe('one statement of a policy'),
        attachTo: nullable.describe('ARN of the role or user; of the role whose trust policy lacks it'),
        verified: z.literal(false),
      }),
    )
    .describe(
      'from a text or record alone: the statement that is most likely missing, with SERVICE.amazonaws.com where nothing says which service. Never a patch',
    ),
  timeline: timelineSchema,
  run: runSchema.describe('the run that was denied; null: not known'),
  stats: z
    .optional(z.object({ calls: z.int(), depth: z.int(), ms: z.number() }))
    .describe('requests to AWS; only with --live'),
})

export type DiagnosisOutput = z.infer<typeof diagnosis>
