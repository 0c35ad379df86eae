/** What a function, a role or an administrator of the hub may call, by the deployed policies. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect } from 'vitest'
import { evaluate } from '../../core/actions/actions.ts'
import { found, known } from '../../core/base/fact.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { SIZES } from '../../infra/capacity.ts'
import { HUB_POLICIES } from '../../infra/roll-out.ts'
import { deploy, EVERY_OPINION, ORGANIZATION } from '../infra/deployment.ts'
import { inAccount } from '../infra/resolved.ts'
import { allowed } from '../infra/statements.ts'
import { attack } from './attack.ts'

const HUB = ORGANIZATION.hubAccountId
const MEMBER = '444455556666'
const deployed = deploy({ organization: ORGANIZATION }, EVERY_OPINION)
const bot = inAccount(deployed.templates['rolemedic-bot'], HUB)
const member = inAccount(deployed.templates['rolemedic-roles'], MEMBER)
const everything = allowed(deployed)
const whoMay = (action: string): readonly string[] =>
  [...new Set(everything.filter(({ actions }) => actions.includes(action)).map(({ role }) => role))].sort()

/** Evaluates these documents as the only policies of a role. A deny applies in any of them. */
function permits(
  documents: readonly unknown[],
  {
    action,
    resource,
    accountId = HUB,
    context = {},
  }: { action: string; resource: string; accountId?: string; context?: ContextFacts },
): boolean {
  const arn = `arn:aws:iam::${accountId}:role/attacked`
  const policies = documents.map((document): SourcedPolicy => {
    const policy = parsePolicy(document)
    if (!policy.ok) throw new Error(policy.error)
    return { type: 'identity', name: 'own', arn: null, attachedTo: arn, document: policy.value }
  })
  const role = { kind: 'role' as const, arn, accountId, name: 'attacked', path: '/', uniqueId: null, tags: {} }
  const snapshot = {
    caller: found({ ...role, unseen: [], policies, boundary: { kind: 'absent' as const } }),
    targets: [],
    organization: known({ id: 'o-abc1234567', managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const principalArn = `arn:aws:sts::${accountId}:assumed-role/attacked/session`
  const { layers } = evaluate({ action, resource, principalArn, roleArn: arn, context }, snapshot)
  return layers.find(({ type }) => type === 'identity')?.answer === 'allows'
}

/** The placeholder in the shipped policy, which the deployer replaces. */
const BUCKET = 'arn:aws:s3:::REPLACE-WITH-THE-AUDIT-BUCKET'
const TABLE = `arn:aws:dynamodb:eu-west-1:${HUB}:table/rolemedic`
const functionPolicies = (name: string): readonly unknown[] =>
  bot
    .rolePolicies(`rolemedic-${name}`)
    .map(document =>
      JSON.parse(JSON.stringify(document).replaceAll(/<rolemedic-state:[^>]*Proposals[^>]*Arn[^>]*>/g, TABLE)),
    )
const puts = (name: string, key: string) =>
  permits(functionPolicies(name), {
    action: 'dynamodb:PutItem',
    resource: TABLE,
    context: { 'dynamodb:leadingkeys': present(key) },
  })

describe('code that runs in one of the functions', () => {
  attack('F1', () => {
    expect(['intake', 'alert'].filter(name => puts(name, 'proposal#p-1'))).toEqual([])
    // The same evaluation shows what they may put.
    expect(['intake', 'alert'].filter(name => puts(name, 'note#deploys-by/0123456789abcdef'))).toEqual(['alert'])
  })
  attack('F2', () => {
    expect(whoMay('kms:Sign')).toEqual(['rolemedic-decide', 'rolemedic-enroll', 'rolemedic-verify', 'rolemedic-write'])
  })
  attack('F3', () => {
    const keys = everything.filter(({ actions }) => actions.includes('kms:Sign'))
    const of = (role: string) =>
      JSON.stringify(keys.filter(each => each.role === role).map(({ resources }) => resources))
    expect(of('rolemedic-decide')).toMatch(/DecisionsKey/)
    expect(of('rolemedic-verify')).toMatch(/AttestationsKey/)
    expect(of('rolemedic-verify')).not.toMatch(/DecisionsKey|OutcomesKey|AuditKey/)
    expect(of('rolemedic-write')).toMatch(/OutcomesKey/)
    expect(of('rolemedic-write')).not.toMatch(/DecisionsKey|AttestationsKey|AuditKey/)
  })
  attack('F4', () => {
    const trust = JSON.stringify(member.trust('rolemedic-writer'))
    expect(trust).toContain(`arn:aws:iam::${HUB}:role/rolemedic-write`)
    expect(trust).not.toMatch(/rolemedic-(propose|decide|verify|sweep|intake|alert)/)
    const writers = everything.filter(
      ({ actions, resources }) =>
        actions.includes('sts:AssumeRole') && JSON.stringify(resources).includes('rolemedic-writer'),
    )
    expect([...new Set(writers.map(({ role }) => role))]).toEqual(['rolemedic-write'])
  })
  attack('F5', () => {
    const own = everything.filter(({ role }) => role === 'rolemedic-decide').flatMap(({ actions }) => actions)
    expect(own.length).toBeGreaterThan(0)
    // The units of an account decide its mode.
    expect([...new Set(own.filter(action => /^(iam|sts|organizations|sso):/.test(action)))].sort()).toEqual([
      'organizations:DescribeAccount',
      'organizations:ListParents',
    ])
  })
  attack('F6', () => {
    for (const action of [
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:BypassGovernanceRetention',
      's3:PutObjectRetention',
      's3:PutBucketPolicy',
    ])
      expect(whoMay(action), action).toEqual([])
  })
  attack('F7', () => {
    for (const call of ['DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLInsert', 'Scan', 'PutResourcePolicy'])
      expect(whoMay(`dynamodb:${call}`), call).toEqual([])
  })
  attack('F8', () => {
    const actions = everything.filter(({ role }) => role === 'rolemedic-reader').flatMap(each => each.actions)
    expect(actions.length).toBeGreaterThan(10)
    expect(
      actions.filter(
        action =>
          !/^[a-z0-9-]+:(Get|List|Describe|Lookup|Simulate|Decode|BatchGet|Filter|Start(Query|LiveTail)|Generate)/.test(
            action,
          ),
      ),
    ).toEqual([])
  })
})

describe('somebody with the writer role', () => {
  const policies = [...member.rolePolicies('rolemedic-writer')]
  /** The session for one approved change: the target has no tag, and the session names approver and change. */
  const SESSION: ContextFacts = {
    'aws:resourcetag/rolemedic:protected': ABSENT_KEY,
    'iam:resourcetag/rolemedic:protected': ABSENT_KEY,
    'aws:sourceidentity': present('ana@example.com'),
    'aws:principaltag/rolemedic:proposal': present('p-1'),
    'aws:principaltag/rolemedic:digest': present('sha256:00'),
  }
  const writes = (action: string, resource: string, context = SESSION) =>
    permits(policies, { action, resource: `arn:aws:iam::${MEMBER}:${resource}`, accountId: MEMBER, context })

  attack('W1', () => {
    expect(writes('iam:PutRolePolicy', 'role/deployer')).toBe(true)
    for (const [action, resource] of [
      ['iam:PutRolePolicy', 'role/rolemedic-writer'],
      ['iam:UpdateAssumeRolePolicy', 'role/rolemedic-writer'],
      ['iam:CreatePolicyVersion', 'policy/rolemedic-writer-boundary'],
      ['iam:PutRolePolicy', 'role/rolemedic-reader'],
    ] as const)
      expect(writes(action, resource), action).toBe(false)
  })
  attack('W2', () => {
    for (const call of [
      'CreateUser',
      'CreateAccessKey',
      'CreateRole',
      'AttachRolePolicy',
      'DeleteRolePermissionsBoundary',
      'PassRole',
      'SetDefaultPolicyVersion',
    ])
      expect(writes(`iam:${call}`, 'role/deployer'), call).toBe(false)
  })
  attack('W4', () => {
    for (const key of Object.keys(SESSION).filter(name => !name.includes('resourcetag')))
      expect(writes('iam:PutRolePolicy', 'role/deployer', { ...SESSION, [key]: ABSENT_KEY }), key).toBe(false)
  })
  attack('W3', () => {
    const trust = member.trust('rolemedic-writer') as {
      readonly Statement: readonly { readonly Principal: unknown; readonly Condition: object }[]
    }
    for (const { Principal, Condition } of trust.Statement) {
      expect(JSON.stringify(Principal)).toContain(`arn:aws:iam::${HUB}:root`)
      expect(JSON.stringify(Condition)).toContain(`arn:aws:iam::${HUB}:role/rolemedic-write`)
    }
    expect(JSON.stringify(trust)).toContain('sts:ExternalId')
  })
})

describe('an administrator of the hub', () => {
  const scps = HUB_POLICIES.map((name): unknown =>
    JSON.parse(readFileSync(resolve(import.meta.dirname, `../../infra/policies/${name}.json`), 'utf8')),
  )
  const anything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${HUB}:${rest}`
  const role = (name: string) => `arn:aws:iam::${HUB}:role/${name}`
  const may = (action: string, resource: string, context: ContextFacts = {}, by = 'Administrator') => {
    const principal = { 'aws:principalarn': present(role(by)) }
    return permits([anything, ...scps], { action, resource, context: { ...principal, ...context } })
  }
  const deny = (actions: readonly string[], resource: string, context: ContextFacts = {}) =>
    expect(actions.filter(action => may(action, resource, context))).toEqual([])

  attack('H1', () => {
    expect(may('secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:orders-AbCdEf'))).toBe(true)
    deny(
      ['GetSecretValue', 'PutSecretValue', 'RotateSecret', 'UpdateSecretVersionStage', 'PutResourcePolicy'].map(
        call => `secretsmanager:${call}`,
      ),
      arn('secretsmanager', 'secret:rolemedic/slack-signing-secret-AbCdEf'),
    )
  })
  attack('H2', () =>
    deny(
      ['PutItem', 'UpdateItem', 'DeleteItem', 'PartiQLUpdate'].map(call => `dynamodb:${call}`),
      TABLE,
    ),
  )
  attack('H3', () => {
    const moves = ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'StartMessageMoveTask']
    for (const queue of [
      'rolemedic-verify.fifo',
      'rolemedic-write.fifo',
      'rolemedic-write-dead.fifo',
      'rolemedic-rules-dead',
    ])
      deny(
        [...moves, 'SetQueueAttributes'].map(call => `sqs:${call}`),
        arn('sqs', queue),
      )
    deny(
      ['lambda:InvokeFunction', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration'],
      arn('lambda', 'function:rolemedic-write'),
    )
  })
  attack('H4', () =>
    deny(
      ['Sign', 'PutKeyPolicy', 'CreateGrant', 'ScheduleKeyDeletion'].map(call => `kms:${call}`),
      arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab'),
      {
        'kms:resourcealiases': present('alias/rolemedic-decisions'),
      },
    ),
  )
  attack('H5', () => {
    deny(['s3:PutBucketPolicy', 's3:PutBucketVersioning', 's3:PutBucketObjectLockConfiguration'], BUCKET)
    deny(['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention'], `${BUCKET}/audit/000000000001.json`)
  })
  attack('H6', () => {
    deny(['sts:AssumeRole', 'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'iam:PassRole'], role('rolemedic-write'))
    deny(['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion'], `arn:aws:iam::${HUB}:policy/rolemedic-own`)
    deny(['lambda:UpdateFunctionCode', 'lambda:CreateFunctionUrlConfig'], arn('lambda', 'function:rolemedic-write'))
  })
  attack('H7', () => {
    // `test/infra/hub-exempt.ts` derives the principals, and searches for paths in any number of steps.
    for (const name of [
      'platform-deploys-rolemedic',
      'platform-keeps-rolemedic-secrets',
      'platform-operates-rolemedic',
      `cdk-hnb659fds-cfn-exec-role-${HUB}-eu-west-1`,
    ])
      deny(['sts:AssumeRole', 'iam:UpdateAssumeRolePolicy', 'iam:CreateRole', 'iam:PassRole'], role(name))
    deny(['iam:UpdateSAMLProvider'], `arn:aws:iam::${HUB}:saml-provider/corp`)
    deny(['iam:AddClientIDToOpenIDConnectProvider'], `arn:aws:iam::${HUB}:oidc-provider/gitlab.example.com`)
    deny(
      ['cloudformation:UpdateStack', 'cloudformation:ExecuteChangeSet'],
      arn('cloudformation', 'stack/orders/1a2b3c'),
    )
  })
  attack('H8', () => {
    deny(['s3:PutObject', 's3:DeleteObject'], `arn:aws:s3:::cdk-hnb659fds-assets-${HUB}-eu-west-1/0a1b2c.zip`)
    deny(['s3:PutBucketPolicy'], `arn:aws:s3:::cdk-hnb659fds-assets-${HUB}-eu-west-1`)
    for (const account of [HUB, MEMBER, '999999999999'])
      deny(
        ['cloudformation:UpdateStackSet', 'cloudformation:UpdateStackInstances'],
        `arn:aws:cloudformation:eu-west-1:${account}:stackset/rolemedic-roles:1a2b3c`,
      )
  })
  attack('H9', () => {
    deny(
      ['cloudwatch:DeleteAlarms', 'cloudwatch:DisableAlarmActions', 'cloudwatch:SetAlarmState'],
      arn('cloudwatch', 'alarm:rolemedic-forged-decide'),
    )
    deny(['cloudwatch:PutAlarmMuteRule'], arn('cloudwatch', 'alarm-mute-rule:all'))
    deny(['sns:Unsubscribe', 'sns:SetSubscriptionAttributes'], arn('sns', 'rolemedic-alerts'))
    deny(['scheduler:DeleteSchedule'], arn('scheduler', 'schedule/rolemedic/rolemedic-heartbeat'))
    deny(['events:DisableRule', 'events:RemoveTargets'], arn('events', 'rule/rolemedic-sweep'))
    deny(['logs:DeleteLogGroup'], arn('logs', 'log-group:/aws/lambda/rolemedic-write:*'))
    deny(['organizations:LeaveOrganization'], '*')
    deny(['apigateway:PATCH', 'apigateway:POST'], 'arn:aws:apigateway:eu-west-1::/apis/REPLACE-WITH-THE-API/routes')
  })
  attack('X7', () => {
    const exec = `cdk-hnb659fds-cfn-exec-role-${HUB}-eu-west-1`
    const can = [
      ...Object.keys(SIZES).flatMap(name => [
        ['lambda:UpdateFunctionCode', arn('lambda', `function:rolemedic-${name}`)] as const,
        ['iam:PutRolePolicy', role(`rolemedic-${name}`)] as const,
      ]),
      ['kms:PutKeyPolicy', arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab')],
    ] as const
    const KEY = { 'kms:resourcealiases': present('alias/rolemedic-decisions') }
    const by = (name: string) => can.filter(([action, resource]) => may(action, resource, KEY, name))
    for (const name of [exec, 'platform-deploys-rolemedic']) expect(by(name)).toEqual(can)
    expect(by('Administrator')).toEqual([])
    for (const name of [exec, 'platform-deploys-rolemedic']) deny(['sts:AssumeRole', 'iam:PassRole'], role(name))
  })
})

describe('code that runs in `publish`', () => {
  attack('G9', () => {
    const own = everything.filter(({ role }) => role === 'rolemedic-publish')
    const actions = own.flatMap(each => each.actions)
    expect(actions.length).toBeGreaterThan(5)
    expect(
      actions.filter(action => /^(iam|sts|organizations|sso|lambda):|^kms:(?!GetPublicKey$)/.test(action)),
    ).toEqual([])
    const sends = own.filter(each => each.actions.includes('sqs:SendMessage'))
    expect(JSON.stringify(sends)).not.toMatch(/Verify|Write|Propose/i)
    expect(puts('publish', 'proposal#p-1')).toBe(false)
    expect(puts('publish', 'note#pull/p-1')).toBe(true)
  })
})
