/** What docs/deploy.md advises for the hub, judged by the bot's own evaluator. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../functions/domain/actions/evaluate.ts'
import { found, known } from '../../functions/domain/base/fact.ts'
import { present } from '../../functions/domain/iam/conditions/context.ts'
import type { Answer } from '../../functions/domain/iam/evaluation/evaluation.ts'
import { parsePolicy } from '../../functions/domain/iam/policy/parse-policy.ts'
import type { PolicyDocument, SourcedPolicy } from '../../functions/domain/iam/policy/policy-document.ts'

const HUB = '111122223333'
const text = readFileSync(resolve(import.meta.dirname, '../../docs/deploy.md'), 'utf8')
const scp: unknown = JSON.parse(/```json\n(\{\s+"Version"[^`]+)```/.exec(text)?.[1] ?? '{}')
const ANYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

/** As an administrator's own policy: a deny holds wherever it stands. */
function answer(name: string, action: string, resource: string): Answer {
  const arn = `arn:aws:iam::${HUB}:role/${name}`
  const policies = [ANYTHING, scp].map(
    (document): SourcedPolicy => ({ type: 'identity', name, arn: null, attachedTo: arn, document: parsed(document) }),
  )
  const role = { kind: 'role' as const, arn, accountId: HUB, name, path: '/', uniqueId: null, tags: {}, unseen: [] }
  const snapshot = {
    caller: found({ ...role, policies, boundary: { kind: 'absent' as const } }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const principalArn = `arn:aws:sts::${HUB}:assumed-role/${name}/somebody`
  return evaluate(
    { action, resource, principalArn, roleArn: arn, context: { 'aws:principalarn': present(arn) } },
    snapshot,
  ).answer
}

function parsed(document: unknown): PolicyDocument {
  const policy = parsePolicy(document)
  if (!policy.ok) throw new Error(policy.error)
  return policy.value
}

const DEPLOYMENT = `cdk-hnb659fds-cfn-exec-role-${HUB}-eu-west-1`
const APPLY = `arn:aws:iam::${HUB}:role/rolemedic-apply`
const FUNCTION = `arn:aws:lambda:eu-west-1:${HUB}:function:rolemedic-apply`
const TABLE = `arn:aws:dynamodb:eu-west-1:${HUB}:table/rolemedic`
const SECRET = `arn:aws:secretsmanager:eu-west-1:${HUB}:secret:rolemedic/slack-signing-secret-AbCdEf`

describe('the SCP for the hub', () => {
  it.each([
    ['iam:PassRole', APPLY],
    ['iam:UpdateAssumeRolePolicy', APPLY],
    ['lambda:UpdateFunctionCode', FUNCTION],
  ])('leaves %s of the bot to deployments', (action, resource) => {
    expect(answer('Administrator', action, resource)).toBe('denied')
    expect(answer(DEPLOYMENT, action, resource)).toBe('allowed')
  })

  it.each([
    ['dynamodb:PutItem', TABLE],
    ['secretsmanager:GetSecretValue', SECRET],
  ])('leaves %s to the bot', (action, resource) => {
    expect(answer('Administrator', action, resource)).toBe('denied')
    expect(answer('rolemedic-decide', action, resource)).toBe('allowed')
  })

  it('leaves to people what the runbooks ask of them', () => {
    expect(answer('Administrator', 'lambda:PutFunctionConcurrency', FUNCTION)).toBe('allowed')
    expect(answer('Administrator', 'secretsmanager:PutSecretValue', SECRET)).toBe('allowed')
    expect(answer('Administrator', 'dynamodb:GetItem', TABLE)).toBe('allowed')
    expect(answer('Administrator', 'iam:PassRole', `arn:aws:iam::${HUB}:role/orders`)).toBe('allowed')
  })
})
