/** The Terraform module, read with HashiCorp's own parser, because `terraform validate` needs a provider and so a network. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from '@cdktf/hcl2json'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { packConfig } from '../../cli/use-cases/pack-config.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { codeFiles, releasedTemplates, type TrustForm } from '../../infra/released/templates.ts'

const folder = resolve(import.meta.dirname, '../../infra/terraform')
const files = readdirSync(folder).filter(name => name.endsWith('.tf'))

const names = z.array(z.string())
const kind = z.object({
  required: names,
  optional: names,
  blocks: z.record(z.string(), names),
  attributes: names,
})
const schema = z
  .object({ source: z.string(), meta: names, resource: z.record(z.string(), kind), data: z.record(z.string(), kind) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'terraform-schema.json'), 'utf8')))

type Body = { readonly [name: string]: unknown }
type Labelled = { readonly [label: string]: { readonly [name: string]: readonly Body[] } }
type Module = {
  readonly variable: { readonly [name: string]: readonly Body[] }
  readonly output: { readonly [name: string]: readonly Body[] }
  readonly locals: readonly Body[]
  readonly resource: Labelled
  readonly data: Labelled
}

/** All files merged: for each block, a list of bodies. */
async function read(texts: readonly string[]): Promise<Module> {
  const merged: { [block: string]: unknown } = { variable: {}, output: {}, locals: [], resource: {}, data: {} }
  for (const text of texts) {
    const parsed = (await parse('module.tf', text)) as { readonly [block: string]: unknown }
    for (const [block, value] of Object.entries(parsed)) merged[block] = joined(merged[block], value)
  }
  return merged as unknown as Module
}

function joined(one: unknown, other: unknown): unknown {
  if (one === undefined) return other
  if (Array.isArray(one)) return [...one, ...(other as readonly unknown[])]
  const all: { [name: string]: unknown } = { ...(one as object) }
  for (const [name, value] of Object.entries(other as object)) all[name] = joined(all[name], value)
  return all
}

const sources = files.map(name => readFileSync(join(folder, name), 'utf8'))
const withoutComments = (text: string) => text.replaceAll(/^\s*#.*$/gm, '')
const everything = sources.map(withoutComments).join('\n')
let module: Module
beforeAll(async () => {
  module = await read(sources)
})

const bodies = (labelled: Labelled) =>
  Object.entries(labelled).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, list]) => list.map(body => ({ type, name, body }))),
  )
const referred = (pattern: RegExp) => new Set([...everything.matchAll(pattern)].map(([, ...parts]) => parts.join('.')))

/** What `terraform validate` would refuse. */
function mistakes({ resource, data }: Module): readonly string[] {
  return (['resource', 'data'] as const).flatMap(block =>
    bodies(block === 'resource' ? resource : data).flatMap(({ type, name, body }) => {
      const known = schema[block][type]
      if (known === undefined) return [`${type} is not in the schema`]
      const at = `${type}.${name}`
      const allowed = [...known.required, ...known.optional, ...Object.keys(known.blocks), ...schema.meta]
      return [
        ...known.required.filter(argument => !(argument in body)).map(argument => `${at} lacks ${argument}`),
        ...Object.keys(body).flatMap(argument => (allowed.includes(argument) ? [] : [`${at} has ${argument}`])),
        ...Object.entries(known.blocks).flatMap(([nested, inner]) =>
          ((body[nested] ?? []) as readonly Body[])
            .flatMap(one => Object.keys(one))
            .flatMap(argument => (inner.includes(argument) ? [] : [`${at}.${nested} has ${argument}`])),
        ),
      ]
    }),
  )
}

describe('the Terraform module', () => {
  it('has only arguments and blocks that the providers document, and all that they require', () => {
    expect(bodies(module.resource).length).toBeGreaterThan(9)
    expect(mistakes(module)).toEqual([])
  })

  it('would be refused for a typo', async () => {
    const wrong = await read([
      'resource "aws_s3_object" "a" {\n  bucket = "b"\n  sorce = "c"\n}',
      'resource "aws_cloudformation_stack_set" "b" {\n  name = "x"\n  operation_preferences {\n    concurrency_mode = "y"\n  }\n}',
    ])
    expect(mistakes(wrong)).toEqual([
      'aws_s3_object.a lacks key',
      'aws_s3_object.a has sorce',
      'aws_cloudformation_stack_set.b.operation_preferences has concurrency_mode',
    ])
  })

  it('uses every variable and local value that it declares, and declares all that it uses', () => {
    const variables = new Set(Object.keys(module.variable))
    expect(referred(/\bvar\.(\w+)/g)).toEqual(variables)
    const outside = everything.replaceAll(/^variable "[\s\S]*?^}$/gm, '')
    expect([...variables].filter(name => !new RegExp(`\\bvar\\.${name}\\b`).test(outside))).toEqual([])
    expect(referred(/\blocal\.(\w+)/g)).toEqual(new Set(module.locals.flatMap(one => Object.keys(one))))
  })

  it('describes each variable and output, gives each a type, and says what is wrong with a value', () => {
    for (const [name, [body]] of Object.entries(module.variable)) {
      expect([name, typeof body?.['description'], typeof body?.['type']]).toEqual([name, 'string', 'string'])
      for (const { condition, error_message: message } of (body?.['validation'] ?? []) as readonly Body[]) {
        expect(String(condition)).toContain(`var.${name}`)
        // Terraform takes a sentence.
        expect(String(message)).toMatch(/^[A-Z].+$/)
      }
    }
    for (const [name, [body]] of Object.entries(module.output))
      expect([name, typeof body?.['description']]).toEqual([name, 'string'])
  })

  it('refers to resources and attributes that exist', () => {
    for (const reference of referred(/\b(?<!data\.)(aws_\w+)\.(\w+)/g)) {
      const [type = '', name = ''] = reference.split('.')
      expect([reference, module.resource[type]?.[name] !== undefined]).toEqual([reference, true])
    }
    for (const reference of referred(/\bdata\.(\w+)\.(\w+)/g)) {
      const [type = '', name = ''] = reference.split('.')
      expect([reference, module.data[type]?.[name] !== undefined]).toEqual([reference, true])
    }
    for (const reference of referred(/\b(?<!data\.)(aws_\w+)\.\w+(?:\[[^\]]+\])?\.(\w+)/g)) {
      const [type = '', attribute = ''] = reference.split('.')
      const { required = [], optional = [], attributes = [] } = schema.resource[type] ?? {}
      expect([reference, [...required, ...optional, ...attributes].includes(attribute)]).toEqual([reference, true])
    }
  })

  it('makes the rules of members once the bus of the bot is there, as EventBridge tries no other time without it', () => {
    for (const type of ['aws_cloudformation_stack', 'aws_cloudformation_stack_instances'])
      expect([type, module.resource[type]?.['member']?.[0]?.['depends_on']]).toEqual([
        type,
        ['${aws_cloudformation_stack.bot}'],
      ])
  })

  it('asks for no member stacks without a unit, which CloudFormation refuses', () => {
    expect(module.resource['aws_cloudformation_stack_instances']?.['member']?.[0]?.['for_each']).toBe(
      '${toset([for name in local.members : name if length(var.organization.organizational_unit_ids) > 0])}',
    )
  })

  it('takes what its README shows, and needs no more', async () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    const [, example = ''] = /^```hcl\n([\s\S]*?)^```$/m.exec(readme) ?? []
    const { module: shown } = (await parse('example.tf', example)) as {
      readonly module: { readonly rolemedic: readonly Body[] }
    }
    const { source, providers, ...given } = shown.rolemedic[0] ?? {}
    expect([source, JSON.stringify(providers)]).toEqual([
      expect.stringContaining('/terraform'),
      expect.stringContaining('aws.stacksets'),
    ])
    expect(Object.keys(given).filter(name => module.variable[name] === undefined)).toEqual([])
    const needed = Object.entries(module.variable).filter(([, [body]]) => !('default' in (body ?? {})))
    expect(needed.map(([name]) => name).filter(name => !(name in given))).toEqual([])
  })

  it('calls functions of Terraform only', () => {
    // https://developer.hashicorp.com/terraform/language/functions, and `optional` of types.
    const known = [
      'alltrue',
      'can',
      'coalesce',
      'basename',
      'contains',
      'file',
      'fileset',
      'filesha256',
      'join',
      'jsondecode',
      'length',
      'merge',
      'regex',
      'setsubtract',
      'setunion',
      'sha256',
      'startswith',
      'substr',
      'toset',
      'trimspace',
      'try',
      'values',
      'optional',
      'object',
      'set',
      'list',
      'map',
    ]
    const text = everything.replaceAll(/"(?:[^"\\$]|\\.|\$(?!\{))*"/g, '""')
    const called = [...text.matchAll(/\b([a-z][a-z0-9_]*)\(/g)].map(([, name = '']) => name)
    expect([...new Set(called)].filter(name => !known.includes(name))).toEqual([])
  })
})

/** The parameters that the expression passes to a template: the keys of its literal maps. */
const keysIn = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b([A-Z][A-Za-z]+)(?:"\s*=>|\s*=(?!=))/g)].map(([, key = '']) => key)

function given(form: TrustForm, stack: string): readonly string[] {
  const locals = Object.assign({}, ...module.locals) as { readonly [name: string]: unknown }
  const text = (value: unknown) =>
    typeof value === 'string' ? value : JSON.stringify(value).replaceAll('":', '" =').replaceAll('"', ' ')
  const expand = (expression: string): string =>
    expression.replaceAll(/\blocal\.(\w+)/g, (_, name: string) =>
      ['organization_id', 'hub_account_id'].includes(name) && form === 'one-account'
        ? '{}'
        : expand(text(locals[name])),
    )
  const { parameters = '' } = module.resource['aws_cloudformation_stack']?.[stack]?.[0] ?? {}
  return keysIn(expand(text(parameters))).toSorted()
}

const RELEASE = '1.2.3'
const released = releasedTemplates(RELEASE)
const RELEASED_FILES = codeFiles(RELEASE).map(([, file]) => file)

const localValue = (name: string): unknown =>
  (Object.assign({}, ...module.locals) as { readonly [name: string]: unknown })[name]

/** The result of `for_each` with these files in the folder of functions. */
function eachKey(forEach: unknown, files: readonly string[]): readonly string[] {
  if (forEach === undefined) return ['']
  const [, named] = /^\$\{local\.(\w+)\}$/.exec(String(forEach)) ?? []
  const expression = String(named === undefined ? forEach : localValue(named))
  const [, list] = /^\$\{toset\((\[.*\])\)\}$/s.exec(expression) ?? []
  if (list !== undefined) return JSON.parse(list)
  const [, , glob] = /^\$\{\{ *for (\w+) in fileset\("[^"]+", "([^"]+)"\) *: *\1 *=>/s.exec(expression) ?? []
  if (glob === undefined) throw new Error(`${expression} is not evaluated here`)
  const [start = '', end = '', ...more] = glob.replaceAll('${local.release}', RELEASE).split('*')
  expect(more).toEqual([])
  return files.filter(file => file.startsWith(start) && file.endsWith(end))
}

/** Keys of the objects that the module creates. Expressions that are the same for all stay in them. */
const uploaded = (files: readonly string[]): readonly string[] =>
  Object.values(module.resource['aws_s3_object'] ?? {}).flatMap(([body]) =>
    eachKey(body?.['for_each'], files).map(each =>
      String(body?.['key']).replaceAll('${each.key}', each).replaceAll('${local.release}', RELEASE),
    ),
  )

/** Each `S3Key` in a template, with the parameters that the module passes. */
function askedFor(template: unknown): readonly string[] {
  if (Array.isArray(template)) return template.flatMap(askedFor)
  if (typeof template !== 'object' || template === null) return []
  return Object.entries(template).flatMap(([name, value]) => (name === 'S3Key' ? [keyOf(value)] : askedFor(value)))
}

function keyOf(value: unknown): string {
  if (typeof value === 'string') return value
  const one = value as { readonly Ref?: string; readonly 'Fn::Join'?: readonly [string, readonly unknown[]] }
  if (one['Fn::Join'] !== undefined) return one['Fn::Join'][1].map(keyOf).join(one['Fn::Join'][0])
  const parameters = String(module.resource['aws_cloudformation_stack']?.['bot']?.[0]?.['parameters'])
  const [, given = ''] = new RegExp(`\\b${one.Ref}\\s*= *(\\S+)`).exec(parameters) ?? []
  const [, object] = /^aws_s3_object\.(\w+)\.key$/.exec(given) ?? []
  return object === undefined ? `\${${given}}` : String(module.resource['aws_s3_object']?.[object]?.[0]?.['key'])
}

describe('the code that a released template asks for', () => {
  const asked = () => [...new Set(released.flatMap(({ template }) => askedFor(template)))].toSorted()

  it('is one zip for each function, and the configuration', () => {
    expect(asked().length).toBe(FUNCTIONS.length + 1)
  })

  it('is all uploaded by the module, from the files of the release', () => {
    expect(asked().filter(key => !uploaded(RELEASED_FILES).includes(key))).toEqual([])
  })

  it('would be missed with a zip too few', () => {
    const [, ...others] = RELEASED_FILES
    expect(asked().filter(key => !uploaded(others).includes(key))).toEqual([
      `\${local.code_prefix}${RELEASED_FILES[0]}`,
    ])
  })

  it('stays until the stack has left it, as CloudFormation goes back to the code before if an update fails', () => {
    const objects = Object.entries(module.resource['aws_s3_object'] ?? {})
    expect(objects.map(([name]) => name).sort()).toEqual(['config', 'function', 'template'])
    for (const [name, [body]] of objects)
      expect([name, body?.['lifecycle']]).toEqual([name, [{ create_before_destroy: true }]])
  })

  it('is all in the folder of a release, which the page copies as a whole', () => {
    const asksOfPrefix = asked().flatMap(key => /^\$\{local\.code_prefix\}(.+)$/.exec(key)?.[1] ?? [])
    expect(asksOfPrefix).toEqual(RELEASED_FILES.toSorted())
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/deploy.md'), 'utf8')
    expect(page).toContain('aws s3 cp functions/ s3://<bucket>/rolemedic/0.1.0/ --recursive')
  })
})

describe('the templates of a release', () => {
  const templates = released as readonly {
    readonly form: TrustForm
    readonly stack: string
    readonly template: { readonly Parameters?: object; readonly Resources: object; readonly Outputs?: object }
  }[]

  it('are four stacks in two forms', () => {
    expect(templates.map(({ form, stack }) => `${form} ${stack}`).toSorted()).toEqual(
      ['one-account', 'organization'].flatMap(form =>
        ['bot', 'member', 'roles', 'state'].map(stack => `${form} rolemedic-${stack}`),
      ),
    )
  })

  it('take no configuration that rolemedic config pack did not write', () => {
    const patterns = templates.flatMap(({ template }) => {
      const { ConfigKey } = (template.Parameters ?? {}) as { readonly ConfigKey?: { readonly AllowedPattern: string } }
      return ConfigKey === undefined ? [] : [new RegExp(ConfigKey.AllowedPattern)]
    })
    expect(patterns.length).toBe(2)
    const config = '{ "channel": "C04RELEASES", "approvers": { "users": ["U02ANNA7K"] } }'
    const packed = packConfig(config, RELEASE)
    for (const pattern of patterns) {
      expect(`rolemedic/${packed.ok ? packed.value.name : ''}`).toMatch(pattern)
      expect('rolemedic/config-1.zip').not.toMatch(pattern)
      // Of an earlier version, whose functions may read it otherwise.
      const earlier = packConfig(config, '0.0.9')
      expect(`rolemedic/${earlier.ok ? earlier.value.name : ''}`).not.toMatch(pattern)
    }
  })

  it('have exactly the parameters that the module gives', () => {
    for (const { form, stack, template } of templates)
      expect([form, stack, given(form, stack.replace('rolemedic-', ''))]).toEqual([
        form,
        stack,
        Object.keys(template.Parameters ?? {}).toSorted(),
      ])
  })

  it('of StackSets are updated with each parameter, as one that is left out gets its default', () => {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html
    const pages = ['deploy', 'upgrade'].map(name =>
      readFileSync(resolve(import.meta.dirname, `../../docs/${name}.md`), 'utf8'),
    )
    const updates = pages
      .flatMap(page => page.replaceAll('\\\n', '').match(/aws cloudformation update-stack-set .*/g) ?? [])
      .filter(one => /templates\/organization|--use-previous-template/.test(one))
    expect(updates).toHaveLength(3)
    for (const one of updates) {
      const stack = /--stack-set-name (\S+)/.exec(one)?.[1]
      const { template } = templates.find(each => each.form === 'organization' && each.stack === stack) ?? {}
      const named = [...one.matchAll(/ParameterKey=(\w+),/g)].map(([, name]) => name)
      expect([stack, named.toSorted()]).toEqual([stack, Object.keys(template?.Parameters ?? {}).toSorted()])
    }
  })

  it('have the outputs that the module reads', () => {
    const read = [...everything.matchAll(/aws_cloudformation_stack\.(\w+)\.outputs\["(\w+)"\]/g)]
    expect(read.length).toBe(3)
    for (const [, stack, output = ''] of read)
      for (const { template } of templates.filter(one => one.stack === `rolemedic-${stack}`))
        expect(Object.keys(template.Outputs ?? {})).toContain(output)
  })

  it('have the addresses of alerts in the topic, so that one that is taken out leaves those behind it', () => {
    for (const { template } of templates.filter(({ stack }) => stack === 'rolemedic-state')) {
      const { Resources } = template as {
        readonly Resources: { readonly [id: string]: { readonly Type: string } & Body }
      }
      const [topic, ...more] = Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::SNS::T'))
      expect(more.map(({ Type }) => Type)).toEqual(['AWS::SNS::TopicPolicy'])
      expect(Object.values(Resources).filter(({ Type }) => Type === 'AWS::SNS::Subscription')).toEqual([])
      const { Subscription } = (topic?.['Properties'] ?? {}) as { readonly Subscription: object }
      const emails: object[] = []
      let listed: object = { Ref: 'AWS::NoValue' }
      for (const place of [0, 1, 2, 3, 4]) {
        emails.push({ Endpoint: { 'Fn::Select': [place, expect.anything()] }, Protocol: 'email' })
        listed = { 'Fn::If': [`HasAlertEmail${place + 1}`, [...emails], listed] }
      }
      expect(Subscription).toEqual(listed)
    }
  })

  it('have nothing of a bootstrap, of an account, or of the machine that made them', () => {
    for (const { template } of templates)
      expect(JSON.stringify(template)).not.toMatch(
        /hnb659fds|AssetParameters|BootstrapVersion|CheckBootstrap|\/tmp\/|\/home\/|\/work\/|node_modules|(?<!\d)\d{12}(?!\d)|\$\{Token/,
      )
  })

  it('are the same each time', () => {
    expect(JSON.stringify(releasedTemplates(RELEASE))).toBe(JSON.stringify(templates))
  })

  it('take the code of each function from the bucket and prefix, under the name of its zip', () => {
    for (const { template } of templates.filter(({ stack }) => stack === 'rolemedic-bot')) {
      const codes = Object.values(template.Resources as { readonly [id: string]: { Type: string; Properties: Body } })
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties }) => Properties['Code'])
      expect(codes).toEqual(
        FUNCTIONS.map(name => ({
          S3Bucket: { Ref: 'CodeBucket' },
          S3Key: { 'Fn::Join': ['', [{ Ref: 'CodePrefix' }, `${name}-${RELEASE}.zip`]] },
        })),
      )
    }
  })

  it('of members fit into a request, as the module sends them', () => {
    for (const { stack, template } of templates.filter(({ stack }) => /member|roles/.test(stack)))
      expect([stack, JSON.stringify(template).length < 51_200]).toEqual([stack, true])
  })

  it('have the alarm of a configuration that cannot be read, as the CDK has', () => {
    for (const { form, template } of templates.filter(({ stack }) => stack.includes('bot'))) {
      const alarms = Object.values(template.Resources as { readonly [id: string]: { Type: string; Properties: Body } })
        .filter(
          ({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties['MetricName'] === 'ConfigUnread',
        )
        .map(({ Properties }) => Properties)
      expect([form, alarms.length]).toEqual([form, 1])
      for (const { AlarmActions } of alarms) expect(AlarmActions).toHaveLength(1)
    }
  })

  it('disable the rules of denials and deploys until they are enabled, and no other', () => {
    for (const { form, stack, template } of templates.filter(({ stack }) => /bot|member/.test(stack))) {
      const rules = Object.values(template.Resources as { readonly [id: string]: { Type: string; Properties: Body } })
        .filter(({ Type, Properties }) => Type === 'AWS::Events::Rule' && Properties['EventPattern'] !== undefined)
        .map(({ Properties }) => Properties)
        .filter(({ Name }) => !/heartbeat|doctor/.test(String(Name)))
      expect([form, stack, rules.length > 9]).toEqual([form, stack, true])
      for (const { State } of rules)
        expect(State).toEqual({ 'Fn::If': ['IsEnabled', expect.stringMatching(/^ENABLED/), 'DISABLED'] })
    }
  })
})
