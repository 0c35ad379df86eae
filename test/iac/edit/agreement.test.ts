/** `preflight` and `patch-code` name the same roles in every sample repository and template. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { owningResource } from '../../../iac/edit/cloudformation/owners.ts'
import { readTemplates } from '../../../iac/edit/cloudformation/template-text.ts'
import { NO_ENTITY_HINTS, type SourceFile } from '../../../iac/edit/code-change.ts'
import { NO_OPTIONS, templateNeeds } from '../../../iac/needs/cloudformation/template-needs.ts'
import { knownText } from '../../../iac/source/role-text.ts'
import { readable } from '../../../iac/source/source-node.ts'
import { ACCOUNT, codeCases, filesOf } from './code-case.ts'
import { addressOf } from './edit-of.ts'

const DEPLOY = { accountId: ACCOUNT, partition: 'aws', stackName: null }
const ROOT = join(import.meta.dirname, '../../..')

const filesIn = (folder: string): readonly SourceFile[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => /\.(?:ya?ml|json|template)$/.test(path))
    .map(path => ({ path: `${folder}/${path}`, text: readFileSync(join(ROOT, folder, path), 'utf8') }))

/** The files of each repository, by name. Each sample of deploys is one template. */
const repositories: readonly (readonly [string, readonly SourceFile[]])[] = [
  ...codeCases().map(one => [one.name, filesOf(one)] as const),
  ...['events', 'test/deploys/sources', 'test/fixtures/preflight']
    .flatMap(filesIn)
    .map(file => [file.path, [file]] as const),
]

type Named = { readonly file: string; readonly logicalId: string; readonly arn: string }

const isTemplate = ({ path, text }: SourceFile) => /\.(?:ya?ml|json|template)$/.test(path) && /Resources/.test(text)

/** Every role with a known name that the reader of deploys finds, created or passed. */
function namedByPreflight(files: readonly SourceFile[]): readonly Named[] {
  const textAt = (path: string) => files.find(file => file.path === path)?.text ?? null
  const environment = { ...DEPLOY, region: null }
  return files.filter(isTemplate).flatMap(({ path, text }) => {
    const deploy = readable(() => templateNeeds(path, text, { ...NO_OPTIONS, environment, textAt }))
    const made = deploy?.made ?? []
    const passed = (deploy?.needs ?? []).flatMap(({ role: { kind, text: role } }) => {
      const arn = knownText(role)
      const own = made.find(
        ({ scope, logicalId }) => scope === role.resource?.scope && logicalId === role.resource.logicalId,
      )
      return own === undefined || kind !== 'role' || arn === null ? [] : [{ ...own, arn }]
    })
    const named = made.flatMap(role =>
      role.name === null || role.path === null ? [] : [{ ...role, arn: arnOf(role.path + role.name) }],
    )
    return [
      ...named,
      ...passed.map(role => ({ ...role, arn: role.arn.startsWith('arn:') ? role.arn : arnOf(`/${role.arn}`) })),
    ]
  })
}

const arnOf = (path: string) => `arn:aws:iam::${ACCOUNT}:role${path}`

/** What `patch-code` finds for a role: the file and logical id of the only resource that makes it, why that is uncertain, or null. */
function madeBy(files: readonly SourceFile[], arn: string): string | null {
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  const target = { kind: 'role-inline-policy', policyName: 'x', accountId: ACCOUNT, name, arn } as const
  const owner = owningResource(readTemplates(files, DEPLOY).templates, target, NO_ENTITY_HINTS)
  if (owner === null) return null
  return owner.ok ? `${owner.value.resource.logicalId} (${owner.value.template.file})` : owner.error
}

describe('a role that preflight names', () => {
  const withNames = repositories.map(([name, files]) => [name, files, namedByPreflight(files)] as const)

  it('is in the samples many times', () => {
    expect(withNames.flatMap(([, , named]) => named).length).toBeGreaterThanOrEqual(30)
  })

  it.each(withNames.filter(([name, , named]) => named.length > 0 && name.startsWith('cdk-')))(
    'is one that patch-code finds in the code that made cdk.out: %s',
    (_, files, named) => {
      const texts = Object.fromEntries(files.map(({ path, text }) => [path, text]))
      for (const { arn } of named) expect(addressOf(texts, `role ${arn.split(':role/')[1]}`)).not.toMatch(/^No code/)
    },
  )

  it.each(withNames.filter(([name, , named]) => named.length > 0 && !name.startsWith('cdk-')))(
    'is one that patch-code finds, or names as the one that it may be: %s',
    (_, files, named) => {
      for (const { file, logicalId, arn } of named)
        expect([arn, madeBy(files, arn)]).toEqual([arn, expect.stringContaining(`${logicalId} (${file})`)])
    },
  )
})

describe('a role that patch-code finds by its name', () => {
  const words = (text: string): ReadonlySet<string> => new Set(text.match(/[\w+=,.@-]{3,64}/g))

  it.each(repositories)('is one that preflight names: %s', (_, files) => {
    const named = new Set(namedByPreflight(files).map(({ logicalId, file, arn }) => `${logicalId} (${file}) ${arn}`))
    for (const word of new Set(files.flatMap(({ text }) => [...words(text)]))) {
      const arn = arnOf(`/${word}`)
      const found = madeBy(files, arn)
      if (found !== null && /^\w+ \([^)]*\)$/.test(found)) expect(named).toContain(`${found} ${arn}`)
    }
  })
})

describe('a name that functions make', () => {
  /** A role with this name, and a function that passes it. */
  const template = (name: string, more = '') => `Parameters:
  Name: { Type: String, Default: pipeline-deploy }
  Names: { Type: CommaDelimitedList, Default: 'pipeline-deploy,other' }
  Env: { Type: String, Default: prod }
  Open: { Type: String }
Mappings: { Roles: { prod: { name: pipeline-deploy, parts: [pipeline, deploy] }, '${ACCOUNT}': { name: pipeline-deploy } } }
Conditions:
  Here: !Equals [!Ref AWS::AccountId, '${ACCOUNT}']
  Prod: !Equals [!Ref Env, prod]
Resources:
  Task: { Type: AWS::IAM::Role, Properties: { RoleName: ${name}, AssumeRolePolicyDocument: {} } }
  Fn: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt Task.Arn } }
${more}`
  const CERTAIN = 'Task'
  const MAY_BE =
    'Task (t.yaml) may be pipeline-deploy, but its name depends on values that only a stack has: add the snippet where it is meant for every stack, or to the one that it is for.'
  const NOT_HERE = 'No code here makes pipeline-deploy: add the snippet to the code that does.'

  it.each([
    ['pipeline-deploy', CERTAIN],
    ["!Sub ['${Part}-deploy', { Part: pipeline }]", CERTAIN],
    ["!Sub ['${Part}-deploy', { Part: !Select [0, [pipeline, x]] }]", CERTAIN],
    ['!FindInMap [Roles, prod, name]', CERTAIN],
    ['!FindInMap [Roles, !Ref AWS::AccountId, name]', CERTAIN],
    ["!Join ['-', !FindInMap [Roles, prod, parts]]", CERTAIN],
    ['!Select [1, [x, pipeline-deploy]]', CERTAIN],
    ["!Select [1, !Split ['/', x/pipeline-deploy]]", CERTAIN],
    ["!Join ['-', !Split ['/', pipeline/deploy]]", CERTAIN],
    ['!If [Here, pipeline-deploy, x]', CERTAIN],
    ['!If [Prod, pipeline-deploy, x]', MAY_BE],
    ['!If [Prod, pipeline-deploy, !Ref AWS::NoValue]', MAY_BE],
    ['!Ref Name', MAY_BE],
    ['!Select [0, !Ref Names]', MAY_BE],
    ['!FindInMap [Roles, !Ref Env, name]', MAY_BE],
    ["!Sub 'pipeline-${Open}'", MAY_BE],
    ["!Join ['-', [pipeline, !Ref Open]]", MAY_BE],
    ['!Ref Other', MAY_BE],
  ])('is what preflight says: %s', (name, expected) => {
    const files = {
      't.yaml': template(
        name,
        name === '!Ref Other' ? '  Other: { Type: AWS::IAM::Role, Properties: { RoleName: !Ref Name } }\n' : '',
      ),
    }
    expect(addressOf(files, 'role pipeline-deploy')).toBe(expected)
    const named = namedByPreflight([{ path: 't.yaml', text: files['t.yaml'] }]).filter(
      ({ logicalId }) => logicalId === 'Task',
    )
    const isKnown = !name.includes('Open')
    expect(named.some(({ arn }) => arn === arnOf('/pipeline-deploy'))).toBe(isKnown)
  })

  it.each([
    '!If [Here, x, pipeline-deploy]',
    '!ImportValue pipeline-deploy',
    '!Ref AWS::NoValue',
    '!Select [0, [x, pipeline-deploy]]',
  ])('is not another one: %s', name => {
    expect(addressOf({ 't.yaml': template(name) }, 'role pipeline-deploy')).toBe(NOT_HERE)
    const named = namedByPreflight([{ path: 't.yaml', text: template(name) }])
    expect(named.map(({ arn }) => arn)).not.toContain(arnOf('/pipeline-deploy'))
  })

  it('may be given by the template that nests this one', () => {
    const nested = template('!Ref Given').replace('Parameters:', 'Parameters:\n  Given: { Type: String }')
    const outer = `Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ./t.yaml, Parameters: { Given: pipeline-deploy } } }\n`
    expect(addressOf({ 't.yaml': nested }, 'role pipeline-deploy')).toBe(NOT_HERE)
    expect(addressOf({ 't.yaml': nested, 'outer.yaml': outer }, 'role pipeline-deploy')).toBe(MAY_BE)
  })

  it('is that of the role which the account has', () => {
    const other = `  There: { Type: AWS::IAM::Role, Condition: Elsewhere, Properties: { RoleName: pipeline-deploy, AssumeRolePolicyDocument: {} } }\n`
    const text = template('pipeline-deploy', other).replace(
      'Conditions:',
      'Conditions:\n  Elsewhere: !Not [!Condition Here]',
    )
    expect(addressOf({ 't.yaml': text }, 'role pipeline-deploy')).toBe('Task')
  })

  it('is not given to one role where another may have it', () => {
    const two = template(
      'pipeline-deploy',
      '  Other: { Type: AWS::IAM::Role, Properties: { RoleName: !Ref Name, AssumeRolePolicyDocument: {} } }\n',
    )
    expect(addressOf({ 't.yaml': two }, 'role pipeline-deploy')).toBe(
      'Other (t.yaml) may have the name pipeline-deploy too: its name depends on values that only a stack has.',
    )
  })

  it('is found in cdk.out, too', () => {
    const resource = {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName: { 'Fn::Join': ['', ['dev-', { Ref: 'AWS::AccountId' }]] } },
      Metadata: { 'aws:cdk:path': 'Orders/Deploy/Resource' },
    }
    const [one] = codeCases().filter(({ name }) => name === 'cdk-typescript/name-and-synth')
    if (one === undefined) throw new Error('no case')
    const files = {
      ...one.files,
      'cdk.out/Orders.template.json': JSON.stringify({
        Resources: { DeployRole885297C1: { ...resource, Metadata: { 'aws:cdk:path': 'Orders/DeployRole/Resource' } } },
      }),
    }
    expect(addressOf(files, `role dev-${ACCOUNT}`)).toBe('Orders/DeployRole')
  })
})
