/** Existing resources that a deployment uses instead of creating its own. Each is tested alone, so that none depends on another. */
import { describe, expect, it } from 'vitest'
import { deploy, named, ORGANIZATION, type Resource, resources } from './deployment.ts'
import { allowed } from './statements.ts'

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:oncall'
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/denials'
const BOT = 'rolemedic-bot'
const text = (value: unknown) => JSON.stringify(value)
const properties = (settings: object, type: string, stack?: string): readonly Resource['Properties'][] =>
  resources(deploy({ ...settings }), type, stack).map(({ Properties }) => Properties)

/** The resources of every statement that allows the action, by role. */
const reach = (settings: object, action: string) =>
  Object.fromEntries(
    allowed(deploy({ ...settings }))
      .filter(({ actions }) => actions.includes(action))
      .map(({ role, resources: of }) => [role, of]),
  )

/** Each resource, also where a role names several. */
const resourcesOf = (settings: object, action: string) =>
  allowed(deploy({ ...settings }))
    .filter(({ actions }) => actions.includes(action))
    .flatMap(({ role, resources: of }) => of.map(one => [role, one] as const))

const environment = (settings: object, name: string) =>
  Object.fromEntries(
    properties(settings, 'AWS::Lambda::Function', BOT).flatMap(({ FunctionName, Environment }) => {
      const { Variables } = Environment as { readonly Variables: { readonly [name: string]: unknown } }
      return Variables[name] === undefined ? [] : [[FunctionName, Variables[name]]]
    }),
  )

describe('a bus of one’s own', () => {
  const own = { organization: ORGANIZATION, existing: { busArn: BUS } }

  it('has the rules made on it, and its policy left to its owner', () => {
    expect(properties(own, 'AWS::Events::EventBus')).toEqual([])
    expect(properties(own, 'AWS::Events::EventBusPolicy')).toEqual([])
    const on = (bus: string | undefined) =>
      properties(own, 'AWS::Events::Rule', BOT).filter(
        ({ Name, EventBusName, EventPattern }) =>
          EventPattern !== undefined && EventBusName === bus && Name !== 'rolemedic-doctor',
      )
    expect(on('denials').map(({ Name }) => Name)).toEqual(on(undefined).map(({ Name }) => Name))
    expect(on('denials')).toHaveLength(14)
  })

  it('is where members forward to, and all that the forwarder may write to', () => {
    for (const { Targets } of properties(own, 'AWS::Events::Rule', 'rolemedic-member'))
      expect(text(Targets)).toContain(`"Arn":"${BUS}"`)
    expect(reach(own, 'events:PutEvents')).toEqual({
      'rolemedic-forward': [BUS],
      // Onto the account's own bus alone, and nothing but heartbeats.
      'rolemedic-heartbeat': [expect.objectContaining({ 'Fn::Join': expect.anything() })],
      // There, too, and nothing but the question of /rolemedic doctor.
      'rolemedic-decide': [expect.objectContaining({ 'Fn::Join': expect.anything() })],
    })
  })
})

describe('a topic of one’s own', () => {
  const own = { existing: { topicArn: TOPIC }, alertEmails: ['oncall@corp.test'] }

  it('gets alarms and notices, and its policy is left to its owner', () => {
    expect(properties(own, 'AWS::SNS::Topic')).toEqual([])
    expect(properties(own, 'AWS::SNS::TopicPolicy')).toEqual([])
    for (const { AlarmActions } of properties(own, 'AWS::CloudWatch::Alarm', BOT)) expect(AlarmActions).toEqual([TOPIC])
    const publishers = ['rolemedic-propose', 'rolemedic-verify', 'rolemedic-sweep']
    expect(environment(own, 'ALERT_TOPIC_ARN')).toEqual(Object.fromEntries(publishers.map(name => [name, TOPIC])))
    expect(reach(own, 'sns:Publish')).toEqual(Object.fromEntries(publishers.map(name => [name, [TOPIC]])))
  })

  it('gets the addresses of the settings, too', () => {
    expect(properties(own, 'AWS::SNS::Subscription')).toEqual([
      { Protocol: 'email', Endpoint: 'oncall@corp.test', TopicArn: TOPIC },
    ])
  })
})

/** The keys that sign are always the bot's own. */
const SIGNING = Array.from({ length: 5 }, () => 'SIGN_VERIFY')

describe('a key of one’s own', () => {
  const own = { existing: { keyArn: KEY } }

  it('encrypts the audit log, and every role that uses it names it', () => {
    expect(properties(own, 'AWS::KMS::Key').map(each => each['KeyUsage'])).toEqual([undefined, ...SIGNING])
    expect(properties(own, 'AWS::KMS::Alias').map(each => each['AliasName'])).not.toContain('alias/rolemedic')
    const [bucket] = properties(own, 'AWS::S3::Bucket')
    expect(text(bucket?.['BucketEncryption'])).toContain(`"KMSMasterKeyID":"${KEY}"`)
    const [topic] = properties(own, 'AWS::SNS::Topic')
    expect(text(topic?.['KmsMasterKeyId'])).toMatch(/"AlertsKey[0-9A-F]+"/)
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'])
      expect(resourcesOf(own, action).filter(([, of]) => of === KEY)).toEqual(
        ['propose', 'decide', 'verify', 'write', 'sweep', 'enroll'].map(name => [`rolemedic-${name}`, KEY]),
      )
  })
})

describe('an audit bucket of one’s own', () => {
  const own = { existing: { auditBucket: 'company-audit' } }

  it('is written to below the prefix, and its policy is left to its owner', () => {
    expect(properties(own, 'AWS::S3::Bucket')).toEqual([])
    expect(properties(own, 'AWS::S3::BucketPolicy')).toEqual([])
    const writers = ['propose', 'decide', 'verify', 'write', 'sweep', 'enroll'].map(name => `rolemedic-${name}`)
    expect(environment(own, 'AUDIT_BUCKET')).toEqual(Object.fromEntries(writers.map(name => [name, 'company-audit'])))
    const objects = reach(own, 's3:PutObject')
    expect(Object.keys(objects).sort()).toEqual([...writers].sort())
    for (const of of Object.values(objects))
      expect(text(of)).toMatch(/:s3:::company-audit\/(audit|spent|rejected|enrolled)\/\*/)
  })

  it('keeps the key that encrypts its objects', () => {
    const uses = properties(own, 'AWS::KMS::Key').map(each => each['KeyUsage'] ?? 'encrypt')
    expect(uses.sort()).toEqual([...SIGNING, 'encrypt', 'encrypt'].sort())
  })
})

describe('nothing of one’s own', () => {
  it('is the default: one account, which trusts itself and nobody else', () => {
    const [trust] = properties({}, 'AWS::IAM::Role', 'rolemedic-roles').filter(
      ({ RoleName }) => RoleName === 'rolemedic-writer',
    )
    const here = (rest: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, rest]],
    })
    const { Statement } = (trust?.['AssumeRolePolicyDocument'] ?? {}) as { readonly Statement?: readonly object[] }
    expect(Statement).toMatchObject(
      [{ StringEquals: { 'sts:ExternalId': 'rolemedic-writer' } }, {}, {}].map(more => ({
        Effect: 'Allow',
        Principal: { AWS: here(':root') },
        Condition: { ArnEquals: { 'aws:PrincipalArn': here(':role/rolemedic-write') }, ...more },
      })),
    )
    expect(JSON.stringify(Statement)).not.toContain('PrincipalOrgID')
    expect(properties({}, 'AWS::Events::EventBusPolicy')).toEqual([])
  })

  it('lets alarms of this account alone publish to the topic', () => {
    const [policy] = properties({}, 'AWS::SNS::TopicPolicy')
    const document = policy?.['PolicyDocument'] as { readonly Statement: readonly Resource['Properties'][] } | undefined
    const [topic] = named(deploy(), 'AWS::SNS::Topic')[0] ?? []
    expect(document?.Statement.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Sid: 'AlarmsPublish',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: topic },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ])
  })

  it('encrypts alerts with a key of their own, so that the key of the audit log silences no alarm', () => {
    const [topic] = properties({}, 'AWS::SNS::Topic')
    expect(text(topic?.['KmsMasterKeyId'])).toMatch(/"AlertsKey[0-9A-F]+"/)
    const [bucket] = properties({}, 'AWS::S3::Bucket')
    expect(text(bucket?.['BucketEncryption'])).not.toContain('AlertsKey')
    const [ofLog, key] = properties({}, 'AWS::KMS::Key')
    expect(text(ofLog)).not.toContain('cloudwatch.amazonaws.com')
    const policy = key?.['KeyPolicy'] as { readonly Statement: readonly object[] } | undefined
    expect(policy?.Statement).toContainEqual({
      Sid: 'AlarmsPublishToTheTopic',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    })
  })
})

describe('a host of one’s own', () => {
  const certificateArn = 'arn:aws:acm:eu-west-1:444455556666:certificate/01234567-89ab-cdef-0123-456789abcdef'
  const own = { endpoint: { domainName: 'rolemedic.example.com', certificateArn } }

  it('is the only one that the endpoint answers on, and the relying party of passkeys', () => {
    expect(properties(own, 'AWS::ApiGatewayV2::Api')).toMatchObject([{ DisableExecuteApiEndpoint: true }])
    expect(properties(own, 'AWS::ApiGatewayV2::DomainName')).toMatchObject([
      { DomainName: 'rolemedic.example.com', DomainNameConfigurations: [{ CertificateArn: certificateArn }] },
    ])
    expect(properties(own, 'AWS::ApiGatewayV2::ApiMapping')).toMatchObject([{ DomainName: 'rolemedic.example.com' }])
    const origins = environment(own, 'PASSKEY_ORIGIN')
    expect(Object.keys(origins).sort()).toEqual(['rolemedic-decide', 'rolemedic-enroll', 'rolemedic-write'])
    expect([...new Set(Object.values(origins))]).toEqual(['https://rolemedic.example.com'])
  })

  it('is absent otherwise: the host of the API, which is kept with the state', () => {
    expect(properties({}, 'AWS::ApiGatewayV2::Api')).toMatchObject([{ DisableExecuteApiEndpoint: false }])
    for (const type of ['DomainName', 'ApiMapping']) expect(properties({}, `AWS::ApiGatewayV2::${type}`)).toEqual([])
    for (const origin of Object.values(environment({}, 'PASSKEY_ORIGIN'))) expect(text(origin)).toContain('Endpoint')
  })

  it.each([
    [{ domainName: 'Example.com', certificateArn }, /endpoint\.domainName: a host name/],
    [{ domainName: 'example.com', certificateArn: 'arn:aws:iam::1:x' }, /endpoint\.certificateArn: an ARN looks like/],
  ])('is refused where it is %j', (endpoint, line) => {
    expect(() => deploy({ endpoint })).toThrow(line)
  })
})
