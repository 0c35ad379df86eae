import { describe, expect, it } from 'vitest'
import { assemblyNeeds } from '../../../iac/needs/cloudformation/cdk-assembly.ts'
import { patternOf } from '../../../iac/source/role-text.ts'
import { ENVIRONMENT, linesOf } from './needs-of.ts'

const role = (kind: string) =>
  `arn:\${AWS::Partition}:iam::444455556666:role/cdk-hnb659fds-${kind}-role-444455556666-eu-west-1`

const stack = (id: string, more: object = {}) => ({
  type: 'aws:cloudformation:stack',
  environment: 'aws://444455556666/eu-west-1',
  properties: {
    templateFile: `${id}.template.json`,
    assumeRoleArn: role('deploy'),
    cloudFormationExecutionRoleArn: role('cfn-exec'),
    lookupRole: { arn: role('lookup') },
  },
  dependencies: [`${id}.assets`],
  metadata: { '/Orders/Fn/Resource': [{ type: 'aws:cdk:logicalId', data: 'Fn1' }] },
  ...more,
})

const FILES: Readonly<Record<string, string>> = {
  'cdk.out/manifest.json': JSON.stringify({
    version: '48.0.0',
    artifacts: {
      'Base.assets': { type: 'cdk:asset-manifest', properties: { file: 'Base.assets.json' } },
      Base: stack('Base'),
      'Orders.assets': { type: 'cdk:asset-manifest', properties: { file: 'Orders.assets.json' } },
      Orders: stack('Orders'),
      'assembly-Prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } },
    },
  }),
  'cdk.out/Base.assets.json': JSON.stringify({
    files: { a: { destinations: { here: { assumeRoleArn: role('file-publishing') } } } },
    dockerImages: { b: { destinations: { here: { assumeRoleArn: role('image-publishing') } } } },
  }),
  'cdk.out/Orders.assets.json': JSON.stringify({
    files: { c: { destinations: { here: { assumeRoleArn: role('file-publishing') } } } },
  }),
  'cdk.out/Base.template.json': JSON.stringify({
    Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'shared', AssumeRolePolicyDocument: {} } } },
    Outputs: { Out: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] }, Export: { Name: 'Base:RoleArn' } } },
  }),
  'cdk.out/Orders.template.json': JSON.stringify({
    Resources: { Fn1: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::ImportValue': 'Base:RoleArn' } } } },
  }),
  'cdk.out/assembly-Prod/manifest.json': JSON.stringify({
    artifacts: {
      Prod: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/unknown-region',
        properties: { templateFile: 'Prod.template.json' },
      },
    },
  }),
  'cdk.out/assembly-Prod/Prod.template.json': JSON.stringify({
    Resources: {
      Topic: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { RoleArn: 'arn:aws:iam::111122223333:role/flow' },
      },
    },
  }),
}

describe('a cdk.out folder', () => {
  const needs = assemblyNeeds('cdk.out', { environment: ENVIRONMENT, textAt: path => FILES[path] ?? null })

  it('has every stack of the manifest, nested stages too, and the roles that the CDK assumes and passes', () => {
    const cdk = (kind: string) => `arn:aws:iam::444455556666:role/cdk-hnb659fds-${kind}-role-444455556666-eu-west-1`
    expect(linesOf(needs)).toEqual([
      `Base.lookupRole.arn line 1 sts:AssumeRole ${cdk('lookup')} (literal)`,
      `Base.files.a.destinations.here.assumeRoleArn line 1 sts:AssumeRole ${cdk('file-publishing')} (literal)`,
      `Base.dockerImages.b.destinations.here.assumeRoleArn line 1 sts:AssumeRole ${cdk('image-publishing')} (literal)`,
      `Base.assumeRoleArn line 1 sts:AssumeRole ${cdk('deploy')} (literal)`,
      `Base.cloudFormationExecutionRoleArn line 1 cloudformation:CreateChangeSet ${cdk('cfn-exec')} (literal)`,
      'Fn1.Role line 1 lambda:CreateFunction arn:aws:iam::444455556666:role/shared (import)',
      'Topic.RoleArn line 1 states:CreateStateMachine arn:aws:iam::111122223333:role/flow (literal)',
    ])
  })

  it('names who makes each call', () => {
    expect(needs.needs.map(need => need.actor.kind)).toEqual([
      'caller',
      'caller',
      'caller',
      'caller',
      'role',
      'role',
      'principal',
    ])
    expect(needs.deployRole).toEqual({
      arn: 'arn:aws:iam::444455556666:role/cdk-hnb659fds-cfn-exec-role-444455556666-eu-west-1',
      from: 'cdk-manifest',
    })
  })

  it.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-isob-east-1', 'aws-iso-b'],
  ])('is of the partition of its Region: %s', (region, partition) => {
    const moved = (text: string) =>
      text.replaceAll('eu-west-1', region).replaceAll('arn:aws:', 'arn:${AWS::Partition}:')
    const textAt = (path: string) => (FILES[path] === undefined ? null : moved(FILES[path]))
    const { deployRole } = assemblyNeeds('cdk.out', { environment: ENVIRONMENT, textAt })
    const role = `role/cdk-hnb659fds-cfn-exec-role-444455556666-${region}`
    expect(deployRole?.arn).toBe(`arn:${partition}:iam::444455556666:${role}`)
  })

  it('names the construct that the author wrote', () => {
    expect(needs.needs.find(need => need.where.logicalId === 'Fn1')?.where.constructPath).toBe('Orders/Fn/Resource')
  })

  it.each([
    ['no manifest', {}, 'cdk.out/manifest.json', 'there is no manifest'],
    ['a manifest of something else', { 'cdk.out/manifest.json': '{}' }, 'cdk.out/manifest.json', 'it has no artifacts'],
    [
      'a template that is gone',
      { 'cdk.out/manifest.json': FILES['cdk.out/manifest.json'] ?? '' },
      'cdk.out/manifest.json',
      'the template of the stack Base is not there',
    ],
  ])('with %s is told in one line', (_, files: Readonly<Record<string, string>>, file, message) => {
    expect(() => assemblyNeeds('cdk.out', { environment: ENVIRONMENT, textAt: path => files[path] ?? null })).toThrow(
      expect.objectContaining({ file, message: expect.stringContaining(message) }),
    )
  })
})

type Template = { readonly environment?: string; readonly outputs?: object; readonly conditions?: object }

describe('an export of another stack of the same cdk.out folder', () => {
  const importOf = (exporters: readonly Template[], importer = 'aws://444455556666/eu-west-1') => {
    const artifact = (id: string, environment: string) => ({
      type: 'aws:cloudformation:stack',
      environment,
      properties: { templateFile: `${id}.json` },
    })
    const here = 'aws://444455556666/eu-west-1'
    const stacks = exporters.map(({ environment = here }, at) => [`E${at}`, artifact(`E${at}`, environment)])
    const files: Readonly<Record<string, string>> = {
      'cdk.out/manifest.json': JSON.stringify({
        artifacts: { ...Object.fromEntries(stacks), App: artifact('App', importer) },
      }),
      ...Object.fromEntries(
        exporters.map(({ outputs, conditions = {} }, at) => [
          `cdk.out/E${at}.json`,
          JSON.stringify({
            Parameters: { Open: { Type: 'String' } },
            Conditions: {
              Never: { 'Fn::Equals': ['a', 'b'] },
              Maybe: { 'Fn::Equals': [{ Ref: 'Open' }, 'a'] },
              ...conditions,
            },
            Resources: {},
            Outputs: outputs,
          }),
        ]),
      ),
      'cdk.out/App.json': JSON.stringify({
        Resources: { Fn: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::ImportValue': 'shared' } } } },
      }),
    }
    const { needs } = assemblyNeeds('cdk.out', { environment: ENVIRONMENT, textAt: path => files[path] ?? null })
    return needs
      .filter(({ where }) => where.property === 'Role')
      .map(({ role, conditional }) => `${patternOf(role.text)}${conditional ? ' conditional' : ''}`)
  }
  const out = (name: unknown, value: string, more = {}) => ({ Value: value, Export: { Name: name }, ...more })

  it.each<[string, readonly Template[], readonly string[]]>([
    ['with one name is its value', [{ outputs: { A: out('shared', 'a') } }], ['a']],
    [
      'whose name is one of two may be of some other stack',
      [{ outputs: { A: out({ 'Fn::If': ['Maybe', 'shared', 'other'] }, 'a') } }],
      ['a conditional', '* conditional'],
    ],
    [
      'whose second possible name is the imported one may be of some other stack',
      [{ outputs: { A: out({ 'Fn::If': ['Maybe', 'other', 'shared'] }, 'a') } }],
      ['a conditional', '* conditional'],
    ],
    [
      'that only a condition exports may be of some other stack',
      [{ outputs: { A: out('shared', 'a', { Condition: 'Maybe' }) } }],
      ['a conditional', '* conditional'],
    ],
    [
      'whose condition never holds is not there',
      [{ outputs: { A: out('shared', 'a', { Condition: 'Never' }), B: out('shared', 'b') } }],
      ['b'],
    ],
    [
      'whose condition never holds names nothing',
      [{ outputs: { A: out('shared', 'a', { Condition: 'Never' }) } }],
      ['*'],
    ],
    [
      'of an account elsewhere is another one',
      [
        { environment: 'aws://111122223333/eu-west-1', outputs: { A: out('shared', 'theirs') } },
        { outputs: { A: out('shared', 'ours') } },
      ],
      ['ours'],
    ],
    [
      'of another Region is another one',
      [{ environment: 'aws://444455556666/eu-central-1', outputs: { A: out('shared', 'theirs') } }],
      ['*'],
    ],
    [
      'that two stacks of one account and Region make is not certain',
      [{ outputs: { A: out('shared', 'a') } }, { outputs: { A: out('shared', 'b') } }],
      ['a conditional', 'b conditional'],
    ],
  ])('%s', (_, exporters, expected) => {
    expect(importOf(exporters)).toEqual(expected)
  })
})
