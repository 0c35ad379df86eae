/** Schemas that proposals, occurrences and deploys share. */

import * as z from 'zod'
import { ACTIONS } from '../../../core/actions/index.ts'
import { DENIAL_REASONS, PRINCIPAL_KINDS, TOOLS } from '../../../core/denial/index.ts'
import { CAUSES, VERDICTS } from '../../../core/diagnosis/index.ts'
import { ANSWERS, POLICY_TYPES, type PolicyDocument, parsePolicy } from '../../../core/iam/index.ts'
import { PROOF_OUTCOMES, RISKS, TARGET_KINDS } from '../../../core/patch/index.ts'
import { PERSON_KINDS, RUN_FACTS } from '../../../core/runs/index.ts'
import { cardOnRecord, type Person } from '../messages/index.ts'

export const text = z.string()
export const texts = z.array(text)
const textOrNull = text.nullable()
/** Milliseconds since the epoch. */
export const instant = z.number()
export const count = z.int().min(0)

/** Validates with the parser of IAM's own answers. */
export const policyDocumentShape = z.custom<PolicyDocument>(value => parsePolicy(value).ok, 'not a policy document')

export const personOf = (id: z.ZodType<string>): z.ZodType<Person> => z.object({ id, name: id })
export const personShape = personOf(text)
export const postedCard = z.pipe(
  z.object({ channel: text, ts: text, threadTs: text.exactOptional() }),
  z.transform(cardOnRecord),
)
export const pressedAt = z.object({
  ...{ conversation: textOrNull, message: textOrNull, thread: text.exactOptional() },
})
export const refusal = z.object({ code: text, message: text, owner: textOrNull })

const contextFacts = z.record(
  text,
  z.discriminatedUnion('state', [
    z.object({ state: z.literal('present'), values: texts }),
    z.object({ state: z.literal('absent') }),
    z.object({
      state: z.literal('unknown'),
      why: text,
      never: z.union([texts, z.literal('any')]).exactOptional(),
      like: text.exactOptional(),
    }),
  ]),
)

const serviceValue = z.object({
  service: text,
  evidence: z.enum(['published', 'managed-policy', 'trust']),
  source: textOrNull,
})

const passedRole = z.object({
  arn: text,
  parameter: textOrNull,
  service: z.object({
    values: z.array(serviceValue),
    mayBeAbsent: z.boolean(),
    narrowable: z.boolean(),
    disputed: z.array(serviceValue),
    assumedBy: texts,
    ruledOut: z.array(z.object({ service: textOrNull, policy: text, sid: textOrNull })).exactOptional(),
  }),
})

const capturedPolicy = z.object({
  uri: text,
  type: z.nullable(z.enum(POLICY_TYPES)),
  attachedTo: textOrNull,
  denies: z.array(textOrNull),
  document: policyDocumentShape,
})

const awsEvaluation = z.object({
  source: z.enum(['decoded-message', 'authorization-details']),
  allowed: z.boolean(),
  explicitDeny: z.boolean(),
  action: textOrNull,
  resource: textOrNull,
  matchedStatements: z.array(z.object({ policy: textOrNull, sid: textOrNull, effect: text })),
  context: contextFacts,
  policies: z.array(capturedPolicy),
})

export const denial = z.object({
  id: text,
  corrects: text.exactOptional(),
  source: z.enum(['cloudtrail', 'message']),
  timeMs: instant.nullable(),
  accountId: textOrNull,
  region: textOrNull,
  partition: text,
  action: z.enum(ACTIONS.map(({ name }) => name)),
  principal: z.object({
    kind: z.enum(PRINCIPAL_KINDS),
    arn: textOrNull,
    roleArn: textOrNull,
    pathKnown: z.boolean(),
    accountId: textOrNull,
    name: textOrNull,
    sessionName: textOrNull,
    uniqueId: textOrNull,
    sessionKey: text.exactOptional(),
  }),
  resource: textOrNull,
  reason: z.enum(DENIAL_REASONS),
  reasonPolicyArn: textOrNull,
  authorizationId: textOrNull,
  encodedMessage: z.nullable(z.object({ blob: text, cut: z.boolean() })),
  call: z.object({ eventSource: textOrNull, eventName: textOrNull }),
  via: textOrNull,
  stack: text.exactOptional(),
  passes: z.array(passedRole),
  claims: z.nullable(z.object({ provider: textOrNull, subject: textOrNull, audience: textOrNull })),
  context: contextFacts,
  awsEvaluation: z.nullable(awsEvaluation),
  message: text,
  unread: z
    .object({
      kind: z.enum(['not-named', 'masked', 'placeholder', 'cut', 'malformed']),
      text: textOrNull,
    })
    .exactOptional(),
  hints: z
    .object({
      tool: z.enum(TOOLS).nullable(),
      provider: z.enum(['github', 'eks']).nullable(),
      roleBeside: textOrNull,
      linkedService: textOrNull,
      notBootstrapped: z.boolean(),
      roleExists: z.boolean(),
      noMfaSerial: z.boolean(),
      externalId: z.literal(true).exactOptional(),
      mfa: z.literal(true).exactOptional(),
      subject: text.exactOptional(),
    })
    .exactOptional(),
  roleFromLog: z.literal(true).exactOptional(),
  accountFrom: z.object({ accountId: text, of: text }).exactOptional(),
})

const conditionValue = z.union([text, z.number(), z.boolean()])
const conditionBlock = z.record(text, z.record(text, z.union([conditionValue, z.array(conditionValue)])))
const condition = { operator: text, key: text, wanted: texts, got: text, statement: count }

const gap = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('identity'), roles: texts, under: conditionBlock.exactOptional() }),
  z.object({
    kind: z.literal('identity-condition'),
    policy: text,
    policyArn: textOrNull,
    attachedTo: text,
    ...condition,
  }),
  z.object({ kind: z.literal('trust'), role: text }),
  z.object({ kind: z.literal('trust-condition'), role: text, ...condition }),
  z.object({ kind: z.literal('service-trust'), role: text, service: text }),
])

export const diagnosisShape = z.object({
  verdict: z.enum(VERDICTS),
  cause: z.enum(CAUSES),
  summary: text,
  evidence: z.array(
    z.object({
      policyType: z.enum([...POLICY_TYPES, 'aws']),
      policy: textOrNull,
      attachedTo: textOrNull,
      statement: count.nullable(),
      sid: textOrNull,
      finding: text,
    }),
  ),
  unknowns: z.array(z.object({ fact: text, why: text })),
  gaps: z.array(gap),
  nextSteps: z.array(z.object({ text, command: textOrNull, owner: textOrNull })),
  passedService: z
    .object({
      services: texts,
      evidence: z.enum(['decoded', 'published', 'managed-policy', 'trust']),
      mayBeAbsent: z.boolean(),
      disputed: z.array(serviceValue),
    })
    .nullable(),
  serviceGuessed: z.literal(true).exactOptional(),
  onlyTaken: z.literal(true).exactOptional(),
  unconfirmed: z.literal(true).exactOptional(),
  roleGone: z.string().exactOptional(),
  solved: z.enum(['time', 'change']).exactOptional(),
})

const target = z.object({
  kind: z.enum(TARGET_KINDS),
  accountId: text,
  name: text,
  policyName: textOrNull,
  arn: text,
})

export const policyChange = z.object({
  target,
  before: policyDocumentShape.nullable(),
  after: policyDocumentShape,
  digest: text,
  required: z.boolean(),
})

export const patch = z.object({ changes: z.array(policyChange), digest: text })

export const verificationShape = z.object({
  before: z.enum(ANSWERS),
  after: z.enum(ANSWERS),
  controls: z.object({ evaluated: count, changed: count }),
  proof: z.object({ outcome: z.enum(PROOF_OUTCOMES), detail: textOrNull }).exactOptional(),
  risk: z.enum(RISKS),
  approvers: count,
  guardrails: z.array(
    z.object({ id: text, outcome: z.enum(['pass', 'warn', 'refuse']), detail: textOrNull, link: text.exactOptional() }),
  ),
  counterexample: z.nullable(
    z.object({ action: text, resource: text, principalArn: text, roleArn: textOrNull, context: contextFacts }),
  ),
})

export const runShape = z.object({
  tool: text.nullable(),
  host: text.exactOptional(),
  client: text.nullable(),
  id: text.nullable(),
  url: text.nullable(),
  repository: text.nullable(),
  ref: text.nullable(),
  workflow: text.nullable(),
  actor: text.nullable(),
  person: z.nullable(z.object({ name: text, kind: z.enum(PERSON_KINDS), proved: z.boolean() })),
  chain: z.array(text),
  claimed: z.array(z.enum(RUN_FACTS)),
})
