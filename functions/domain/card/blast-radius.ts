/** What a change allows that was not allowed before, in counts and names. */
import { canonicalJson, code, joined, plural, type RichText, richText } from '../../../core/base/index.ts'
import { isValueList } from '../../../core/diagnosis/index.ts'
import { isPrincipalArn, list, type Statement } from '../../../core/iam/index.ts'
import type { PolicyChange } from '../../../core/patch/index.ts'
import { isServiceKey } from './sentences/service-names.ts'

type Opening = {
  readonly actions: readonly string[]
  readonly roles: readonly string[]
  readonly services: readonly string[]
  readonly principals: readonly string[]
}

const NAMED = 3

export function blastRadius(changes: readonly PolicyChange[]): RichText | null {
  const openings = changes.filter(change => change.required).map(opening)
  const all = {
    actions: unique(openings.flatMap(one => one.actions)),
    roles: unique(openings.flatMap(one => one.roles)),
    services: unique(openings.flatMap(one => one.services)),
    principals: unique(openings.flatMap(one => one.principals)),
  }
  if (all.actions.length + all.roles.length + all.services.length + all.principals.length === 0) return null
  return joined(
    [
      ...(all.roles.length > 0 ? [counted(all.roles, 'role')] : []),
      ...(all.services.length > 0 ? [counted(all.services, 'service')] : []),
      ...(all.principals.length > 0 ? [counted(all.principals, 'principal')] : []),
      ...(all.actions.length > 0 ? [counted(all.actions, 'action')] : []),
    ],
    ', ',
  )
}

function counted(names: readonly string[], noun: string): RichText {
  const named = joined(
    names.slice(0, NAMED).map(name => [code(shortName(name))]),
    ', ',
  )
  const rest = names.length > NAMED ? richText` and ${names.length - NAMED} more` : []
  return richText`${[{ kind: 'own', text: plural(names.length, noun) }]} (${named}${rest})`
}

/** The statements that are new or differ. Of one that differs, only the new values. */
function opening(change: PolicyChange): Opening {
  const old = (change.before?.Statement ?? []).map(statement => canonicalJson(statement))
  const added = change.after.Statement.flatMap((statement, index) => {
    if (old.includes(canonicalJson(statement))) return []
    // Only a statement that was removed can be the earlier form of this one.
    const before = change.before?.Statement[index]
    const replaced = before !== undefined && !stillThere(before, change.after.Statement)
    return [minus(valuesOf(statement), replaced ? valuesOf(before) : NOTHING)]
  })
  const trust = change.target.kind === 'role-trust-policy'
  return {
    actions: added.flatMap(one => one.actions),
    roles: trust ? [change.target.arn] : added.flatMap(one => one.roles),
    services: added.flatMap(one => one.services),
    principals: added.flatMap(one => one.principals),
  }
}

const NOTHING: Opening = { actions: [], roles: [], services: [], principals: [] }
const stillThere = (statement: Statement, statements: readonly Statement[]): boolean =>
  statements.some(other => canonicalJson(other) === canonicalJson(statement))

function valuesOf(statement: Statement): Opening {
  const named = namedInCondition(statement)
  const principals = named.length > 0 ? named : namedInPrincipal(statement)
  const services = Object.values(statement.Condition ?? {})
    .flatMap(block => Object.entries(block))
    .filter(([key]) => isServiceKey(key))
    .flatMap(([, value]) => list(value).map(String))
  return { actions: list(statement.Action), roles: list(statement.Resource), services, principals }
}

function namedInPrincipal({ Principal }: Statement): readonly string[] {
  return Principal === undefined ? [] : Principal === '*' ? ['*'] : Object.values(Principal).flatMap(list)
}

/** For a statement about a whole account or everybody, the only principals that its condition admits. */
function namedInCondition({ Condition = {} }: Statement): readonly string[] {
  return Object.entries(Condition)
    .filter(([operator]) => isValueList(operator) && !/ifexists$/i.test(operator))
    .flatMap(([, tests]) => Object.entries(tests))
    .filter(([key]) => isPrincipalArn(key))
    .flatMap(([, values]) => list(values).map(String))
}

function minus(now: Opening, before: Opening): Opening {
  return {
    actions: now.actions.filter(name => !before.actions.includes(name)),
    roles: now.roles.filter(name => !before.roles.includes(name)),
    services: now.services.filter(name => !before.services.includes(name)),
    principals: now.principals.filter(name => !before.principals.includes(name)),
  }
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]
/** Keeps the path of a pattern. */
function shortName(name: string): string {
  const rest = /:role\/(.*)$/.exec(name)?.[1]
  return rest === undefined ? name : rest.includes('/') ? `/${rest}` : rest
}
