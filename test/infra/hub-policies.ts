/** The policies that docs/deploy.md recommends for the hub, evaluated with the bot's own evaluator. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { evaluate } from '../../core/actions/actions.ts'
import { found, known } from '../../core/base/fact.ts'
import { type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import type { Answer } from '../../core/iam/evaluation/evaluation.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { HUB_POLICIES } from '../../infra/roll-out.ts'

export const HUB = '111122223333'
export const shipped = (name: string) =>
  readFileSync(resolve(import.meta.dirname, `../../infra/policies/${name}.json`), 'utf8')
export type Statement = {
  readonly Sid: string
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } }
}
export type Policy = { readonly Version: string; readonly Statement: readonly Statement[] }
export const policyIn = (text: string) => JSON.parse(text) as Policy
export const texts = HUB_POLICIES.map(shipped)
export const policies = texts.map(policyIn)
export const statements = policies.flatMap(({ Statement }) => Statement)
export const operators = policyIn(shipped('platform-operates-rolemedic'))
export const ANYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
export const roleArn = (name: string) => `arn:aws:iam::${HUB}:role/${name}`

/** Evaluates them as the principal's own policies. A deny applies anywhere. */
export function answerTo(
  principal: string,
  documents: readonly unknown[],
  action: string,
  resource: string,
  context: ContextFacts = {},
): Answer {
  const name = principal.slice(principal.lastIndexOf('/') + 1)
  const sourced = documents.map(
    (document): SourcedPolicy => ({
      ...{ type: 'identity', name, arn: null, attachedTo: principal, document: parsed(document) },
    }),
  )
  const path = principal.slice(principal.indexOf('/'), principal.lastIndexOf('/') + 1)
  const role = {
    kind: 'role' as const,
    arn: principal,
    accountId: HUB,
    name,
    path,
    uniqueId: null,
    tags: {},
    unseen: [],
  }
  const snapshot = {
    caller: found({ ...role, policies: sourced, boundary: { kind: 'absent' as const } }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const principalArn = `arn:aws:sts::${HUB}:assumed-role/${name}/somebody`
  return evaluate(
    {
      action,
      resource,
      principalArn,
      roleArn: principal,
      context: { 'aws:principalarn': present(principal), ...context },
    },
    snapshot,
  ).answer
}

/** The answer for a principal that may do everything that the SCPs allow. */
export const answer = (name: string, action: string, resource: string, context: ContextFacts = {}): Answer =>
  answerTo(roleArn(name), [ANYTHING, ...policies], action, resource, context)

function parsed(document: unknown): PolicyDocument {
  const policy = parsePolicy(document)
  if (!policy.ok) throw new Error(policy.error)
  return policy.value
}

export const DEPLOYMENT = `cdk-hnb659fds-cfn-exec-role-${HUB}-eu-west-1`
export const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${HUB}:${rest}`
export const ROLE = `arn:aws:iam::${HUB}:role/rolemedic-write`
export const EXEC = `arn:aws:iam::${HUB}:role/${DEPLOYMENT}`
export const FUNCTION = arn('lambda', 'function:rolemedic-write')
export const MAPPING = arn('lambda', 'event-source-mapping:1234abcd-12ab-34cd-56ef-1234567890ab')
export const TABLE = arn('dynamodb', 'table/rolemedic')
export const SECRET = arn('secretsmanager', 'secret:rolemedic/slack-signing-secret-AbCdEf')
export const QUEUE = arn('sqs', 'rolemedic-write.fifo')
export const TOPIC = arn('sns', 'rolemedic-alerts')
export const BUS = arn('events', 'event-bus/rolemedic')
export const RULE = arn('events', 'rule/rolemedic-by-message')
export const STACK = arn('cloudformation', 'stack/rolemedic-bot/1a2b3c')
export const KEY = arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab')
export const BUCKET = 'arn:aws:s3:::REPLACE-WITH-THE-AUDIT-BUCKET'
export const ASSETS = `arn:aws:s3:::cdk-hnb659fds-assets-${HUB}-eu-west-1`
export const SIGNING = { 'kms:resourcealiases': present('alias/rolemedic-decisions') }

/** Calls with which an administrator of the hub could make the bot write, grouped by what they would gain. */
export type Call = [action: string, resource: string, context?: ContextFacts]
export const list = (value: string | readonly string[] | undefined): readonly string[] => [value ?? []].flat()
/** ARNs that a pattern matches: a star spans slashes. */
export const samplesOf = (pattern: string): readonly string[] =>
  pattern.includes('*') ? ['x', 'x/y', ''].map(some => pattern.replaceAll('*', some)) : [pattern]

/** Values that satisfy the conditions of a statement except the exemptions. */
function contextOf({ Condition = {} }: Statement): ContextFacts {
  const wanted = Object.entries(Condition).filter(([operator]) => !operator.includes('Not'))
  return Object.fromEntries(
    wanted.flatMap(([, keys]) =>
      Object.entries(keys).map(([key, values]) => [
        key.toLowerCase(),
        present(samplesOf(list(values)[0] ?? '')[0] ?? ''),
      ]),
    ),
  )
}
export const callsOf = (statement: Statement): readonly Call[] =>
  list(statement.Action).flatMap(action =>
    (statement.NotResource === undefined ? list(statement.Resource) : [arn('cloudformation', 'stack/orders/1a')]).map(
      (resource): Call => [
        action.replaceAll('*', 'X'),
        resource === '*' ? '*' : resource.replaceAll('*', 'x'),
        contextOf(statement),
      ],
    ),
  )
