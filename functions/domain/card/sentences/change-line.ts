/** What a change allows, in one line: `Lets pipeline-deploy pass orders-task to ECS tasks, nothing else.` */
import { actionNamed, descriptorOf, passesRoles } from '../../../../core/actions/index.ts'
import { code, joined, own, plural, type RichText, richText } from '../../../../core/base/index.ts'
import { isValueList } from '../../../../core/diagnosis/index.ts'
import {
  isPrincipalArn,
  list,
  nameWithPath,
  parseArn,
  parseEntityArn,
  principalsOfType,
  type Statement,
  serviceOfLinkedRole,
} from '../../../../core/iam/index.ts'
import {
  changesTrust,
  diffDocuments,
  type PolicyChange,
  parseTokenSubject,
  presenters,
  type Target,
} from '../../../../core/patch/index.ts'
import type { Proposal } from '../../proposal/index.ts'
import { isServiceKey, serviceName } from './service-names.ts'

/** One permission of one principal. */
type Grant = {
  readonly who: RichText
  /** The verb after "Lets …", such as `pass`. */
  readonly verb: RichText
  readonly what: readonly RichText[]
  /** The services that receive a passed role. */
  readonly to: readonly RichText[]
  readonly under: readonly string[]
}

/** How many grants, and names of one kind, are named before the others are counted. */
export type Extent = { readonly named: 1 | 2 }
export const NAMES_TWO: Extent = { named: 2 }
export const NAMES_ONE: Extent = { named: 1 }

export function changeLine(
  changes: readonly PolicyChange[],
  { previous }: Pick<Proposal, 'previous'>,
  extent: Extent = NAMES_TWO,
): RichText | null {
  const required = changes.filter(change => change.required)
  if (required.length === 0) return null
  const diffs = required.map(change => ({ change, ...diffDocuments(change.before, change.after) }))
  const grants = merged(
    diffs.flatMap(({ change, added, extended }) => [
      ...added.map(statement => grantOf(statement, change, extent)),
      ...extended.map(one => grantOf(onlyNew(one.statement, one.key, one.operator, one.values), change, extent)),
    ]),
  )
  const back = diffs.some(({ removed }) => removed.length > 0) || previous?.withdrawn === true
  const more = grants.length - extent.named
  const shown = joined(
    grants.slice(0, extent.named).map((grant, index) => inWords(grant, grants[index - 1] ?? null, extent)),
    ', and ',
  )
  const rest = more > 0 ? richText`, and ${own(plural(more, 'more grant'))} (see Details)` : []
  const withdrawn =
    previous?.renewedUntilMs !== undefined
      ? richText` It takes the place of the one that ends.`
      : back
        ? richText` Withdraws what did not help.`
        : []
  if (grants.length === 0) return back ? richText`Withdraws an earlier grant, nothing else.` : null
  return richText`${shown}${rest}, nothing else.${withdrawn}`
}

/** Says no principal and no roles again that the grant before it has just named. */
function inWords({ who, verb, what, to, under }: Grant, before: Grant | null, extent: Extent): RichText {
  const isOfSame = before !== null && areSame(who, before.who)
  const subject = isOfSame ? [] : richText`${own(before === null ? 'Lets' : 'lets')} ${who} `
  const receivers = to.length === 0 ? [] : richText` to ${some(to, 'service', extent)}`
  // Where only one name of each kind has room, several conditions have none.
  const inBrief = extent.named === 1 && under.length > 1 ? 'under conditions' : under.join(', ')
  const conditions = under.length === 0 ? [] : richText` (${own(inBrief)})`
  const isOnSame = isOfSame && areSame(what, before.what)
  const roles: RichText = isOnSame ? [own('the same')] : some(what, 'role', extent)
  const isLast = to.length + under.length === 0
  return richText`${subject}${verb} ${isLast ? withoutComma(roles) : roles}${receivers}${conditions}`
}

const areSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The following text begins with a comma of its own. */
function withoutComma(text: RichText): RichText {
  const last = text.at(-1)
  return last?.kind === 'own' && last.text.endsWith(',') ? [...text.slice(0, -1), own(last.text.slice(0, -1))] : text
}

function some(names: readonly RichText[], noun: string, { named }: Extent): RichText {
  const rest = names.length - named
  if (rest <= 0) return joined(names, ' and ')
  return richText`${joined(names.slice(0, named), ', ')} and ${own(plural(rest, `more ${noun}`))}`
}

/** Joins grants with the same principals and the same verb. Both sides of a cross-account grant are equal. */
function merged(grants: readonly Grant[]): readonly Grant[] {
  const byText = new Map<string, Grant>()
  for (const grant of grants) {
    const key = JSON.stringify([grant.who, grant.verb])
    const seen = byText.get(key)
    byText.set(
      key,
      seen === undefined
        ? grant
        : {
            ...seen,
            what: distinct([...seen.what, ...grant.what]),
            to: distinct([...seen.to, ...grant.to]),
            under: [...new Set([...seen.under, ...grant.under])],
          },
    )
  }
  return [...byText.values()]
}

function distinct(texts: readonly RichText[]): readonly RichText[] {
  return [...new Map(texts.map(text => [JSON.stringify(text), text])).values()]
}

/** The statement reduced to the values that it gains. */
function onlyNew(statement: Statement, key: string, operator: string, values: readonly string[]): Statement {
  const { Condition = {} } = statement
  return { ...statement, Condition: { ...Condition, [operator]: { ...Condition[operator], [key]: values } } }
}

function grantOf(statement: Statement, { target, ...rest }: PolicyChange, extent: Extent): Grant {
  const trust = changesTrust({ target, ...rest })
  const services = valuesOf(statement, isServiceKey)
  const what = trust ? [[code(entityOf(target))]] : list(statement.Resource).map(resourceName)
  return {
    who: trust ? some(admitted(statement), 'principal', extent) : holder(target),
    verb: joined(distinct(list(statement.Action).map(verb)), ' and '),
    what: distinct(what.length === 0 ? [[own('roles')]] : what),
    to: list(statement.Action).some(passesRoles) ? distinct(services.map(service)) : [],
    under: conditions(statement, trust),
  }
}

function verb(action: string): RichText {
  const named = actionNamed(action)
  return named === null ? richText`use ${code(action)} on` : [own(descriptorOf(named).wording.verb)]
}

/** The principal that has the changed policy. */
function holder(target: Target): RichText {
  const { kind, name } = target
  if (kind === 'permission-set-inline-policy') return permissionSet(name)
  if (kind === 'managed-policy') return richText`everyone with policy ${code(name)}`
  return [code(entityOf(target))]
}

/** A name without an ARN has no path. */
const entityOf = ({ arn, name }: Target): string => (parseEntityArn(arn)?.name === name ? nameWithPath(arn) : name)

function resourceName(resource: string): RichText {
  const linked = serviceOfLinkedRole(resource)
  if (linked !== null) return richText`the service-linked role of ${service(linked)}`
  if (/[*?]/.test(resource)) return richText`every role named ${code(setName(resource))}, now and later,`
  return [code(nameWithPath(resource))]
}

/** The name of a role set by its pattern: `orders-*`, or `/app/orders-*` in a path. */
function setName(pattern: string): string {
  const name = pattern.slice(pattern.indexOf('/') + 1)
  return name.includes('/') ? `/${name}` : name
}

function service(principal: string): RichText {
  const known = serviceName(principal)
  return known === null ? [code(principal)] : [own(known)]
}

const isSubject = (key: string): boolean => /:sub$/i.test(key)
const isAudience = (key: string): boolean => /:aud$/i.test(key)

/** The principals that a trust statement admits, as narrowly as the statement defines them. */
function admitted(statement: Statement): readonly RichText[] {
  const federated = principalsOfType(statement, 'Federated')
  if (federated.length > 0) {
    const subjects = valuesOf(statement, isSubject)
    if (subjects.length > 0) return subjects.map(tokenHolder)
    return federated.map(provider => richText`everybody who signs in through ${code(providerName(provider))}`)
  }
  const named = valuesOf(statement, isPrincipalArn)
  const aws = named.length > 0 ? named : principalsOfType(statement, 'AWS')
  const all = statement.Principal === '*' && named.length === 0 ? ['*'] : []
  const services = principalsOfType(statement, 'Service').map(service)
  const names = [...all, ...aws].map(principalName)
  return names.length + services.length > 0 ? [...names, ...services] : [[own('somebody')]]
}

function tokenHolder(subject: string): RichText {
  const parsed = parseTokenSubject(subject)
  // The words are rolemedic's own, but the names in them are not, so the whole is outside text.
  return parsed === null ? richText`tokens of ${code(subject)}` : richText`${presenters(parsed)}`
}

const providerName = (arn: string): string => arn.slice(arn.indexOf('/') + 1)

function principalName(principal: string): RichText {
  if (principal === '*') return [own('everybody')]
  const arn = parseArn(principal)
  if (arn?.resource === 'root') return richText`all of account ${code(arn.accountId)}`
  if (/^\d{12}$/.test(principal)) return richText`all of account ${code(principal)}`
  const name = principal.slice(principal.lastIndexOf('/') + 1)
  const set = /^AWSReservedSSO_(.+)_[?*0-9a-f]{1,16}$/.exec(name)?.[1]
  if (set !== undefined) return permissionSet(set)
  return [code(parseEntityArn(principal) === null ? name : nameWithPath(principal))]
}

const permissionSet = (name: string): RichText => richText`everyone with permission set ${code(name)}`

function valuesOf({ Condition = {} }: Statement, wanted: (key: string) => boolean): readonly string[] {
  return Object.entries(Condition)
    .filter(([operator]) => isValueList(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .filter(([key]) => wanted(key))
    .flatMap(([, values]) => list(values).map(String))
}

/** Other conditions of the statement, beyond those that the sentence already contains. */
function conditions({ Condition = {} }: Statement, trust: boolean): readonly string[] {
  const keys = Object.values(Condition).flatMap(block => Object.keys(block))
  const isNamed = (key: string) =>
    isServiceKey(key) || (trust && (isSubject(key) || isAudience(key) || isPrincipalArn(key)))
  const left = keys.filter(key => !isNamed(key))
  const words = left.map(
    key => CONDITION_WORDS.find(([pattern]) => pattern.test(key))?.[1] ?? 'under conditions, see Details',
  )
  return [...new Set(words)]
}

const CONDITION_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^aws:MultiFactorAuth/i, 'with MFA'],
  [/^aws:CurrentTime$/i, 'until it ends'],
  [/^aws:SourceAccount$/i, 'for one account'],
  [/^aws:SourceArn$/i, 'for one resource'],
  [/^aws:RequestedRegion$/i, 'in the Region'],
]
