/** What `npm run synth` prints for the management account and the hub of an organization. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HUB_POLICIES, OPERATORS_POLICY, rollOutFiles } from '../../infra/roll-out.ts'
import { parseSettings } from '../../infra/settings.ts'
import { deploy, ORGANIZATION } from './deployment.ts'
import { allowed } from './statements.ts'

const SETTINGS = {
  region: 'eu-west-1',
  otherRegions: ['us-east-1'],
  slack: { teamId: 'T0OURS', appId: 'A0OURS' },
  organization: { id: 'o-a1b2c3d4e5', hubAccountId: '444455556666' },
}
const filesOf = (more: object = {}, templates = 'cdk.out') =>
  rollOutFiles(parseSettings({ ...SETTINGS, ...more }, 'test'), templates)

describe('the resource policy of the organization', () => {
  const [statement] = JSON.parse(filesOf()['organizations-policy.json'] ?? '').Statement

  it('lets the hub make every call to Organizations that a function may make, and no other', () => {
    const calls = allowed(deploy({ organization: ORGANIZATION }), 'rolemedic-bot').flatMap(({ actions }) =>
      actions.filter(action => action.startsWith('organizations:')),
    )
    expect([...statement.Action].sort()).toEqual([...new Set(calls)].sort())
    expect(statement.Action.filter((action: string) => !/^organizations:(Describe|List)[A-Z]/.test(action))).toEqual([])
    expect(statement.Principal).toEqual({ AWS: 'arn:aws:iam::444455556666:root' })
  })

  it('is of the partition that the bot runs in', () => {
    const policy = filesOf({ region: 'us-gov-west-1', otherRegions: [] })['organizations-policy.json']
    expect(policy).toContain('arn:aws-us-gov:iam::444455556666:root')
  })
})

describe('the SCPs of the hub', () => {
  it('name the hub, its partition and the role path, and no example', () => {
    const files = filesOf({ region: 'cn-north-1', otherRegions: [], rolePath: '/platform/' })
    for (const name of [...HUB_POLICIES, OPERATORS_POLICY]) {
      const text = files[`${name}.json`] ?? ''
      expect(text).not.toMatch(/111122223333|arn:aws:|(role|policy)\/rolemedic-/)
      expect(() => JSON.parse(text)).not.toThrow()
    }
    for (const name of HUB_POLICIES)
      expect(files[`${name}.json`]).toContain('arn:aws-cn:iam::444455556666:role/platform/rolemedic-')
  })

  it('name the host and the bucket that the settings name', () => {
    const arn = 'arn:aws:acm:eu-west-1:444455556666:certificate/11111111-2222-3333-4444-555555555555'
    const endpoint = { domainName: 'rolemedic.example.com', certificateArn: arn }
    const files = filesOf({ endpoint, existing: { auditBucket: 'example-audit' } })
    expect(files['hub-scp-data.json']).toContain('arn:aws:apigateway:*::/domainnames/rolemedic.example.com*')
    expect(files['hub-scp-data.json']).toContain('arn:aws:s3:::example-audit/*')
    // What only the deployment knows.
    expect(JSON.stringify(files).match(/REPLACE-WITH-[A-Z-]+/g)).toEqual(['REPLACE-WITH-THE-API'])
  })

  it('are otherwise those that are tested call by call', () => {
    for (const name of [...HUB_POLICIES, OPERATORS_POLICY]) {
      const kept = readFileSync(resolve(import.meta.dirname, `../../infra/policies/${name}.json`), 'utf8')
      expect(filesOf()[`${name}.json`]).toBe(kept.replaceAll('111122223333', '444455556666'))
    }
  })
})

describe('the commands of the StackSets', () => {
  const commands = (filesOf()['roll-out.txt'] ?? '').split('\n\n')

  it('make the roles in one Region and the rules in each, without an order', () => {
    expect(commands.map(one => /^aws cloudformation (\S+) --stack-set-name (\S+)/.exec(one)?.slice(1))).toEqual([
      ['create-stack-set', 'rolemedic-roles'],
      ['create-stack-instances', 'rolemedic-roles'],
      ['create-stack-set', 'rolemedic-member'],
      ['create-stack-instances', 'rolemedic-member'],
    ])
    const regions = commands.map(one => /--regions ([a-z0-9 -]+?) \\\n/.exec(one)?.[1])
    expect(regions).toEqual([undefined, 'eu-west-1', undefined, 'eu-west-1 us-east-1'])
    expect(commands.join('\n')).not.toContain('RegionOrder')
  })

  it('start without a writer role, leave the hub out, and have the templates that the synthesis writes', () => {
    expect(commands[0]).toContain('ParameterKey=WriterRole,ParameterValue=no')
    for (const one of [commands[1], commands[3]])
      expect(one).toContain('Accounts=444455556666,AccountFilterType=DIFFERENCE')
    const templates = commands.flatMap(one => /file:\/\/cdk\.out\/([\w-]+)\.template\.json/.exec(one)?.[1] ?? [])
    expect(templates.filter(name => deploy({ organization: ORGANIZATION }).templates[name] === undefined)).toEqual([])
  })

  it('name the templates where the synthesis wrote them, as one word for the shell', () => {
    const [roles = '', , member = ''] = (filesOf({}, "/srv/the team's out")['roll-out.txt'] ?? '').split('\n\n')
    expect(roles).toContain(`--template-body 'file:///srv/the team'\\''s out/rolemedic-roles.template.json'`)
    expect(member).toContain(`--template-body 'file:///srv/the team'\\''s out/rolemedic-member.template.json'`)
  })

  it('give preferences that CloudFormation knows', () => {
    const require = createRequire(import.meta.url)
    const client = dirname(require.resolve('@aws-sdk/client-cloudformation/package.json'))
    const model = readFileSync(join(client, 'dist-types/models/models_0.d.ts'), 'utf8')
    const [, known = ''] = /interface StackSetOperationPreferences \{([\s\S]*?)\n\}/.exec(model) ?? []
    const given = commands.flatMap(one => /--operation-preferences (\S+)/.exec(one)?.[1]?.split(',') ?? [])
    expect(given.length).toBe(8)
    for (const preference of given) expect(known).toContain(`${preference.split('=')[0]}?:`)
  })

  it('are none for one account', () => {
    expect(filesOf({ organization: null })).toEqual({})
  })
})
