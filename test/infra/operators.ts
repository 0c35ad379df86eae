import { resolve } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it, vi } from 'vitest'
import { liveHub } from '../../cli/live/hub-store.ts'
import { liveQueues } from '../../cli/live/operator-queues.ts'
import { redriveQueues } from '../../cli/use-cases/operate/redrive-queues.ts'
import { stopGranting } from '../../cli/use-cases/operate/stop-granting.ts'
import { present } from '../../core/iam/conditions/context.ts'
import { type ShownStep, shownSteps } from '../package/shown-commands.ts'
import { deploy, ORGANIZATION, resources } from './deployment.ts'
import {
  ANYTHING,
  answerTo,
  arn,
  BUCKET,
  BUS,
  type Call,
  callsOf,
  FUNCTION,
  HUB,
  KEY,
  MAPPING,
  operators,
  policies,
  policyIn,
  QUEUE,
  ROLE,
  RULE,
  roleArn,
  SECRET,
  SIGNING,
  STACK,
  shipped,
  TABLE,
  TOPIC,
} from './hub-policies.ts'

const OPERATOR = roleArn('platform-operates-rolemedic')
const operates = (...call: Call) => answerTo(OPERATOR, [operators, ...policies], ...call)
const queues = (stack: string) =>
  resources(deploy({ organization: ORGANIZATION }), 'AWS::SQS::Queue', stack).map(({ Properties }) =>
    arn('sqs', String(Properties['QueueName'])),
  )
const DEAD = queues('rolemedic-state')
const WORK = queues('rolemedic-bot').filter(each => !each.endsWith('-dead'))

const root = resolve(import.meta.dirname, '../..')
const OPERATED = ['docs/runbooks.md', 'docs/deploy.md', 'docs/upgrade.md']
const steps = OPERATED.flatMap(file => shownSteps(root, file))

/** Where the name of a command is not that of its action, or it makes several calls. */
const CALLS: { readonly [command: string]: readonly string[] } = {
  'logs tail': ['logs:FilterLogEvents'],
  's3 cp': ['s3:PutObject'],
  'cloudformation deploy': ['CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet', 'DescribeStacks'].map(
    call => `cloudformation:${call}`,
  ),
}
/** `aws sqs purge-queue` is `sqs:PurgeQueue`. */
const actionsIn = (text: string): readonly string[] =>
  [...text.matchAll(/\baws ([a-z0-9]+) ([a-z]+(?:-[a-z]+)*)/g)].flatMap(
    ([, service = '', command = '']) =>
      CALLS[`${service} ${command}`] ?? [
        `${service}:${command.replaceAll(/(?:^|-)([a-z])/g, (_, first: string) => first.toUpperCase())}`,
      ],
  )
/** For each role of the hub, the actions of its steps. */
const askedOf = (of: readonly ShownStep[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(of, ({ role }) => role)].flatMap(([role, own]) =>
      role === null ? [] : [[role, [...new Set(own.flatMap(({ text }) => actionsIn(text)))].toSorted()]],
    ),
  )
const ROLES: { readonly [role: string]: readonly unknown[] } = {
  'platform-operates-rolemedic': [operators],
  'platform-keeps-rolemedic-secrets': [ANYTHING],
  'platform-deploys-rolemedic': ['resources', 'templates', 'terraform'].map(name =>
    policyIn(shipped(`deployer-${name}`)),
  ),
}
/** What the role of a step may not do of it. */
const refusedOf = (of: readonly ShownStep[], own = ROLES): readonly string[] =>
  [...askedOf(of)].flatMap(([role, actions]) =>
    actions.flatMap(action =>
      resourcesFor(action)
        .filter(
          resource =>
            answerTo(roleArn(role), [...(own[role] ?? []), ...policies], action, resource, OURS) !== 'allowed',
        )
        .map(resource => `${role}: ${action} on ${resource}`),
    ),
  )
const ON: { readonly [action: string]: readonly string[] } = {
  'dynamodb:GetItem': [TABLE],
  'events:DescribeEventBus': [BUS],
  // To the others the bot alone sends: what is lost there is asked for again.
  'sqs:SendMessage': WORK.filter(each => !/rolemedic-(verify|write|outcome)/.test(each)),
  'sqs:GetQueueUrl': [...DEAD, ...WORK],
  'sqs:GetQueueAttributes': [...DEAD, ...WORK],
}
const ON_SERVICE: { readonly [service: string]: readonly string[] } = {
  cloudformation: [STACK],
  cloudtrail: ['*'],
  kms: [KEY],
  s3: ['arn:aws:s3:::REPLACE-WITH-THE-CODE-BUCKET/rolemedic/0.1.0/write-0.1.0.zip'],
  secretsmanager: [SECRET],
  events: [RULE, arn('events', 'rule/rolemedic/rolemedic-heartbeat')],
  lambda: [FUNCTION],
  logs: [arn('logs', 'log-group:/aws/lambda/rolemedic-write:*')],
  scheduler: [arn('scheduler', 'schedule/rolemedic/rolemedic-heartbeat')],
  sqs: DEAD,
}
const OURS = { 'lambda:functionarn': present(FUNCTION), 'kms:resourcealiases': present('alias/rolemedic') }
function resourcesFor(action: string): readonly string[] {
  if (/^lambda:(List|GetAccount)/.test(action)) return ['*']
  return action === 'lambda:UpdateEventSourceMapping'
    ? [MAPPING]
    : (ON[action] ?? ON_SERVICE[action.split(':')[0] ?? ''] ?? [])
}

describe('the role of the operators', () => {
  it('fits into the inline policies of a role', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    expect(JSON.stringify(operators).length).toBeLessThanOrEqual(10_240)
  })

  it('and the others may do what each step of the pages asks of them, on all that it is asked for', () => {
    expect([...askedOf(steps)].map(([role, actions]) => [role, actions.length > 2])).toEqual([
      ['platform-operates-rolemedic', true],
      ['platform-deploys-rolemedic', true],
      ['platform-keeps-rolemedic-secrets', true],
    ])
    expect(askedOf(steps).get('platform-operates-rolemedic')?.length).toBeGreaterThan(15)
    expect(DEAD.length + WORK.length).toBe(18)
    expect([...askedOf(steps).values()].flat().filter(action => resourcesFor(action).length === 0)).toEqual([])
    expect(refusedOf(steps)).toEqual([])
    // What moving messages needs besides its own action.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    for (const dead of DEAD)
      for (const call of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])
        expect([dead, operates(`sqs:${call}`, dead)]).toEqual([dead, 'allowed'])
  })

  it('may make each call of rolemedic redrive, and the moves that SQS makes for it', async () => {
    const calls: Call[] = []
    const nameIn = (text: string) => text.split(/[/:]/).at(-1) ?? ''
    const called = (action: string, name: string) => calls.push([action, arn('sqs', name)])
    const answers: { readonly [call: string]: (given: { readonly [member: string]: string }) => object } = {
      GetQueueUrl({ QueueName = '' }) {
        called('sqs:GetQueueUrl', QueueName)
        return { QueueUrl: `https://sqs.test/${HUB}/${QueueName}` }
      },
      GetQueueAttributes({ QueueUrl = '' }) {
        const name = nameIn(QueueUrl)
        called('sqs:GetQueueAttributes', name)
        const Attributes = { ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '0' }
        return { Attributes: { ...Attributes, QueueArn: arn('sqs', name) } }
      },
      StartMessageMoveTask({ SourceArn = '' }) {
        const name = nameIn(SourceArn)
        for (const call of ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage']) called(`sqs:${call}`, name)
        called('sqs:SendMessage', name.replace('-dead', ''))
        return {}
      },
    }
    vi.stubGlobal('fetch', async (_url: URL, init: { headers: { [name: string]: string }; body: string }) => {
      const call = init.headers['x-amz-target']?.replace('AmazonSQS.', '') ?? ''
      return Response.json(answers[call]?.(JSON.parse(init.body)) ?? {})
    })
    const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }
    const before = { ...process.env }
    Object.assign(process.env, env)
    await redriveQueues(null, await liveQueues({ profile: null, region: 'eu-west-1' }, { env }))
    process.env = before
    vi.unstubAllGlobals()
    expect(calls.filter(([action]) => action === 'sqs:StartMessageMoveTask')).toHaveLength(5)
    expect(calls.filter(call => operates(...call) !== 'allowed')).toEqual([])
  })

  it('may stop granting and resume it: with rolemedic stop, and no other item', async () => {
    const dynamo = mockClient(DynamoDBClient)
    const sts = mockClient(STSClient)
      .on(GetCallerIdentityCommand)
      .resolves({ Arn: `${OPERATOR}/ada` })
    const calls: Call[] = []
    const called = (action: string, key: string | undefined) =>
      calls.push([action, TABLE, { 'dynamodb:leadingkeys': present(key ?? '') }])
    dynamo.on(GetItemCommand).callsFake(({ Key }) => {
      called('dynamodb:GetItem', Key.pk.S)
      return {}
    })
    dynamo.on(PutItemCommand).callsFake(({ Item }) => {
      called('dynamodb:PutItem', Item.pk.S)
      return {}
    })
    const before = { ...process.env }
    const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' }
    Object.assign(process.env, env)
    await stopGranting('incident', await liveHub({ profile: null, region: 'eu-west-1' }, { env }), 0)
    process.env = before
    dynamo.restore()
    sts.restore()
    expect(calls.map(([action]) => action)).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem'])
    expect(calls.filter(call => operates(...call) !== 'allowed')).toEqual([])
  })

  it('may invoke enroll, as rolemedic passkeys does', () => {
    expect(operates('lambda:InvokeFunction', arn('lambda', 'function:rolemedic-enroll'))).toBe('allowed')
  })

  it.each(['resources', 'cdk', 'templates', 'terraform'])('is denied nothing of what deploying needs: %s', name => {
    const { Statement } = policyIn(shipped(`deployer-${name}`))
    const calls = Statement.flatMap(callsOf)
    const denied = calls.filter(
      ([action, resource, context]) =>
        answerTo(roleArn('platform-deploys-rolemedic'), [ANYTHING, ...policies], action, resource, context) ===
        'denied',
    )
    expect(denied.map(([action, resource]) => `${action} ${resource}`)).toEqual([])
  })

  it('would be missed with an action too few, and so would a step that names the wrong role', () => {
    const less = operators.Statement.map(one => ({
      ...one,
      Action: [one.Action].flat().filter(each => each !== 'events:EnableRule'),
    }))
    const missed = refusedOf(steps, { ...ROLES, 'platform-operates-rolemedic': [{ ...operators, Statement: less }] })
    expect(missed.every(line => line.startsWith('platform-operates-rolemedic: events:EnableRule on '))).toBe(true)
    expect(missed.length).toBeGreaterThan(0)
    const [restart] = steps.filter(({ text }) => text.includes('put-function-concurrency'))
    const others = ['platform-keeps-rolemedic-secrets'].map(role => ({ ...(restart as ShownStep), role }))
    expect(refusedOf(others)).toEqual([expect.stringContaining('lambda:PutFunctionConcurrency')])
  })

  it('is denied nothing that its own policy allows', () => {
    const calls = operators.Statement.flatMap(callsOf)
    expect(calls.filter(call => operates(...call) !== 'allowed').map(([action, on]) => [action, on])).toEqual([])
  })

  it.each<Call>([
    ['sqs:PurgeQueue', QUEUE],
    ['sqs:ReceiveMessage', QUEUE],
    ['sqs:DeleteMessage', arn('sqs', 'rolemedic-propose')],
    ['sqs:SetQueueAttributes', QUEUE],
    ['sqs:SendMessage', arn('sqs', 'orders')],
    ...['verify.fifo', 'write.fifo', 'outcome'].map(
      (name): Call => ['sqs:SendMessage', arn('sqs', `rolemedic-${name}`)],
    ),
    ['lambda:UpdateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(arn('lambda', 'function:orders')) }],
    ['lambda:CreateEventSourceMapping', MAPPING, { 'lambda:functionarn': present(FUNCTION) }],
    ['lambda:UpdateFunctionCode', FUNCTION],
    ['lambda:InvokeFunction', FUNCTION],
    ['dynamodb:PutItem', TABLE],
    ...['proposal#p-1', 'note#audit#head', 'note#stopped-not'].map(
      (key): Call => ['dynamodb:PutItem', TABLE, { 'dynamodb:leadingkeys': present(key) }],
    ),
    ['dynamodb:UpdateItem', TABLE, { 'dynamodb:leadingkeys': present('note#stopped') }],
    ['secretsmanager:GetSecretValue', SECRET],
    ['secretsmanager:PutSecretValue', SECRET],
    ['kms:Sign', KEY, SIGNING],
    ['s3:PutObject', `${BUCKET}/audit/000000000001.json`],
    ['iam:PassRole', ROLE],
    ['sts:AssumeRole', ROLE],
    ['events:DisableRule', RULE],
    ['sns:Unsubscribe', TOPIC],
    ['cloudwatch:SetAlarmState', arn('cloudwatch', 'alarm:rolemedic-forged-decide')],
  ])('may not: %s on %s', (action, resource, context) => {
    expect(operates(action, resource, context)).not.toBe('allowed')
  })
})
