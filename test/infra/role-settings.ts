/** A role path, a permissions boundary and tags, as many organizations require. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GLOBAL_REGIONS, missingGlobalRegion, parseSettings } from '../../infra/settings.ts'
import { deploy, named, ORGANIZATION, resources, type Template } from './deployment.ts'
import { inAccount } from './resolved.ts'

const MEMBER = '444455556666'
const HUB = ORGANIZATION.hubAccountId
const SETTINGS = {
  organization: ORGANIZATION,
  rolePath: '/platform/bots/',
  permissionsBoundary: 'team/Boundary',
  tags: { 'cost-center': '4711', owner: 'Platform team' },
}
const deployed = deploy(SETTINGS)
const plain = deploy({ organization: ORGANIZATION })
const ROLES = 'rolemedic-roles'
const BOT = 'rolemedic-bot'

describe('a role path', () => {
  it('is that of every role and policy', () => {
    const made = ['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy'].flatMap(type => resources(deployed, type))
    // Nine functions, reader, writer and its boundary, and a forwarder in each of two stacks. The hub and each of those have one for heartbeats.
    expect(made.length).toBe(17)
    expect(new Set(made.map(({ Properties }) => Properties['Path']))).toEqual(new Set(['/platform/bots/']))
  })

  it('is in every ARN of a role of the bot: trust, permissions, keys, bus and environment', () => {
    const texts = Object.entries(deployed.templates).map(([stack, template]) => inOneAccount(stack, template))
    const arns = texts.flatMap(text => text.match(/arn:aws:iam::[\d*]+:role\/[\w./*-]*rolemedic-[\w*-]+/g) ?? [])
    expect(arns.length).toBeGreaterThan(30)
    // The writer may touch nothing of this name under any path.
    const anyPath = /^arn:aws:iam::\*:role\/(\*\/)?rolemedic-\*$/
    expect(arns.filter(arn => !arn.includes(':role/platform/bots/rolemedic-') && !anyPath.test(arn))).toEqual([])
  })

  it('is in the name by which functions assume a role', () => {
    const variables = resources(deployed, 'AWS::Lambda::Function', BOT).map(
      ({ Properties }) =>
        (Properties['Environment'] as { readonly Variables: Readonly<Record<string, unknown>> }).Variables,
    )
    const given = (name: string) => [...new Set(variables.flatMap(one => one[name] ?? []))]
    expect(given('READER_ROLE_NAME')).toEqual(['platform/bots/rolemedic-reader'])
    expect(given('WRITER_ROLE_NAME')).toEqual(['platform/bots/rolemedic-writer'])
  })

  it('changes nothing else, and without one nothing changes', () => {
    expect(JSON.stringify(plain.templates)).not.toMatch(/"Path":"[^"]{2}/)
    const without = JSON.stringify(deploy({ ...SETTINGS, rolePath: '/' }).templates[ROLES])
    const at = JSON.stringify(deployed.templates[ROLES])
    expect(at.replaceAll(',"Path":"/platform/bots/"', '').replaceAll('platform/bots/', '')).toBe(
      without.replaceAll(',"Path":"/"', ''),
    )
  })

  it.each(['platform/', '/platform', '/a b/', '/*/', '//', '/aws-service-role/x/', '/aws-reserved/'])(
    '%s is none',
    rolePath => {
      expect(() => deploy({ rolePath })).toThrow(/rolePath: /)
    },
  )
})

describe('a permissions boundary of one’s own', () => {
  it('is on every role but the writer, whose own is narrower', () => {
    const boundaries = named(deployed, 'AWS::IAM::Role').map(([, { Properties }]) => [
      JSON.stringify(Properties['RoleName']),
      JSON.stringify(Properties['PermissionsBoundary']),
    ])
    expect(boundaries.length).toBe(16)
    const others = boundaries.filter(([role]) => role !== '"rolemedic-writer"')
    for (const [, boundary] of others)
      expect(boundary).toBe(
        '{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::",{"Ref":"AWS::AccountId"},":policy/team/Boundary"]]}',
      )
    expect(boundaries.find(([role]) => role === '"rolemedic-writer"')?.[1]).toMatch(/"Ref":"WriterBoundary/)
  })

  it('is one of the account that each stack is in', () => {
    const [reader] = inAccount(deployed.templates[ROLES], MEMBER).all('AWS::IAM::Role')
    expect(reader?.['PermissionsBoundary']).toBe(`arn:aws:iam::${MEMBER}:policy/team/Boundary`)
  })

  it.each(['arn:aws:iam::111122223333:policy/Boundary', '/Boundary', 'a b'])('is named without %s', name => {
    expect(() => deploy({ permissionsBoundary: name })).toThrow(/permissionsBoundary: the name of a managed policy/)
  })
})

describe('tags', () => {
  it('are on everything that had none, and replace nothing', () => {
    const tagged = (value: unknown) => JSON.stringify(value).includes('{"Key":"cost-center","Value":"4711"}')
    const all = Object.values(deployed.templates).flatMap(({ Resources }) => Object.values(Resources))
    const types = (which: boolean) =>
      new Set(all.filter(({ Properties = {} }) => tagged(Properties) === which).map(({ Type }) => Type))
    for (const type of [
      'AWS::DynamoDB::GlobalTable',
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::SQS::Queue',
      'AWS::SecretsManager::Secret',
      'AWS::Lambda::Function',
      'AWS::IAM::Role',
      'AWS::Logs::LogGroup',
      'AWS::CloudWatch::Alarm',
      'AWS::Events::Rule',
      'AWS::Events::EventBus',
      'AWS::SNS::Topic',
    ].filter(type => all.some(({ Type }) => Type === type)))
      expect([type, types(true).has(type), types(false).has(type)]).toEqual([type, true, false])
    expect(types(true).has('AWS::CloudWatch::Dashboard')).toBe(false)
    const ids = (templates: { readonly [stack: string]: Template }) =>
      Object.values(templates).flatMap(({ Resources }) => Object.keys(Resources))
    expect(ids(deployed.templates)).toEqual(ids(plain.templates))
  })

  it.each([{ 'aws:owner': 'x' }, { 'rolemedic:protected': 'true' }, { 'a*': 'x' }, { a: 'x'.repeat(257) }])(
    'that AWS or rolemedic keeps for itself are refused: %j',
    tags => {
      expect(() =>
        parseSettings({ region: 'eu-west-1', slack: { appId: 'A0A', teamId: 'T0A' }, tags }, 'test'),
      ).toThrow(/^test: tags/)
    },
  )
})

describe('the Region with the events of IAM', () => {
  it('is the one of IAM’s endpoint in each partition', () => {
    const require = createRequire(import.meta.url)
    const rules = readFileSync(
      join(dirname(require.resolve('@aws-sdk/client-iam/package.json')), 'dist-es/endpoint/bdd.js'),
      'utf8',
    )
    expect(rules).toContain(`https://iam.${GLOBAL_REGIONS['aws-cn']}.amazonaws.com.cn`)
    const signing = new Set(
      [...rules.matchAll(/"(us-east-1|us-gov-west-1|cn-north-1|cn-northwest-1)"/g)].map(([, r]) => r),
    )
    expect(signing).toEqual(new Set(Object.values(GLOBAL_REGIONS)))
  })

  it.each([
    ['eu-west-1', [], 'us-east-1'],
    ['eu-west-1', ['us-east-1'], null],
    ['us-east-1', [], null],
    ['us-gov-east-1', [], 'us-gov-west-1'],
    ['us-gov-west-1', [], null],
    ['cn-northwest-1', [], 'cn-north-1'],
    ['cn-northwest-1', ['cn-north-1'], null],
    ['eusc-de-east-1', [], null],
  ])('is asked for where the settings leave it out: %s and %j', (region, otherRegions, missing) => {
    expect(missingGlobalRegion({ region, otherRegions })).toBe(missing)
  })
})

describe('the address of Slack', () => {
  const GOV = 'https://slack-gov.com/api/'
  const withUrl = (apiUrl: string) => ({ slack: { teamId: 'T0OURS', appId: 'A0OURS', apiUrl } })

  it('reaches every function that has the token', () => {
    const functions = resources(deploy(withUrl(GOV)), 'AWS::Lambda::Function', BOT).map(({ Properties }) =>
      JSON.stringify(Properties['Environment']),
    )
    const talking = functions.filter(one => one.includes('SLACK_BOT_TOKEN_SECRET'))
    expect(talking.length).toBe(5)
    for (const one of talking) expect(one).toContain(`"SLACK_API_URL":"${GOV}"`)
    expect(functions.filter(one => one.includes('SLACK_API_URL')).length).toBe(talking.length)
  })

  it.each([
    'http://slack-gov.com/api/',
    'https://slack-gov.com/api',
    'https://token@slack-gov.com/api/',
    'https://slack-gov.com/api/?a=b',
    'slack-gov.com',
  ])('%s is refused: the token goes there', url => {
    expect(() => parseSettings({ region: 'us-gov-west-1', ...withUrl(url) }, 'test')).toThrow(/^test: slack\.apiUrl: /)
  })
})

/** Every ARN in one piece. */
function inOneAccount(stack: string, template: Template | undefined): string {
  const account = stack === ROLES || stack.includes('member') ? MEMBER : HUB
  return JSON.stringify(
    [...new Set(Object.values(template?.Resources ?? {}).map(({ Type }) => Type))].map(type =>
      inAccount(template, account).all(type),
    ),
  )
}
