import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { patternsCommand } from '../../cli/commands/reference/patterns.ts'
import { DEPLOY_TOOLS } from '../../functions/domain/deploy/tools/tools.ts'
import { FUNCTIONS as DEPLOYED } from '../../infra/functions.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { deploy, named, ORGANIZATION, type Resource, resources } from './deployment.ts'
import { allowed } from './statements.ts'

const deployed = deploy({ organization: ORGANIZATION })
const BOT = 'rolemedic-bot'
const FUNCTIONS = DEPLOYED.map(name => `rolemedic-${name}`)
const text = (value: unknown) => JSON.stringify(value)
const idIn = (value: unknown) => (value as { readonly 'Fn::GetAtt': readonly string[] })['Fn::GetAtt'][0]

describe('the rules', () => {
  const withPattern = (stack: string) =>
    resources(deployed, 'AWS::Events::Rule', stack)
      .map(({ Properties }) => Properties)
      .filter(rule => rule['EventPattern'] !== undefined && rule['Name'] !== 'rolemedic-doctor')
  const isDenial = (rule: Resource['Properties']) => text(rule['EventPattern']).includes('errorCode')
  const denials = (stack: string) => withPattern(stack).filter(isDenial)

  it.each([
    ['the bot’s own bus', BOT, (bus: unknown) => bus === undefined],
    ['the hub’s bus', BOT, (bus: unknown) => bus !== undefined],
    ['a member', 'rolemedic-member', () => true],
    ['another Region', 'rolemedic-member-us-east-1', () => true],
  ])('of %s have the patterns that `rolemedic patterns` prints, and see read-only events', async (_, stack, here) => {
    const io = memoryIo()
    await patternsCommand.run([], io)
    const rules = withPattern(stack).filter(rule => here(rule['EventBusName']))
    const byName = rules.map(rule => [String(rule['Name']).replace('rolemedic-', ''), rule['EventPattern']])
    expect(Object.fromEntries(byName)).toEqual(JSON.parse(io.captured.out))
    expect(new Set(rules.filter(isDenial).map(rule => rule['State']))).toEqual(
      new Set(['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']),
    )
  })

  it('bring failed deploys to alert, from members too', () => {
    const names = DEPLOY_TOOLS.flatMap(({ events }) => events.map(({ rule }) => rule))
    const failed = (stack: string) =>
      resources(deployed, 'AWS::Events::Rule', stack)
        .map(({ Properties }) => Properties)
        .filter(({ Name }) => names.some(name => Name === `rolemedic-${name}` || String(Name).endsWith(`-${name}`)))
    for (const stack of ['rolemedic-member', 'rolemedic-member-us-east-1'])
      expect(failed(stack).map(({ Name }) => Name)).toEqual(
        expect.arrayContaining(names.map(name => `rolemedic-${name}`)),
      )
    const [queue] =
      named(deployed, 'AWS::SQS::Queue', BOT).find(
        ([, { Properties }]) => Properties['QueueName'] === 'rolemedic-alert',
      ) ?? []
    expect(failed(BOT)).toHaveLength(2 * names.length)
    for (const { Targets, State } of failed(BOT)) {
      expect(State).toBe('ENABLED')
      expect(text(Targets)).toContain(`"Fn::GetAtt":["${queue}","Arn"]`)
    }
  })

  it('fit what EventBridge takes', () => {
    for (const { EventPattern } of denials(BOT)) expect(text(EventPattern).length).toBeLessThanOrEqual(2048)
  })

  it('keep what they cannot deliver, and forward from everywhere but where the bot is', () => {
    for (const { Targets } of withPattern(BOT)) expect(text(Targets)).toContain('DeadLetterConfig')
    for (const [, rule] of named(deployed, 'AWS::Events::Rule', 'rolemedic-member')) {
      expect(rule.Condition).toBe('Forwards')
      expect(text(rule.Properties['Targets'])).toContain(':events:eu-west-1:111122223333:event-bus/rolemedic')
    }
  })

  it.each(['rolemedic-member', 'rolemedic-member-us-east-1'])(
    'of %s keep what they cannot forward in a queue of their own, whose alarm is in that account',
    stack => {
      const [[id, queue] = ['', undefined], ...others] = named(deployed, 'AWS::SQS::Queue', stack)
      expect(others).toEqual([])
      expect(queue).toMatchObject({
        Condition: 'Forwards',
        Properties: {
          QueueName: 'rolemedic-forward-dead',
          SqsManagedSseEnabled: true,
          MessageRetentionPeriod: 14 * 24 * 3600,
        },
      })
      for (const { Targets } of withPattern(stack))
        expect(text(Targets)).toContain(`"DeadLetterConfig":{"Arn":{"Fn::GetAtt":["${id}","Arn"]}}`)
      const [alarm, ...more] = resources(deployed, 'AWS::CloudWatch::Alarm', stack)
      expect(more).toEqual([])
      expect(alarm).toMatchObject({
        Condition: 'Forwards',
        Properties: {
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Threshold: 1,
          TreatMissingData: 'notBreaching',
        },
      })
      expect(text(alarm?.Properties['Dimensions'])).toContain(id)
    },
  )

  it('of a member ask for no topic: the hub is told by silence', () => {
    const [alarm] = resources(deployed, 'AWS::CloudWatch::Alarm', 'rolemedic-member')
    expect(alarm?.Properties['AlarmActions']).toBe(undefined)
  })

  it('of the hub take events from forwarders of the organization alone', () => {
    const [policy] = resources(deployed, 'AWS::Events::EventBusPolicy')
    expect(policy?.Properties['Statement']).toMatchObject({
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abc1234567' } },
    })
    expect(text(policy?.Properties['Statement'])).toContain(':iam::*:role/rolemedic-forward-*')
    expect(resources(deploy(), 'AWS::Events::EventBusPolicy')).toEqual([])
  })
})

describe('the functions', () => {
  const lambdas = resources(deployed, 'AWS::Lambda::Function', BOT).map(({ Properties }) => Properties)
  const own = lambdas.filter(({ FunctionName }) => FUNCTIONS.includes(String(FunctionName)))

  it('are those with a handler, on Node.js 24 and arm64, traced, each with its own ceiling', () => {
    expect(lambdas.map(({ FunctionName }) => String(FunctionName)).toSorted()).toEqual(FUNCTIONS.toSorted())
    for (const lambda of own)
      expect(lambda).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        ReservedConcurrentExecutions: expect.any(Number),
      })
  })

  /** https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
  const LEFT_FOR_OTHERS = 100
  it('reserve together what the documentation asks the account to have', () => {
    const sum = own.reduce((all, { ReservedConcurrentExecutions: one }) => all + Number(one), 0)
    const deployment = readFileSync(resolve(import.meta.dirname, '../../docs/deploy.md'), 'utf8')
    expect(deployment).toContain(`${sum} concurrent executions are reserved`)
    expect(deployment).toContain(`at least ${sum + LEFT_FOR_OTHERS}:`)
  })

  it('can do without reserved concurrency, for an account that has too little', () => {
    const small = resources(deploy({ reservedConcurrency: false }), 'AWS::Lambda::Function', BOT)
    for (const { Properties } of small) expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions')
  })

  it('leave room for clicks and the sweep where nothing is reserved: what is held back would become dead letters', () => {
    const atOnce = resources(deploy({ reservedConcurrency: false }), 'AWS::Lambda::EventSourceMapping', BOT)
      // What events fill. The others have a message for each press, or for each pull request.
      .filter(({ Properties }) => /Queue(intake|propose|alert)/.test(JSON.stringify(Properties['EventSourceArn'])))
      .map(
        ({ Properties }) => (Properties['ScalingConfig'] as { readonly MaximumConcurrency: number }).MaximumConcurrency,
      )
    // A new account has ten: four are left for a click, the sweep, and what follows a click.
    expect(atOnce.length).toBe(3)
    expect(atOnce.reduce((all, one) => all + one, 0)).toBeLessThanOrEqual(6)
  })

  it('log each to a group of its own, which forgets', () => {
    const groups = named(deployed, 'AWS::Logs::LogGroup')
    for (const [, { Properties }] of groups) expect(Properties['RetentionInDays']).toBe(90)
    const used = own.map(({ LoggingConfig }) => (LoggingConfig as { LogGroup: { Ref: string } }).LogGroup.Ref)
    expect(new Set(used).size).toBe(FUNCTIONS.length)
    for (const id of used) expect(groups.map(([group]) => group)).toContain(id)
  })

  it('run each in a role of its own', () => {
    const roles = own.map(({ Role }) => idIn(Role))
    expect(new Set(roles).size).toBe(FUNCTIONS.length)
  })

  it('hold no secret in their environment, only where it is', () => {
    const environments = text(own.map(({ Environment }) => Environment))
    expect(environments).not.toMatch(/xox[abp]-/)
    expect(text(own.find(({ FunctionName }) => FunctionName === 'rolemedic-decide')?.['Environment'])).toContain(
      'SLACK_SIGNING_SECRET',
    )
  })

  it('sweep every minute, look for ends every five, and once a day sign the end of the audit log and make a canary', () => {
    const schedules = resources(deployed, 'AWS::Events::Rule', BOT).filter(has('ScheduleExpression'))
    const functionOf = ({ Properties }: (typeof schedules)[number]) =>
      JSON.stringify(Properties['Targets']).match(/Function(sweep|verify)/)?.[1]
    expect(schedules.map(rule => [rule.Properties['ScheduleExpression'], functionOf(rule)])).toEqual([
      ['rate(1 minute)', 'sweep'],
      ['cron(17 6 * * ? *)', 'verify'],
      ['rate(5 minutes)', 'verify'],
      ['cron(17 18 * * ? *)', 'verify'],
    ])
  })

  it('let nothing invoke verify directly but its rules, and nothing at all write', () => {
    const scheduleOf = (name: string) =>
      named(deployed, 'AWS::Events::Rule', BOT).find(([, { Properties }]) => Properties['Name'] === name)?.[0]
    const invokersOf = (name: string) =>
      resources(deployed, 'AWS::Lambda::Permission', BOT)
        .filter(({ Properties }) => JSON.stringify(Properties['FunctionName']).includes(`Function${name}`))
        .map(({ Properties }) => [Properties['Principal'], Properties['SourceArn']])
    expect(invokersOf('verify')).toEqual(
      ['rolemedic-checkpoint', 'rolemedic-ends', 'rolemedic-canary', 'rolemedic-doctor'].map(name => [
        'events.amazonaws.com',
        { 'Fn::GetAtt': [scheduleOf(name), 'Arn'] },
      ]),
    )
    expect(invokersOf('write')).toEqual([])
  })

  it('are asked to try their permissions by a constant, and only by an event of this account', () => {
    const rule = named(deployed, 'AWS::Events::Rule', BOT).find(
      ([, { Properties }]) => Properties['Name'] === 'rolemedic-doctor',
    )?.[1].Properties
    expect(rule?.['EventPattern']).toEqual({
      source: ['rolemedic.doctor'],
      'detail-type': ['rolemedic doctor'],
      account: ['111122223333'],
    })
    const targets = (rule?.['Targets'] ?? []) as readonly { readonly Arn: unknown; readonly Input: string }[]
    expect(targets.map(({ Input }) => Input)).toEqual(Array(5).fill('{"job":"doctor"}'))
    for (const name of ['intake', 'propose', 'verify', 'alert', 'publish'])
      expect(targets.filter(({ Arn }) => text(Arn).includes(`Function${name}`))).toHaveLength(1)
    const putters = resources(deployed, 'AWS::IAM::Policy', BOT).filter(({ Properties }) =>
      text(Properties['PolicyDocument']).includes('events:PutEvents'),
    )
    const statements = putters.flatMap(
      ({ Properties }) => (Properties['PolicyDocument'] as { readonly Statement: readonly object[] }).Statement,
    )
    expect(statements.filter(one => text(one).includes('events:PutEvents'))).toMatchObject([
      // The heartbeat's is the other one.
      { Sid: 'AskForSelfTests', Condition: { 'ForAllValues:StringEquals': { 'events:source': 'rolemedic.doctor' } } },
      { Condition: { 'ForAllValues:StringEquals': { 'events:source': 'rolemedic.heartbeat' } } },
    ])
  })

  it('are updated before who signs what they read', () => {
    const lambdasById = Object.fromEntries(named(deployed, 'AWS::Lambda::Function', BOT))
    const idOf = (name: string) =>
      Object.keys(lambdasById).find(id => lambdasById[id]?.Properties['FunctionName'] === `rolemedic-${name}`) ?? ''
    const waitsFor = (name: string) => (lambdasById[idOf(name)] as { readonly DependsOn?: readonly string[] }).DependsOn
    const functionsBefore = (name: string) => waitsFor(name)?.filter(id => id in lambdasById)
    expect(functionsBefore('verify')?.sort()).toEqual(['write', 'propose', 'sweep'].map(idOf).sort())
    expect(functionsBefore('decide')?.sort()).toEqual(['verify', 'publish'].map(idOf).sort())
    expect(functionsBefore('enroll')).toEqual([idOf('decide')])
    for (const name of ['write', 'propose', 'sweep', 'publish', 'intake', 'alert'])
      expect(functionsBefore(name)).toEqual([])
    // People’s decisions begin everything: each function that may read a key is there before the one that signs them.
    const allBefore = (id: string): readonly string[] => {
      const own = functionsBefore(String(lambdasById[id]?.Properties['FunctionName']).replace('rolemedic-', '')) ?? []
      return [...own, ...own.flatMap(allBefore)]
    }
    const readers = allowed(deployed, BOT).filter(({ actions }) => actions.includes('kms:GetPublicKey'))
    const names = readers.map(({ role }) => role.replace('rolemedic-', '')).filter(name => idOf(name) !== '')
    expect(new Set([...allBefore(idOf('decide')), ...['decide', 'enroll'].map(idOf)])).toEqual(new Set(names.map(idOf)))
  })

  it('do not sweep again after a failure: Lambda itself would try twice more, and for hours what was throttled', () => {
    const [asked, ...more] = named(deployed, 'AWS::Lambda::EventInvokeConfig', BOT)
    expect(more).toEqual([])
    const [sweep] = named(deployed, 'AWS::Lambda::Function', BOT).find(
      ([, { Properties }]) => Properties['FunctionName'] === 'rolemedic-sweep',
    ) ?? ['']
    expect(asked?.[1].Properties).toEqual({
      FunctionName: { Ref: sweep },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      Qualifier: '$LATEST',
    })
  })
})

describe('the address that Slack calls', () => {
  it('takes requests of Slack and of the pages for passkeys, and not too many', () => {
    const routes = resources(deployed, 'AWS::ApiGatewayV2::Route')
    const pages = [
      'GET /approve/{page}',
      'POST /approve/{page}',
      'GET /enroll',
      'GET /enroll/{page}',
      'POST /enroll/{page}',
    ]
    expect(routes.map(({ Properties }) => Properties['RouteKey'])).toEqual(['POST /slack', ...pages])
    const [stage] = resources(deployed, 'AWS::ApiGatewayV2::Stage')
    expect(stage?.Properties['RouteSettings']).toEqual({
      'POST /slack': { ThrottlingBurstLimit: 400, ThrottlingRateLimit: 200 },
      ...Object.fromEntries(pages.map(page => [page, { ThrottlingBurstLimit: 200, ThrottlingRateLimit: 50 }])),
      'POST /enroll/{page}': { ThrottlingBurstLimit: 20, ThrottlingRateLimit: 10 },
    })
    expect(stage?.Properties['DefaultRouteSettings']).toEqual({ ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 })
  })

  it('writes neither body nor headers to its log', () => {
    const [stage] = resources(deployed, 'AWS::ApiGatewayV2::Stage')
    expect(text(stage?.Properties['AccessLogSettings'])).not.toMatch(/body|header|signature|identity/i)
  })
})

function has(name: string): (resource: Resource) => boolean {
  return ({ Properties }) => Properties[name] !== undefined
}
