/**
 * Whether code already grants what a change would add, under any name. Decided by evaluation: a statement that the code
 * certainly has must allow every request that the change allows, and no statement that it may have may deny one.
 */
import {
  ABSENT_KEY,
  type CompiledStatement,
  type ContextFact,
  compileConditions,
  compileStatement,
  list,
  meetsConditions,
  type PolicyType,
  parsePolicy,
  present,
  quietScope,
  type Statement,
  samePolicy,
  unknownKey,
} from '../../../core/iam/index.ts'
import { type ConditionTest, type PolicyChange, testsOf } from '../../../core/patch/index.ts'
import { hasOpen } from '../document/literal.ts'
import { documentOf, type GrownList, policyDelta } from '../document/policy-delta.ts'

/** `plain`: the statement with its known values. `where`: its address and file. */
export type CodeStatement = { readonly plain: unknown; readonly where: string }

export type CodeStatements = {
  /** Statements that the entity has in every deploy of this code. */
  readonly certain: readonly CodeStatement[]
  /** Statements that it may have: under a condition, in a loop, or of an uncertain owner. */
  readonly possible: readonly CodeStatement[]
}

export const NO_STATEMENTS: CodeStatements = { certain: [], possible: [] }
/** A document that cannot be read and may deny. */
export const unseenDocument = (where: string): CodeStatement => ({ plain: null, where })

/** Where the code grants it. Null: not certain. */
export function grantedAlready(change: PolicyChange, code: CodeStatements): readonly string[] | null {
  const type = change.target.kind === 'role-trust-policy' ? 'trust' : 'identity'
  const delta = policyDelta(change)
  if (!delta.ok) return null
  const wanted = [...delta.value.added, ...delta.value.grown.map(grownPart)]
  const atoms = wanted.flatMap((statement): readonly (Atom | null)[] => atomsOf(statement, type) ?? [null])
  if (atoms.length === 0 || atoms.length > MAX_ATOMS) return null
  // Statements that are already in IAM did not lift the denial.
  const live = (change.before?.Statement ?? []).map(one => documentOf([one]))
  const allows = code.certain
    .flatMap(one => candidateOf(one) ?? [])
    .filter(({ statement }) => !live.some(one => samePolicy(one, documentOf([statement]))))
  const denies = [...code.certain, ...code.possible].filter(({ plain }) => !isAllow(plain))
  const found = new Set<string>()
  for (const atom of atoms) {
    const grant = atom === null ? undefined : allows.find(one => allowsAll(one, atom))
    if (atom === null || grant === undefined || denies.some(one => mayDeny(one, atom))) return null
    found.add(grant.where)
  }
  return [...found]
}

const MAX_ATOMS = 500

/** Requests for one action, one resource and one principal that the change allows. `facts`: the keys that it restricts to one value. */
type Atom = {
  readonly type: Extract<PolicyType, 'identity' | 'trust'>
  readonly action: string
  /** Null for a trust policy, whose resource is its role. */
  readonly resource: string | null
  readonly principal: { readonly type: string; readonly name: string } | null
  readonly tests: readonly ConditionTest[]
  readonly facts: ReadonlyMap<string, ContextFact>
}

/** The new part of a statement whose list grows. */
function grownPart({ statement, path, values }: GrownList): Statement {
  const [element, operator = '', key = ''] = path
  if (element === 'Resource') return { ...statement, Resource: values }
  return {
    ...statement,
    Condition: { ...statement.Condition, [operator]: { ...statement.Condition?.[operator], [key]: values } },
  }
}

/** Null: the statement has a form that is not supported here. */
function atomsOf(statement: Statement, type: Atom['type']): readonly Atom[] | null {
  const { Effect, Action, Resource, NotAction, NotResource, NotPrincipal, Principal, Condition } = statement
  if (Effect !== 'Allow' || NotAction !== undefined || NotResource !== undefined || NotPrincipal !== undefined)
    return null
  const tests = testsOf(Condition)
  const actions = list(Action)
  if (tests === null || actions.length === 0 || actions.some(action => /[*?]/.test(action))) return null
  const resources: readonly (string | null)[] = type === 'trust' ? [null] : list(Resource)
  const principals = type === 'trust' ? principalsOf(Principal) : [null]
  const contexts = contextsOf(tests)
  if (contexts === null || principals === null || resources.length === 0 || principals.length === 0) return null
  if (actions.length * resources.length * principals.length * contexts.length > MAX_ATOMS) return null
  return actions.flatMap(action =>
    resources.flatMap(resource =>
      principals.flatMap(principal =>
        contexts.map(facts => ({ type, action: action.toLowerCase(), resource, principal, tests, facts })),
      ),
    ),
  )
}

function principalsOf(block: Statement['Principal']): readonly Atom['principal'][] | null {
  if (block === undefined || typeof block === 'string') return null
  return Object.entries(block).flatMap(([type, names]) => list<string>(names).map(name => ({ type, name })))
}

/**
 * Every combination of the values that the change requires.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
function contextsOf(tests: readonly ConditionTest[]): readonly ReadonlyMap<string, ContextFact>[] | null {
  const byKey = new Map<string, readonly ContextFact[]>()
  // The operator without `IfExists` is last and decides, because the request must then have the key.
  for (const operator of ['StringEqualsIfExists', 'StringEquals'])
    for (const test of tests) {
      if (test.operator !== operator || test.values.some(value => value.includes('${'))) continue
      const values = test.values.map(value => present(value))
      byKey.set(test.key, operator === 'StringEquals' ? values : [...values, ABSENT_KEY])
    }
  let contexts: readonly ReadonlyMap<string, ContextFact>[] = [new Map()]
  for (const [key, values] of byKey) {
    if (contexts.length * values.length > MAX_ATOMS) return null
    contexts = contexts.flatMap(one => values.map(value => new Map([...one, [key, value]])))
  }
  return contexts
}

const isAllow = (plain: unknown): boolean =>
  typeof plain === 'object' && plain !== null && 'Effect' in plain && plain.Effect === 'Allow'

type Candidate = { readonly statement: Statement; readonly compiled: CompiledStatement; readonly where: string }

/** Null: not every value of the statement is known. */
function candidateOf({ plain, where }: CodeStatement): Candidate | null {
  const statement = isAllow(plain) ? statementOf(plain) : null
  return statement === null ? null : { statement, compiled: compileStatement(statement, true), where }
}

function statementOf(plain: unknown): Statement | null {
  if (plain === null || hasOpen(plain)) return null
  const read = parsePolicy({ Version: '2012-10-17', Statement: [plain] })
  return read.ok ? (read.value.Statement[0] ?? null) : null
}

function allowsAll({ statement, compiled }: Candidate, atom: Atom): boolean {
  return (
    compiled.matchesAction(atom.action) &&
    (atom.type === 'trust' ? namesPrincipal(statement, atom) : coversResource(compiled, atom)) &&
    meetsAll(statement, atom)
  )
}

function namesPrincipal({ Principal, NotPrincipal }: Statement, { principal }: Atom): boolean {
  if (Principal === undefined || NotPrincipal !== undefined || principal === null) return false
  if (typeof Principal === 'string') return principal.type === 'AWS'
  const names = Object.entries(Principal).flatMap(([type, all]) => (type === principal.type ? list<string>(all) : []))
  const isAny = principal.type === 'AWS' && names.includes('*')
  return isAny || names.some(name => accountOf(name) === accountOf(principal.name))
}

/**
 * An account id is a short form of the account's root ARN.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
const accountOf = (name: string): string => /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(name)?.[1] ?? name

/** A pattern of the change is within a pattern of the code only if that is equal or a prefix of it. */
function coversResource(compiled: CompiledStatement, { resource, type }: Atom): boolean {
  const resources = compiled.resources()
  if (resources === null || resource === null) return false
  const { excluded, patterns } = resources
  if (/[*?]/.test(resource))
    return !excluded && patterns.some(({ text }) => text === resource || isPrefix(text, resource))
  const scope = quietScope(UNSEEN)
  const matches = patterns.map(({ text, match }) => (text === '*' ? 'yes' : match(resource, type, scope)))
  return excluded ? matches.every(one => one === 'no') : matches.includes('yes')
}

const isPrefix = (pattern: string, resource: string): boolean =>
  /^[^*?$]*\*$/.test(pattern) && resource.startsWith(pattern.slice(0, -1))

const UNSEEN = (key: string): ContextFact => unknownKey(key)
const factIn = (atom: Atom) => (key: string) => atom.facts.get(key.toLowerCase()) ?? UNSEEN(key)

/** True when all requests of the atom meet every condition of the code's statement. */
function meetsAll({ Condition }: Statement, atom: Atom): boolean {
  const tests = testsOf(Condition)
  if (tests === null) return false
  const fact = factIn(atom)
  return tests.every(
    test =>
      atom.tests.some(own => isDemanded(test, own)) ||
      meetsConditions(
        compileConditions({ [test.operator]: { [test.key]: test.values } }, true),
        { fact, quiet: quietScope(fact) },
        null,
      ) === 'yes',
  )
}

/** True when the change has the same test, with these values or fewer. */
function isDemanded(test: ConditionTest, own: ConditionTest): boolean {
  if (test.key !== own.key || test.operator.toLowerCase() !== own.operator.toLowerCase()) return false
  const within = own.values.length > 0 && own.values.every(value => test.values.includes(value))
  const isPositive = /^(?:ForAnyValue:)?(?:String(?:Equals|Like|EqualsIgnoreCase)|Arn(?:Equals|Like))(?:IfExists)?$/i
  return within && (isPositive.test(test.operator) || test.values.every(value => own.values.includes(value)))
}

/** True for anything but a readable Allow: what cannot be read may deny. */
function mayDeny({ plain }: CodeStatement, atom: Atom): boolean {
  const statement = statementOf(plain)
  if (statement === null) return true
  const compiled = compileStatement(statement, true)
  if (!compiled.matchesAction(atom.action)) return false
  if (atom.type === 'identity' && !mayMatchResource(compiled, atom)) return false
  const fact = factIn(atom)
  return meetsConditions(compiled.conditions(), { fact, quiet: quietScope(fact) }, null) !== 'no'
}

function mayMatchResource(compiled: CompiledStatement, { resource, type }: Atom): boolean {
  const resources = compiled.resources()
  if (resources === null || resource === null || /[*?]/.test(resource)) return true
  const scope = quietScope(UNSEEN)
  const matches = resources.patterns.map(({ text, match }) => (text === '*' ? 'yes' : match(resource, type, scope)))
  return resources.excluded ? !matches.includes('yes') : matches.some(one => one !== 'no')
}
