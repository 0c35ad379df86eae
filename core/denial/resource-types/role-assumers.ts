/** Who assumes the role in a property of a resource, and what it sends then. AWS publishes each entry: `tools/role-properties/assumers.tsv` has the addresses. */

import { assumeRole, tagSession } from '../../actions/index.ts'
import { perText } from '../../base/index.ts'
import facts from './role-assumers.json' with { type: 'json' }
import { cloudFormationTypes, type RoleRow, terraformTypes } from './role-tables.ts'

/** One service that has to be able to assume the role. */
export type ServiceAssumer = {
  /** Its service principal; any one of several is enough. `{region}` is a placeholder in names that differ by Region. */
  readonly names: readonly string[]
  readonly actions: readonly (typeof assumeRole.name | typeof tagSession.name)[]
  /**
   * Condition keys that it sends, each with the form of its value: `{account}`, `{region}`, `{partition}` and `{Property}` (of the
   * resource) are placeholders, `*` is any text. Whether it sends another key is not known.
   */
  readonly sends: readonly { readonly key: string; readonly form: string }[]
}

export type RoleAssumers =
  | { readonly kind: 'services'; readonly services: readonly ServiceAssumer[] }
  /** The role in this property of the same resource assumes it. */
  | { readonly kind: 'role'; readonly property: string }
  /** Web identities, which a service does not assume. */
  | { readonly kind: 'no-service' }

const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = facts.types
type Sent = { readonly key: string; readonly form: string; readonly types?: readonly string[] }
const SENT: Readonly<Record<string, readonly Sent[]>> = facts.sent

/** For `AWS::Lambda::Function` and `Role`, or `aws_lambda_function` and `role`; null: AWS publishes nothing. */
export function assumersOf(type: string, [path = '', , , kind = 'role']: RoleRow): RoleAssumers | null {
  const own = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  const assumedBy = own !== undefined && Object.hasOwn(own, path) ? own[path] : undefined
  if (assumedBy !== undefined) return parsed(type, assumedBy)
  return kind === 'instance-profile' ? parsed(type, facts.instanceProfile) : null
}

/** For a call, as `lambda:CreateFunction`, where all properties that it takes a role from agree. Its text may be of an event. */
export const assumersOfCall = perText((call: string): RoleAssumers | null => {
  const [first = null, ...others] = assumersIn(call)
  return first !== null && others.every(one => one !== null && namesOf(one) === namesOf(first)) ? first : null
})

/** What this service sends, whichever property of the call gives it the role. */
export function sentInCall(call: string, service: string): ServiceAssumer['sends'] {
  const [first = [], ...others] = assumersIn(call)
    .flatMap(one => (one?.kind === 'services' ? one.services : []))
    .filter(({ names }) => names.includes(service))
    .map(({ sends }) => sends)
  return first.filter(({ key, form }) => others.every(sends => sends.some(one => one.key === key && one.form === form)))
}

const assumersIn = perText((call: string): readonly (RoleAssumers | null)[] =>
  [...cloudFormationTypes(), ...terraformTypes()].flatMap(([type, rows]) =>
    rows.filter(([, operation]) => operation === call).map(row => assumersOf(type, row)),
  ),
)

const namesOf = (one: RoleAssumers): string =>
  one.kind === 'services' ? JSON.stringify(one.services.map(({ names }) => names)) : one.kind

function parsed(type: string, assumedBy: string): RoleAssumers {
  if (assumedBy === '-') return { kind: 'no-service' }
  if (assumedBy.startsWith('@')) return { kind: 'role', property: assumedBy.slice(1) }
  return { kind: 'services', services: assumedBy.split(' ').map(one => serviceOf(type, one)) }
}

function serviceOf(type: string, text: string): ServiceAssumer {
  const [principals = '', ...others] = text.split('+')
  const names = principals.split('|')
  const tags = others.includes(tagSession.name) ? [tagSession.name] : []
  const actions = [assumeRole.name, ...tags]
  return { names, actions, sends: sentBy(names[0] ?? '', type) }
}

/** What a service sends for this type of resource: the first form of each key. */
function sentBy(principal: string, type: string): ServiceAssumer['sends'] {
  const all = Object.hasOwn(SENT, principal) ? (SENT[principal] ?? []) : []
  const own = all.filter(({ types }) => types === undefined || types.includes(type))
  return own
    .filter(({ key }, at) => own.findIndex(other => other.key === key) === at)
    .map(({ key, form }) => ({ key, form }))
}
