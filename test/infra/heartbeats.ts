/** What allows the hub to hear from every account and Region, and what keeps its rules disabled until Slack answers. */
import { describe, expect, it } from 'vitest'
import { deploy, named, ORGANIZATION, resources } from './deployment.ts'
import { inAccount } from './resolved.ts'

const deployed = deploy({ organization: ORGANIZATION })
const MEMBER = '444455556666'
const member = inAccount(deployed.templates['rolemedic-member-us-east-1'], MEMBER, 'us-east-1')
const STACKS = ['rolemedic-bot', 'rolemedic-member', 'rolemedic-member-us-east-1']

describe('a heartbeat', () => {
  it('is put on the account’s own bus every 15 minutes, with the version of the template', () => {
    expect(member.all('AWS::Scheduler::Schedule')).toEqual([
      {
        Name: 'rolemedic-heartbeat',
        Description: expect.any(String),
        GroupName: 'rolemedic',
        ScheduleExpression: 'rate(15 minutes)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: `arn:aws:events:us-east-1:${MEMBER}:event-bus/default`,
          RoleArn: expect.anything(),
          Input: '{"version":"0.0.0-test"}',
          EventBridgeParameters: { Source: 'rolemedic.heartbeat', DetailType: 'Heartbeat' },
          RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 600 },
        },
      },
    ])
    expect(member.all('AWS::Scheduler::ScheduleGroup')).toEqual([{ Name: 'rolemedic' }])
  })

  it('is put by a role that can put nothing else, for schedules of its own group alone', () => {
    const role = member.all('AWS::IAM::Role').find(({ RoleName }) => RoleName === 'rolemedic-heartbeat-us-east-1')
    expect(role?.['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceAccount': MEMBER,
              'aws:SourceArn': `arn:aws:scheduler:us-east-1:${MEMBER}:schedule-group/rolemedic`,
            },
          },
        },
      ],
    })
    expect(member.rolePolicies('rolemedic-heartbeat-us-east-1')).toEqual([
      {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'PutHeartbeat',
            Effect: 'Allow',
            Action: 'events:PutEvents',
            Resource: `arn:aws:events:us-east-1:${MEMBER}:event-bus/default`,
            Condition: {
              'ForAllValues:StringEquals': {
                'events:source': 'rolemedic.heartbeat',
                'events:detail-type': 'Heartbeat',
              },
              Null: { 'events:source': 'false', 'events:detail-type': 'false' },
            },
          },
        ],
      },
    ])
  })

  it('takes the path of the denials: same bus, same forwarder, same dead letters', () => {
    const rules = member.all('AWS::Events::Rule')
    const [heartbeat] = rules.filter(({ Name }) => Name === 'rolemedic-heartbeat')
    const [denial] = rules.filter(({ Name }) => Name === 'rolemedic-assume-role')
    expect(heartbeat?.['Targets']).toEqual(denial?.['Targets'])
    expect(heartbeat?.['EventBusName']).toBe(denial?.['EventBusName'])
  })

  /**
   * A rate without a start begins at once, and what EventBridge cannot deliver for want of a permission or of a bus goes to the dead
   * letters without another try: an alarm, and a failed check of the doctor for a day.
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
   */
  it.each(STACKS.filter(stack => stack !== 'rolemedic-member'))('of %s starts once its path is there', stack => {
    const onPath = Object.entries(deployed.templates[stack]?.Resources ?? {}).filter(
      ([, { Type, Properties }]) =>
        (Type === 'AWS::Events::Rule' && Properties['Name'] === 'rolemedic-heartbeat') ||
        (Type === 'AWS::IAM::Policy' && /"(PutHeartbeat|Forward)"/.test(JSON.stringify(Properties))) ||
        (Type === 'AWS::SQS::QueuePolicy' && JSON.stringify(Properties).includes('rolemedic-heartbeat')),
    )
    expect(onPath.length).toBeGreaterThanOrEqual(4)
    const [schedule] = resources(deployed, 'AWS::Scheduler::Schedule', stack)
    expect(onPath.map(([id]) => id).filter(id => !schedule?.DependsOn?.includes(id))).toEqual([])
  })

  it('of another Region starts once the bus of the bot is there', () => {
    for (const { order } of [deployed, deploy()])
      expect(order.indexOf('rolemedic-member-us-east-1')).toBeGreaterThan(order.indexOf('rolemedic-bot'))
  })

  it('comes from the hub itself, too, and every rule for it leads to intake', () => {
    const rules = resources(deployed, 'AWS::Events::Rule', 'rolemedic-bot')
      .map(({ Properties }) => Properties)
      .filter(({ Name }) => Name === 'rolemedic-heartbeat')
    expect(rules.map(({ EventBusName }) => EventBusName !== undefined)).toEqual([false, true])
    const [queue] =
      named(deployed, 'AWS::SQS::Queue', 'rolemedic-bot').find(
        ([, { Properties }]) => Properties['QueueName'] === 'rolemedic-intake',
      ) ?? []
    for (const { Targets } of rules) expect(JSON.stringify(Targets)).toContain(`"Fn::GetAtt":["${queue}","Arn"]`)
    expect(resources(deployed, 'AWS::Scheduler::Schedule', 'rolemedic-bot')).toHaveLength(1)
  })

  it('is expected where the settings say', () => {
    const sweep = (settings: object) => {
      const lambdas = resources(deploy({ ...settings }), 'AWS::Lambda::Function', 'rolemedic-bot')
      const found = lambdas.find(({ Properties }) => Properties['FunctionName'] === 'rolemedic-sweep')
      return (found?.Properties['Environment'] ?? {}) as { readonly Variables?: object }
    }
    expect(sweep({}).Variables).toMatchObject({
      MEMBERS_IN: 'account',
      MEMBER_REGIONS: 'eu-west-1,us-east-1',
      RETIRED_MEMBERS: '',
    })
    const heartbeats = { regions: ['eu-central-1'], retired: ['444455556666', '111122223333/us-east-1'] }
    expect(sweep({ organization: ORGANIZATION, heartbeats }).Variables).toMatchObject({
      MEMBERS_IN: 'organization',
      MEMBER_REGIONS: 'eu-central-1',
      RETIRED_MEMBERS: '444455556666,111122223333/us-east-1',
    })
  })
})

describe('the switch of the rules', () => {
  const states = (enabled: boolean, stack: string) =>
    Object.fromEntries(
      resources(deploy({ organization: ORGANIZATION, enabled }), 'AWS::Events::Rule', stack)
        .map(({ Properties }) => Properties)
        .filter(({ EventPattern }) => EventPattern !== undefined)
        .map(({ Name, State }) => [String(Name), State]),
    )

  it.each(STACKS)('off, disables every rule of %s but those of the bot itself', stack => {
    const { 'rolemedic-heartbeat': heartbeat, 'rolemedic-doctor': _, ...others } = states(false, stack)
    expect(heartbeat).toBe('ENABLED')
    expect(Object.values(others).length).toBeGreaterThanOrEqual(7)
    expect(new Set(Object.values(others))).toEqual(new Set(['DISABLED']))
  })

  it.each(STACKS)('on, leaves none of %s disabled', stack => {
    expect(Object.values(states(true, stack))).not.toContain('DISABLED')
  })

  it('is on where a settings file of an earlier version has none: an upgrade blinds nobody', () => {
    expect(states(true, 'rolemedic-bot')).toEqual(
      Object.fromEntries(
        resources(deployed, 'AWS::Events::Rule', 'rolemedic-bot')
          .map(({ Properties }) => Properties)
          .filter(({ EventPattern }) => EventPattern !== undefined)
          .map(({ Name, State }) => [String(Name), State]),
      ),
    )
  })

  it('leaves the schedules of the bot itself alone but for the canary, which would not arrive', () => {
    const scheduled = resources(deploy({ enabled: false }), 'AWS::Events::Rule', 'rolemedic-bot').filter(
      ({ Properties }) => Properties['ScheduleExpression'] !== undefined,
    )
    expect(scheduled.map(({ Properties }) => [Properties['Name'], Properties['State']])).toEqual([
      ['rolemedic-sweep', 'ENABLED'],
      ['rolemedic-checkpoint', 'ENABLED'],
      ['rolemedic-ends', 'ENABLED'],
      ['rolemedic-canary', 'DISABLED'],
    ])
  })
})
