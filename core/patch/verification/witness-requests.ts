/**
 * Requests similar to the denied one, generated from what a statement names. One of them shows what the statement opens, if any
 * request can.
 */

import { requestOf } from '../../access/index.ts'
import { ACTIONS, descriptorOf, SESSION_ACTIONS, WITHIN_THE_CALL } from '../../actions/index.ts'
import { ABSENT, found } from '../../base/index.ts'
import {
  ABSENT_KEY,
  type AccessRequest,
  type AccessSnapshot,
  type ContextFact,
  type ContextFacts,
  compileConditions,
  contextFact,
  type Identity,
  list,
  matchesGlob,
  meetsConditions,
  type PolicyDocument,
  parseArn,
  parseEntityArn,
  present,
  principalsOf,
  quietScope,
  replaceVariables,
  roleArn,
  type SourcedPolicy,
  type Statement,
} from '../../iam/index.ts'
import { SSO_INLINE_POLICY } from '../drafting/caller-policy.ts'
import {
  allowAllIdentity,
  delegatingTrust,
  isolatedRole,
  isolatedSnapshot,
  requestFrom,
} from '../risk/isolated-evaluation.ts'
import { type ConditionTest, testsOf } from './condition-tests.ts'
import type { Changed } from './delta.ts'
import { deniedRequests, requestAt } from './denied-requests.ts'
import { LOWERCASE_PASSED_TO_SERVICE, type Needs, type VerificationInput } from './needs.ts'

/** A request, and the smallest snapshot in which the changed document decides it. */
export type Candidate = {
  readonly request: AccessRequest
  readonly seen: AccessSnapshot
  /** The caller is the denied principal. */
  readonly isCaller: boolean
}

export const SOME = 'rolemedic-control'
const ELSEWHERE = '210987654321'
const OTHER_SERVICES = ['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'glue.amazonaws.com']
/** The limit for values that a document names for one key. */
const MAX_NAMED = 20
const TIME = ['aws:currenttime', 'aws:epochtime']
const OTHER_ACTIONS = ['iam:GetRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy']

export function* identityCandidates(
  change: Changed,
  statement: Statement,
  needs: Needs,
  known: VerificationInput,
): Generator<Candidate> {
  const { caller, roles } = needs
  const own = caller?.policies.some(policy => isAt(policy, change)) === true ? caller : null
  const holder = own ?? (caller?.arn === change.target.arn ? caller : null)
  const identity = holderOf(holder, change)
  const arns = roles.map(({ arn }) => arn)
  const resources = [
    ...arns,
    ...arns.flatMap(nearRoles),
    ...list(statement.Resource)
      .flatMap(valued)
      .map(one => concrete(one, identity.arn)),
  ]
  const tests = roles.flatMap(role => [...role.tests, ...role.owners])
  const all = { ...requestAtNow(known), ...(holder === null ? requestFrom(identity, '', '', {}) : {}) }
  const contexts = contextsFor(statement, tests, requestAtNow(known).context, namedIn(change.after))
  const at = (action: string, resource: string, context: ContextFacts): Candidate => ({
    request: { ...all, action, resource, context },
    seen: isolatedSnapshot(found(identity), [isolatedRole(resource, delegatingTrust(resource, identity.accountId))]),
    isCaller: holder !== null,
  })
  const { action } = known.denial
  for (const resource of arns) for (const context of contexts) yield at(action, resource, context)
  for (const resource of resources) for (const context of contexts.slice(0, 2)) yield at(action, resource, context)
  const others = actionsOf(statement)
  for (const other of others)
    for (const resource of resources) for (const context of contexts.slice(0, 2)) yield at(other, resource, context)
  for (const resource of resources) for (const context of contexts) yield at(action, resource, context)
  for (const other of others)
    for (const resource of resources) for (const context of contexts) yield at(other, resource, context)
}

const isAt = (policy: SourcedPolicy, { target }: Changed): boolean =>
  target.kind === 'managed-policy' && policy.arn === target.arn

/** The holder with only the old document: other policies may allow or deny the same, and the document has changed. */
function holderOf(holder: Identity | null, { target, before }: Changed): Identity {
  const isManaged = target.kind === 'managed-policy'
  const arn = isManaged ? roleArn(partitionOf(target.arn), target.accountId, SOME) : target.arn
  const base = holder ?? allowAllIdentity(arn)
  const name = target.kind === 'permission-set-inline-policy' ? SSO_INLINE_POLICY : (target.policyName ?? '')
  const policy = {
    type: 'identity',
    name: isManaged ? target.name : name,
    arn: isManaged ? target.arn : null,
    attachedTo: base.arn,
    document: before ?? { Statement: [] },
  } as const
  return { ...base, policies: [policy], unseen: [], boundary: ABSENT }
}

export function* trustCandidates(
  change: Changed,
  statement: Statement,
  demanded: readonly ConditionTest[],
  { caller, roles }: Needs,
  known: VerificationInput,
): Generator<Candidate> {
  const { denial } = known
  const role = change.target.arn
  const target = isolatedRole(role, change.before ?? { Statement: [] })
  const denied = { ...requestAtNow(known), resource: role }
  const tests = [...demanded, ...roles.flatMap(one => one.tests)]
  const contexts = contextsFor(statement, tests, denied.context)
  const actions = [denial.action, ...SESSION_ACTIONS, ...actionsOf(statement)]
  const names = principalsOf(statement)

  const isToken = descriptorOf(denial.action).caller !== 'principal'
  if (isToken) {
    const seen = isolatedSnapshot(ABSENT, [target])
    for (const action of [denial.action, ...WITHIN_THE_CALL])
      for (const context of contexts) yield { request: { ...denied, action, context }, seen, isCaller: true }
    for (const { type, name } of names)
      if (type === 'Federated' && name !== denied.principalArn)
        for (const action of callsWithTokensOf(name))
          for (const context of contexts)
            yield { request: { ...denied, action, principalArn: name, context }, seen, isCaller: false }
  }
  const self = caller?.arn ?? null
  const plain = contexts.map(withoutPrincipal)
  const by = function* (arn: string, contextsOf: (isCaller: boolean) => readonly ContextFacts[]): Generator<Candidate> {
    const isService = parseArn(arn) === null
    const identity = allowAllIdentity(arn)
    const seen = isolatedSnapshot(isService ? ABSENT : found(identity), [target])
    const isCaller = arn === self || (isService && denial.principal.name === arn)
    for (const action of isToken ? SESSION_ACTIONS : actions)
      for (const context of contextsOf(isCaller))
        yield {
          request: isService
            ? { action, resource: role, principalArn: arn, roleArn: null, context }
            : requestFrom(identity, action, role, context),
          seen,
          isCaller,
        }
  }
  const isDeny = statement.Effect === 'Deny'
  const named = namedBy(statement, role)
  for (const arn of [...nearPrincipals(self, role), ...named, ...(self === null ? [] : [self])])
    yield* by(arn, isCaller => (isCaller || isDeny ? plain : plain.slice(0, 2)))
  for (const { type, name } of names)
    if (type === 'Federated' && !isToken)
      for (const action of callsWithTokensOf(name))
        yield {
          request: { action, resource: role, principalArn: name, roleArn: null, context: plain[0] ?? {} },
          seen: isolatedSnapshot(ABSENT, [target]),
          isCaller: false,
        }
  // Principals that the statement already names may need less: another value, or no value, of one key.
  if (!isDeny) for (const arn of named) if (arn !== self) yield* by(arn, () => plain.slice(2))
}

/** Calls with a token or an assertion. Their holders make no other calls: no identity provider assumes a role as an AWS principal does. */
const callsWithTokensOf = (provider: string): readonly string[] =>
  ACTIONS.filter(({ caller }) => caller === (provider.includes(':saml-provider/') ? 'saml' : 'web-identity')).map(
    ({ name }) => name,
  )

function requestAtNow({ denial, snapshot, nowMs }: VerificationInput): AccessRequest {
  const request = requestOf(denial)
  const [asked = request] = deniedRequests(denial, snapshot, [request.resource])
  return requestAt(asked, nowMs)
}

/** The actions that the statement names or matches. */
function actionsOf({ Action, NotAction }: Statement): readonly string[] {
  const known = [...ACTIONS.map(({ name }) => name), ...OTHER_ACTIONS]
  const matching = (patterns: readonly string[]) =>
    known.filter(name => patterns.some(pattern => matchesGlob(pattern.toLowerCase(), name.toLowerCase())))
  if (NotAction !== undefined) {
    const except = matching(list(NotAction))
    return known.filter(name => !except.includes(name))
  }
  const named = list(Action).map(action => action.replaceAll('*', 'Control').replaceAll('?', 'x'))
  return [...new Set([...matching(list(Action)), ...named])]
}

/** The text itself, and with a value for each variable: only one version of the policy language has variables. */
const valued = (text: string): readonly string[] => [
  ...new Set([text, replaceVariables(text, name => (/^[^*?$]/.test(name) ? SOME : `\${${name}}`))]),
]

/** A role ARN for a pattern, in the holder's account if the pattern names none, because nobody passes a role of another account. */
function concrete(pattern: string, holder: string): string {
  const text = pattern.replaceAll('*', SOME).replaceAll('?', 'x')
  if (parseEntityArn(text) !== null) return text
  return roleArn(partitionOf(holder), parseEntityArn(holder)?.accountId ?? ELSEWHERE, SOME)
}

const partitionOf = (arn: string): string => parseArn(arn)?.partition ?? 'aws'

function nearRoles(text: string): readonly string[] {
  const arn = parseEntityArn(text)
  if (arn === null) return []
  const { partition, accountId, path, name } = arn
  const role = (itsName: string, account = accountId, itsPath = path) =>
    `arn:${partition}:iam::${account}:role${itsPath}${itsName}`
  return [
    role(`${name}-admin`),
    role(`${name}2`),
    role(name.slice(0, -1) || 'x'),
    role(name.toUpperCase()),
    role('Administrator', accountId, '/'),
    role(name, accountId, `${path}other/`),
    role(name, ELSEWHERE),
  ]
}

function nearPrincipals(self: string | null, role: string): readonly string[] {
  const home = parseEntityArn(role)?.accountId ?? ''
  const entity = (kind: string) => `arn:${partitionOf(role)}:iam::${home}:${kind}/${SOME}`
  const others = [entity('role'), entity('user'), ...OTHER_SERVICES]
  const arn = parseEntityArn(self ?? '')
  if (arn === null) return [...OTHER_SERVICES, ...others]
  const near = nearRoles(arn.text.replace(/:user\//, ':role/')).filter(one => one !== self)
  return [...near, `arn:${arn.partition}:iam::${arn.accountId}:role/${SOME}`, ...others]
}

/** Principals that the statement names, and one of each account and each pattern. */
function namedBy({ Principal, NotPrincipal, Condition }: Statement, role: string): readonly string[] {
  const blocks = [Principal, NotPrincipal].flatMap(block => (block === undefined || block === '*' ? [] : [block]))
  const names = blocks.flatMap(block => [...list(block['AWS']), ...list(block['Service'])])
  const patterns = (testsOf(Condition) ?? []).flatMap(({ key, values }) => (key === 'aws:principalarn' ? values : []))
  return [...names, ...patterns].flatMap(name => {
    if (name === '*') return []
    const account = /^\d{12}$/.test(name) ? name : /^arn:aws[a-z-]*:iam::(\d{12}):root$/.exec(name)?.[1]
    if (account !== undefined) return [roleArn(partitionOf(name === account ? role : name), account, SOME)]
    return [name.replaceAll('*', SOME).replaceAll('?', '0')]
  })
}

type NamedValues = ReadonlyMap<string, readonly string[]>

/** By key: the values that other statements of the document except or require, where they already allow everything else. */
function namedIn({ Statement }: PolicyDocument): NamedValues {
  const named = new Map<string, readonly string[]>()
  for (const { Condition } of Statement)
    for (const { key, values } of testsOf(Condition) ?? []) {
      const all = new Set([...(named.get(key) ?? []), ...values.flatMap(readings)])
      named.set(key, [...all].slice(0, MAX_NAMED))
    }
  return named
}

/**
 * First the context that the statement admits, with the values of the call if possible; then variants where one key is
 * different or missing.
 */
function contextsFor(
  statement: Statement,
  needed: readonly ConditionTest[],
  context: ContextFacts,
  elsewhere: NamedValues = new Map(),
): readonly ContextFacts[] {
  const tests = testsOf(statement.Condition) ?? []
  const byKey = Map.groupBy(tests, ({ key }) => key)
  const met = [...byKey].reduce((seen, [key, itsTests]) => admitted(seen, key, itsTests), context)
  const keys = new Set([...[...tests, ...needed].map(({ key }) => key), ...elsewhere.keys()])
  const changed = [...keys].flatMap(key => {
    const named = tests.filter(test => test.key === key).flatMap(({ values }) => values.flatMap(readings))
    const asked = needed.filter(test => test.key === key).flatMap(({ values }) => values)
    const near = asked.flatMap(value => nearValues(key, value))
    const facts = [...near, ...named, ...(elsewhere.get(key) ?? []), SOME]
      .filter(value => !asked.includes(value))
      .map(value => present(value))
    return [...facts, ABSENT_KEY].map(fact => ({ ...met, [key]: fact }))
  })
  return [met, context, ...changed]
}

/** As a pattern and as a literal: only `…Like` operators give `*` and `?` a meaning. */
const readings = (value: string): readonly string[] => [...new Set([...valued(value).map(concreteValue), value])]

const concreteValue = (value: string): string =>
  value
    .replaceAll('*', SOME)
    .replaceAll('?', 'x')
    .replace(/\/\d+$/, '')

function nearValues(key: string, value: string): readonly string[] {
  if (key === LOWERCASE_PASSED_TO_SERVICE) return [`${value}.cn`, `x-${value}`, ...OTHER_SERVICES]
  const other = value.replace(/^([^:]*:)([^/:]+)/, `$1${SOME}`)
  return [`${value}x`, value.slice(0, -1), `x${value}`, other, value.toUpperCase()]
}

/** Adds a value that passes the tests of a key, if the context has none. All tests of one key are solved together. */
function admitted(context: ContextFacts, key: string, tests: readonly ConditionTest[]): ContextFacts {
  // Nobody can choose the time of a request.
  if (TIME.includes(key)) return context
  const compiled = tests.flatMap(({ operator, values }) => compileConditions({ [operator]: { [key]: values } }, true))
  const passes = (seen: ContextFact) => {
    const fact = (asked: string) => (asked.toLowerCase() === key ? seen : contextFact(context, asked))
    return meetsConditions(compiled, { fact, quiet: quietScope(fact) }, null) === 'yes'
  }
  if (passes(contextFact(context, key))) return context
  const fact = factsToTry(tests).find(passes)
  return fact === undefined ? context : { ...context, [key]: fact }
}

/** Named values first, then values that no negated test excludes, of each type that an operator compares. */
function factsToTry(tests: readonly ConditionTest[]): readonly ContextFact[] {
  const compared = tests.filter(({ operator }) => !/^Null$/i.test(operator))
  const named = [...new Set(compared.flatMap(({ values }) => values.flatMap(readings)))].slice(0, MAX_NAMED)
  const numbers = named.map(Number).filter(Number.isFinite)
  const beside = [
    ...[SOME, ELSEWHERE, `arn:aws:iam::${ELSEWHERE}:role/${SOME}`, ...named.map(value => `${value}x`)],
    ...numbers.flatMap(value => [String(value - 1), String(value + 1)]),
    ...['true', 'false', '192.0.2.77', '2001:db8::77', '1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
  ]
  return [...named.map(value => present(value)), present(...named), ...beside.map(value => present(value)), ABSENT_KEY]
}

function withoutPrincipal(context: ContextFacts): ContextFacts {
  const own = /^aws:(principal|userid|username)/
  return Object.fromEntries(Object.entries(context).filter(([key]) => !own.test(key)))
}
