/** Files of a fork: reading is limited, and nothing outside of the checkout is read. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { NO_OPTIONS, templateNeeds } from '../../iac/needs/cloudformation/template-needs.ts'
import { UnreadableSource } from '../../iac/source/source-node.ts'
import { memoryIo } from './memory-io.ts'

const base = mkdtempSync(join(tmpdir(), 'rolemedic-fork-'))
afterAll(() => rmSync(base, { recursive: true }))
const SECRET = 'arn:aws:iam::999999999999:role/secret-of-the-runner'
const outside = join(base, 'outside')
const checkout = join(base, 'checkout')

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const passing = (role: string) =>
  `Resources:\n  Run:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: ${role}\n`
const manifest = (artifacts: object) => JSON.stringify({ version: '36.0.0', artifacts })
const stack = (templateFile: string, dependencies: readonly string[] = []) => ({
  ...{ type: 'aws:cloudformation:stack', environment: 'aws://111122223333/eu-west-1', dependencies },
  properties: { templateFile },
})

put(join(outside, 'template.yaml'), passing(SECRET))
put(join(outside, 'plan.json'), '{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[]}')
put(join(outside, 'cdk.out/manifest.json'), manifest({ S: stack('../template.yaml') }))
put(join(outside, 'assets.json'), JSON.stringify({ files: { a: { destinations: { b: { assumeRoleArn: SECRET } } } } }))
mkdirSync(join(checkout, '.git'), { recursive: true })
put(join(checkout, 'shared/inner.yaml'), passing('arn:aws:iam::111122223333:role/inner'))
put(join(checkout, 'own.template.json'), JSON.stringify({ Resources: {} }))

const nested = (property: string, address: string, type = 'AWS::CloudFormation::Stack') =>
  `${passing('arn:aws:iam::111122223333:role/own')}  Inner:\n    Type: ${type}\n    Properties:\n      ${property}: ${address}\n`
const asset = (path: string) =>
  `${passing('arn:aws:iam::111122223333:role/own')}  Inner:\n    Type: AWS::CloudFormation::Stack\n    Metadata:\n      aws:asset:path: ${path}\n    Properties:\n      TemplateURL: x\n`
const elsewhere = join(outside, 'template.yaml')

/** Each place of a deploy that contains a path, with a path that leaves the checkout. */
const PLACES: { readonly [place: string]: () => string } = {
  'TemplateURL with ..': () => at('a/t.yaml', nested('TemplateURL', '../../outside/template.yaml')),
  'TemplateURL, absolute': () => at('b/t.yaml', nested('TemplateURL', elsewhere)),
  'TemplateURL with a scheme': () => at('c/t.yaml', nested('TemplateURL', `file://${elsewhere}`)),
  'TemplateURL, a link': () => {
    mkdirSync(join(checkout, 'd'))
    symlinkSync(elsewhere, join(checkout, 'd/link.yaml'))
    return at('d/t.yaml', nested('TemplateURL', 'link.yaml'))
  },
  'TemplateURL through a folder that is a link': () => {
    mkdirSync(join(checkout, 'e'))
    symlinkSync(outside, join(checkout, 'e/folder'))
    return at('e/t.yaml', nested('TemplateURL', 'folder/template.yaml'))
  },
  'the Location of a SAM application': () =>
    at('f/t.yaml', nested('Location', elsewhere, 'AWS::Serverless::Application')),
  'aws:asset:path': () => at('g/t.yaml', asset('../../outside/template.yaml')),
  'the template itself, a link': () => {
    symlinkSync(elsewhere, join(checkout, 'linked.yaml'))
    return join(checkout, 'linked.yaml')
  },
  'a plan, a link': () => {
    symlinkSync(join(outside, 'plan.json'), join(checkout, 'plan.json'))
    return join(checkout, 'plan.json')
  },
  'cdk.out, a link': () => {
    mkdirSync(join(checkout, 'h'))
    symlinkSync(join(outside, 'cdk.out'), join(checkout, 'h/cdk.out'))
    return join(checkout, 'h/cdk.out')
  },
  'the manifest of cdk.out, a link': () => {
    mkdirSync(join(checkout, 'i/cdk.out'), { recursive: true })
    symlinkSync(join(outside, 'cdk.out/manifest.json'), join(checkout, 'i/cdk.out/manifest.json'))
    return join(checkout, 'i/cdk.out')
  },
  'templateFile of the manifest': () =>
    dirname(at('j/cdk.out/manifest.json', manifest({ S: stack('../../../outside/template.yaml') }))),
  'directoryName of the manifest': () =>
    dirname(
      at(
        'k/cdk.out/manifest.json',
        manifest({ A: { type: 'cdk:cloud-assembly', properties: { directoryName: '../../../outside/cdk.out' } } }),
      ),
    ),
  'the asset manifest': () =>
    dirname(
      at(
        'l/cdk.out/manifest.json',
        manifest({
          S: stack('../../own.template.json', ['M']),
          M: { type: 'cdk:asset-manifest', properties: { file: '../../../outside/assets.json' } },
        }),
      ),
    ),
}
function at(path: string, text: string): string {
  put(join(checkout, path), text)
  return join(checkout, path)
}

async function run(...args: readonly string[]) {
  const io = memoryIo()
  const code = await dispatch(args, io)
  return { code, text: `${io.captured.out}\n${io.captured.err.join('\n')}` }
}
const AS = ['--as', 'arn:aws:iam::111122223333:role/deployer']

describe('the checkout of a fork', () => {
  it.each(Object.entries(PLACES))('is not left: %s', async (_, make) => {
    const path = make()
    for (const args of [
      ['preflight', path, ...AS],
      ['ci', '--preflight', path, ...AS],
    ]) {
      const { code, text } = await run(...args)
      expect(text).not.toContain('secret-of-the-runner')
      expect(code).not.toBe(0)
    }
  })

  it.each([
    ['lies outside', '../../../outside/assets.json'],
    ['is missing', 'none.assets.json'],
    ['has no name', undefined],
  ])('has an asset manifest that %s: it is named, and who publishes is not known', async (_, file) => {
    const own = { templateFile: '../../own.template.json', lookupRole: { arn: `${AS[1]}` } }
    const path = at(
      'n/cdk.out/manifest.json',
      manifest({
        S: { ...stack('', ['S.assets']), properties: own },
        T: { ...stack('', ['S.assets']), properties: own },
        'S.assets': { type: 'cdk:asset-manifest', properties: { file } },
      }),
    )
    const { code, text } = await run('preflight', dirname(path), ...AS)
    expect(text.split('the asset manifest S.assets was not read')).toHaveLength(2)
    expect(code).toBe(1)
  })

  it('is read where a template names another one in it', async () => {
    const path = at('m/t.yaml', nested('TemplateURL', '../shared/inner.yaml'))
    expect((await run('preflight', path, ...AS)).text).toContain('role/inner')
  })
})

const DEPTH = 100_000
const times = (open: string, close: string) => `${open.repeat(DEPTH)}1${close.repeat(DEPTH)}`
const ENVIRONMENT = { partition: 'aws', accountId: '111122223333', region: 'eu-west-1', stackName: 's' }
const inARow = (count: number, one: (next: string) => unknown, last: unknown) =>
  Array.from({ length: count }, (_, at): [string, unknown] => [`N${at}`, at === count - 1 ? last : one(`N${at + 1}`)])
const role = (RoleName: unknown) => ({ Type: 'AWS::IAM::Role', Properties: { RoleName, AssumeRolePolicyDocument: {} } })
const lambda = (Role: unknown) => ({ Type: 'AWS::Lambda::Function', Properties: { Role } })
const conditions = (count: number, one: (next: string) => unknown) =>
  JSON.stringify({
    Conditions: Object.fromEntries(inARow(count, one, { 'Fn::Equals': ['a', 'a'] })),
    Resources: { Run: lambda({ 'Fn::If': ['N0', 'arn:aws:iam::111122223333:role/x', 'y'] }) },
  })
const names = (count: number, one: (next: string) => unknown) =>
  JSON.stringify({
    Resources: {
      ...Object.fromEntries(inARow(count, next => role(one(next)), role('x'))),
      Run: lambda({ 'Fn::GetAtt': ['N0', 'Arn'] }),
    },
  })
const negated = (depth: number, inner: unknown): unknown =>
  Array.from({ length: depth }).reduce(value => ({ 'Fn::Not': [value] }), inner)

const HOSTILE: { readonly [what: string]: string } = {
  '5,000 conditions in a row': conditions(5_000, Condition => ({ Condition })),
  '100,000 conditions in a row': conditions(DEPTH, Condition => ({ Condition })),
  'conditions in a row that negate deeply': conditions(400, Condition => negated(90, { Condition })),
  'conditions in a circle': JSON.stringify({
    Conditions: { N0: { Condition: 'N1' }, N1: { 'Fn::Not': [{ Condition: 'N0' }] } },
    Resources: { Run: lambda({ 'Fn::If': ['N0', 'x', 'y'] }) },
  }),
  '5,000 names in a row': names(5_000, Ref => ({ Ref })),
  '100,000 names in a row': names(DEPTH, Ref => ({ Ref })),
  'names that double': names(60, Ref => ({ 'Fn::Join': ['', [{ Ref }, { Ref }]] })),
  'names that double in Fn::Sub': names(60, next => ({ 'Fn::Sub': `\${${next}}\${${next}}` })),
  'lists of JSON': `{"Resources": ${times('[', ']')}}`,
  'maps of JSON': `{"Resources": ${times('{"a":', '}')}}`,
  'functions of JSON': `{"Resources": {"A": {"Type": "AWS::Lambda::Function", "Properties": {"Role": ${times('{"Fn::If":["x",', ',"y"]}')}}}}}`,
  'lists of YAML': `Resources: ${times('[', ']')}`,
  'maps of YAML': `Resources: ${times('{a: ', '}')}`,
  'blocks of YAML': Array.from({ length: 3_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'dashes of YAML': `${'- '.repeat(DEPTH)}x`,
}

describe('a template that nests or refers without end', () => {
  it.each(Object.entries(HOSTILE))('is refused in one sentence: %s', (_, text) => {
    const reading = () => templateNeeds('t', text, { ...NO_OPTIONS, environment: ENVIRONMENT, textAt: () => null })
    expect(reading).toThrow(UnreadableSource)
  })

  it('is none where a few conditions and names refer to each other', () => {
    const reading = (text: string) =>
      templateNeeds('t', text, { ...NO_OPTIONS, environment: ENVIRONMENT, textAt: () => null }).needs.length
    expect(reading(conditions(50, Condition => ({ Condition })))).toBe(1)
    expect(reading(names(20, Ref => ({ Ref })))).toBe(1)
  })
})

describe('a file that nests without end', () => {
  const DEEP: { readonly [name: string]: string } = {
    'deep.json': times('[', ']'),
    'object.json': times('{"a":', '}'),
    'record.json': `{"Records": [{"errorCode": "AccessDenied", "requestParameters": ${times('[', ']')}}]}`,
    'plan.json': `{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [${times('{"change":', '}')}]}`,
    'deep.tf': `locals {\n  x = ${times('[', ']')}\n}\n`,
    'deep.ts': `import 'aws-cdk-lib';\nconst x = ${times('[', ']')};\n`,
    'deep.py': `import aws_cdk\nx = ${times('[', ']')}\n`,
  }
  const files = Object.entries(DEEP).map(([name, text]) => at(`deep/${name}`, text))
  const sentence =
    'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x'

  it.each(files)(
    'ends no command with a fault: %s',
    async path => {
      for (const args of [
        ['preflight', path, ...AS],
        ['diagnose', path],
        ['diagnose', '--message', sentence, '--account', path],
        ['diagnose', '--message', sentence, '--org', path],
        ['diagnose', '--message', sentence, '--config', path],
        ['comment', path],
        ['match', path],
        ['backtest', path],
        ['explain-policy', path, '--action', 'iam:PassRole', '--role', 'arn:aws:iam::111122223333:role/x'],
        ['patch-code', join(checkout, 'deep'), '--message', sentence],
      ])
        expect([args[0], [0, 1, 2, 3].includes((await run(...args)).code)]).toEqual([args[0], true])
    },
    120_000,
  )
})
