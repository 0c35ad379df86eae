/**
 * Holds templates and policies against what AWS publishes: the CloudFormation registry's schemas of resources, as the CDK packs them, and
 * the actions of IAM, as rolemedic packs them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { Property, PropertyType, SpecDatabase } from '@aws-cdk/service-spec-types'
import { describe, expect, it } from 'vitest'
import { publishedActions } from '../../core/service-actions/index.ts'
import { releasedTemplates } from '../../infra/released/templates.ts'
import { keysWithLists } from '../core/published-actions/published.ts'
import { deploy, EVERY_OPINION, ORGANIZATION, type Template } from './deployment.ts'

type Json = { readonly [name: string]: unknown }
type Named = readonly [name: string, template: Template]
type Properties = { readonly [name: string]: Property }

const spec: SpecDatabase = loadAwsServiceSpecSync()
const ofCdk = (name: string, settings: object): readonly Named[] =>
  Object.entries(deploy({ ...settings }, EVERY_OPINION).templates).map(([stack, one]) => [`${name}: ${stack}`, one])
const templates: readonly Named[] = [
  ...ofCdk('one account', {}),
  ...ofCdk('organization', { organization: ORGANIZATION, alertEmails: ['oncall@corp.test'] }),
  ...releasedTemplates('1.2.3').map(
    ({ form, stack, template }): Named => [`released ${form}: ${stack}`, template as Template],
  ),
]

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
/** A function of CloudFormation, whose value is known at the deployment alone. */
const isFunction = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).length === 1 && /^(Ref|Condition|Fn::\w+)$/.test(Object.keys(value)[0] ?? '')

/** What is wrong with a value at this place. */
function faultsOf(value: unknown, type: PropertyType, at: string): readonly string[] {
  if (isFunction(value)) return []
  const wrong = [`${at}: ${JSON.stringify(value)?.slice(0, 60)} is no ${type.type}`]
  switch (type.type) {
    case 'string':
      return typeof value === 'string' ? [] : wrong
    case 'integer':
    case 'number':
      return typeof value === 'number' || /^\d+$/.test(String(value)) ? [] : wrong
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false' ? [] : wrong
    case 'array':
      return Array.isArray(value) ? value.flatMap((one, n) => faultsOf(one, type.element, `${at}.${n}`)) : wrong
    case 'map':
      return isObject(value)
        ? Object.entries(value).flatMap(([key, one]) => faultsOf(one, type.element, `${at}.${key}`))
        : wrong
    case 'ref': {
      const { properties } = spec.get('typeDefinition', type.reference.$ref)
      return isObject(value) ? faultsIn(value, properties, at) : wrong
    }
    case 'union': {
      const each = type.types.map(one => faultsOf(value, one, at))
      return each.some(faults => faults.length === 0) ? [] : (each[0] ?? wrong)
    }
    default:
      return []
  }
}

function faultsIn(value: Json, properties: Properties, at: string): readonly string[] {
  const missing = Object.entries(properties)
    .filter(([name, { required }]) => required === true && value[name] === undefined)
    .map(([name]) => `${at}: lacks ${name}`)
  return [
    ...missing,
    ...Object.entries(value).flatMap(([name, one]) => {
      const property = properties[name]
      if (property === undefined) return [`${at}: has no ${name}`]
      const types = [property.type, ...(property.previousTypes ?? [])]
      const each = types.map(type => faultsOf(one, type, `${at}.${name}`))
      return each.some(faults => faults.length === 0) ? [] : (each[0] ?? [])
    }),
  ]
}

const faultsOfTemplate = ([name, { Resources }]: Named): readonly string[] =>
  Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type.startsWith('Custom::')) return []
    const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', Type)
    return resource === undefined
      ? [`${name}: ${id}: there is no ${Type}`]
      : faultsIn(Properties, resource.properties, `${name}: ${id}`)
  })

/** Newer than the data that is packed. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html */
const NEWER = ['iam:GetRequestAuthorizationDetails', 'iam:GetRequestAuthorizationPolicy']

/** Every action of every statement in a document, wherever it is. */
function actionsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(actionsIn)
  if (!isObject(value)) return []
  const { Effect, Action, NotAction } = value
  const own = Effect === undefined ? [] : [Action, NotAction].flat().filter(one => typeof one === 'string')
  return [...own, ...Object.values(value).flatMap(actionsIn)]
}

/** Those that AWS publishes none of. Of a service that is not packed, nothing is said. */
function unpublished(actions: readonly string[]): readonly string[] {
  return [...new Set(actions)].filter(action => {
    const [prefix = '', name = ''] = action.toLowerCase().split(':')
    const service = publishedActions().service(prefix)
    if (action === '*' || service === null) return false
    const pattern = new RegExp(`^${name.replaceAll('*', '.*').replaceAll('?', '.')}$`)
    return ![...service.actions.keys()].some(each => pattern.test(each))
  })
}

/** Every statement of a document, wherever it is. */
function statementsIn(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(statementsIn)
  if (!isObject(value)) return []
  return [...('Effect' in value ? [value] : []), ...Object.values(value).flatMap(statementsIn)]
}

/**
 * Actions that a statement names with resources, and that take none: it allows or denies nothing of them, unless it names `*`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
const withoutEffect = (statements: readonly Json[]): readonly string[] =>
  statements.flatMap(({ Action, Resource }) =>
    Resource === undefined || [Resource].flat().includes('*')
      ? []
      : [Action].flat().filter((action): action is string => {
          const [prefix = '', name = ''] = String(action).toLowerCase().split(':')
          return publishedActions().service(prefix)?.actions.get(name)?.types.length === 0
        }),
  )

/** Keys that have a list of values, and so need `ForAllValues` or `ForAnyValue`. */
const WITH_LISTS = keysWithLists()

const comparedAsOne = (statements: readonly Json[]): readonly string[] =>
  statements.flatMap(({ Condition = {} }) =>
    Object.entries(Condition as { readonly [operator: string]: Json }).flatMap(([operator, keys]) =>
      /^(ForA(ll|ny)Values?:|Null$)/.test(operator)
        ? []
        : Object.keys(keys).filter(key => WITH_LISTS.has(key.toLowerCase())),
    ),
  )

const folder = resolve(import.meta.dirname, '../../infra/policies')
const policies = readdirSync(folder).map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown)

describe('what AWS publishes', () => {
  it('has every type and property of the templates, with what each needs', () => {
    expect(templates.length).toBe(18)
    expect(templates.flatMap(faultsOfTemplate)).toEqual([])
  })

  it('has every action of the templates and the policies', () => {
    const actions = [...templates.map(([, one]) => one), ...policies].flatMap(actionsIn)
    expect(new Set(actions).size).toBeGreaterThan(100)
    expect(unpublished(actions)).toEqual(NEWER)
    const prefixes = new Set(actions.map(action => action.split(':')[0] ?? ''))
    expect([...prefixes].filter(one => one !== '*' && publishedActions().service(one) === null)).toEqual([])
  })

  it('has a resource for every action that a statement names with one', () => {
    const statements = statementsIn([...templates.map(([, one]) => one), ...policies])
    expect(statements.length).toBeGreaterThan(100)
    expect(withoutEffect(statements)).toEqual([])
    const wrong = { Effect: 'Deny', Action: ['events:PutRule', 'events:PutPermission'], Resource: 'arn:aws:events:…' }
    expect(withoutEffect([wrong])).toEqual(['events:PutPermission'])
    expect(withoutEffect([{ ...wrong, Resource: ['*'] }])).toEqual([])
  })

  it('has a list of values for no key that a condition compares with one', () => {
    const statements = statementsIn([...templates.map(([, one]) => one), ...policies])
    expect(comparedAsOne(statements)).toEqual([])
    for (const key of [
      'events:source',
      'aws:TagKeys',
      'dynamodb:LeadingKeys',
      'aws:PrincipalOrgPaths',
      'aws:CalledVia',
    ])
      expect(comparedAsOne([{ Condition: { StringEquals: { [key]: 'a' } } }])).toEqual([key])
    expect(comparedAsOne([{ Condition: { StringEquals: { 'aws:PrincipalArn': 'a' } } }])).toEqual([])
  })

  it('would show a type, a property, a value and an action that do not exist', () => {
    const made = (Type: string, Properties: Json): Named => ['t', { Resources: { A: { Type, Properties } } }]
    expect(faultsOfTemplate(made('AWS::SQS::Quеue', {}))).toHaveLength(1)
    expect(faultsOfTemplate(made('AWS::SQS::Queue', { QueueNam: 'a' }))).toEqual(['t: A: has no QueueNam'])
    expect(faultsOfTemplate(made('AWS::SQS::Queue', { QueueName: ['a'] }))).toHaveLength(1)
    expect(faultsOfTemplate(made('AWS::Lambda::Permission', { FunctionName: 'f', Principal: 'p' }))).toEqual([
      't: A: lacks Action',
    ])
    expect(unpublished(['sqs:PurgeQueue', 'sqs:PurgeQueues', 'kms:*agResource', 'kms:*agResources'])).toEqual([
      'sqs:PurgeQueues',
      'kms:*agResources',
    ])
  })
})
