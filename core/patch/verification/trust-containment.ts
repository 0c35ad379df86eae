/** The role's side of the proof: which principals a part of a trust policy admits, and under which conditions. */

import { requestOf } from '../../access/index.ts'
import { descriptorOf, isWithinTheCall } from '../../actions/index.ts'
import { ok, type Refusal, type Result } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import {
  accountPrincipal,
  type ConditionBlock,
  contextFact,
  list,
  PRINCIPAL_ARN,
  parseEntityArn,
  permissionSetPattern,
  principalsOf,
  principalsOfType,
  type Statement,
  type ValueAdded,
} from '../../iam/index.ts'
import { withCallersConditions } from '../drafting/callers-conditions.ts'
import type { DraftContext } from '../drafting/draft-context.ts'
import { isExactClaim, isServiceName } from '../drafting/exact-names.ts'
import { deniedServiceStatement, readTrust, trustStatement } from '../drafting/trust-statement.ts'
import { type ConditionTest, testsOf, untested, untestedOfOwner } from './condition-tests.ts'
import type { Part } from './delta.ts'
import type { Needs, VerificationInput } from './needs.ts'

const ELEMENTS: readonly string[] = ['Sid', 'Effect', 'Principal', 'Action', 'Condition']
type TrustExcess = { readonly why: string; readonly demanded: readonly ConditionTest[] }

export function trustExcess(
  part: Part,
  statement: Statement,
  tests: readonly ConditionTest[],
  needs: Needs,
  known: VerificationInput,
): TrustExcess | null {
  const isToken = descriptorOf(known.denial.action).caller !== 'principal'
  const entrance = isToken ? tokenEntrance(part, statement, known) : principalEntrance(part, statement, needs, known)
  const demanded = typeof entrance === 'string' ? [] : [...entrance.tests, ...entrance.owners]
  const why = otherElement(statement, isToken, needs) ?? (typeof entrance === 'string' ? entrance : null)
  if (why !== null || typeof entrance === 'string') return { why: why ?? '', demanded }
  const role = needs.roles.find(({ arn }) => arn === part.change.target.arn)
  const needed = [...entrance.tests, ...(role?.tests ?? [])]
  const key = untested(needed, tests, part.extended) ?? untestedOfOwner(entrance.owners, tests)
  return key === null ? null : { why: `it does not limit ${key} as this denial does`, demanded }
}

function otherElement(statement: Statement, isToken: boolean, needs: Needs): string | null {
  const strange = Object.keys(statement).find(element => !ELEMENTS.includes(element))
  if (strange !== undefined) return `a statement has ${strange}`
  const actions = list(statement.Action)
  if (principalsOf(statement).length === 0 || actions.length === 0) return 'a statement has no principal or no action'
  const other = actions.find(action => {
    return action.toLowerCase() !== needs.action && !(isToken && isWithinTheCall(action))
  })
  return other === undefined ? null : `it allows ${other}`
}

/** The tests that a statement for these principals must have, so that it admits only the denied one. */
type Entrance = { readonly tests: readonly ConditionTest[]; readonly owners: readonly ConditionTest[] }

function principalEntrance(
  { change, extended }: Part,
  statement: Statement,
  { caller }: Needs,
  known: VerificationInput,
): Entrance | string {
  const { denial } = known
  const [first, ...others] = principalsOf(statement)
  const arn = caller === null ? null : parseEntityArn(caller.arn)
  const pattern = arn === null ? null : permissionSetPattern(arn)
  // The named principals do not matter: only the caller passes the test, so others gain nothing.
  const itself: ConditionTest = {
    operator: 'ArnLike',
    key: PRINCIPAL_ARN.toLowerCase(),
    values: [...(caller === null ? [] : [caller.arn]), ...(pattern === null ? [] : [pattern])],
  }
  const { kind, name } = denial.principal
  if (extended !== null && kind === 'service') {
    const isAlone = others.length === 0 && first?.type === 'Service' && first.name === name
    return isAlone ? { tests: sourceTests(extended, denial), owners: [] } : 'it trusts more than one service'
  }
  if (extended !== null) {
    const role = readTrust(draftContext(known), change.target.arn)
    // An account is no more than its principals' own policies allow.
    const isAccount = principalsOf(statement).every(({ name }) => ACCOUNT.test(name))
    if (isAccount || arn === null || !role.ok) return { tests: [itself], owners: [] }
    return withOwners([itself], withCallersConditions(null, known, role.value.role, arn, 'everyone'))
  }
  if (first === undefined || others.length > 0) return 'it trusts more than one principal'

  const trust = readTrust(draftContext(known), change.target.arn)
  if (!trust.ok) return 'the trust policy was not read'
  if (first.type === 'Service' && kind === 'service' && first.name === name && isServiceName(name))
    return withOwners([], conditionOf(deniedServiceStatement(trust.value, name, denial, known.nowMs)))
  if (first.type !== 'AWS' || caller === null || arn === null) return `it trusts ${first.name}`
  const isAccount = pattern !== null && first.name === accountPrincipal(arn)
  if (first.name !== caller.arn && !isAccount) return `it trusts ${first.name}`
  return withOwners(isAccount ? [itself] : [], conditionOf(trustStatement(draftContext(known), trust.value, caller)))
}

/** The resource or the account that the service acts for, by the key whose list it joins. */
function sourceTests({ operator, key }: ValueAdded, { context }: Denial): readonly ConditionTest[] {
  const sent = contextFact(context, key)
  const values = sent.state === 'present' ? sent.values : []
  return [{ operator, key: key.toLowerCase(), values }]
}

const ACCOUNT = /^(?:\d{12}|arn:[^:]+:iam::\d{12}:root)$/

const conditionOf = (drafted: ReturnType<typeof trustStatement>): Result<ConditionBlock | null, Refusal> =>
  drafted.ok ? ok(drafted.value.Condition ?? null) : drafted

/** Adds the conditions of the owner and of the caller's own policies. They are required, and admit nobody. */
function withOwners(
  tests: readonly ConditionTest[],
  drafted: Result<ConditionBlock | null, Refusal>,
): Entrance | string {
  const owners = drafted.ok ? testsOf(drafted.value ?? undefined) : null
  return owners === null ? 'the conditions of similar principals differ' : { tests, owners }
}

/** One subject of one provider. If the subject joins a list, the audience is the owner's; in a new statement, it is that of the token. */
function tokenEntrance(
  { change, extended }: Part,
  statement: Statement,
  { denial }: VerificationInput,
): Entrance | string {
  const provider = requestOf(denial, change.target.arn).principalArn
  const { subject = null, audience = null } = denial.claims ?? {}
  const names = principalsOf(statement)
  const stranger = names.find(({ type }) => type !== 'Federated')
  if (stranger !== undefined) return `it trusts ${stranger.name}`
  if (provider === '' || !names.some(({ name }) => name === provider)) return 'it trusts another identity provider'
  if (subject === null || !isExactClaim(subject)) return 'the subject of the token is not one exact name'
  const issuer = issuerOf(provider)
  const exactly = (claim: string, value: string): ConditionTest => ({
    operator: 'StringEquals',
    key: `${issuer}:${claim}`,
    values: [value],
  })
  // A key of one issuer is in no token of another.
  if (extended !== null) return { tests: [exactly('sub', subject)], owners: [] }
  if (names.length > 1) return 'it trusts more than one identity provider'
  if (audience === null || !isExactClaim(audience)) return 'the audience of the token is not one exact name'
  const own = [exactly('sub', subject), exactly('aud', audience)]
  const owners = (change.before?.Statement ?? []).filter(
    one => one.Effect === 'Allow' && principalsOfType(one, 'Federated').includes(provider),
  )
  const demanded = owners.flatMap(one => {
    const tests = testsOf(one.Condition)
    return tests === null ? [] : [tests.filter(({ key }) => !own.some(test => test.key === key))]
  })
  const [nearest] = demanded
  if (nearest === undefined) return 'it trusts an identity provider that the role does not trust yet'
  const here = testsOf(statement.Condition) ?? []
  return { tests: own, owners: demanded.find(tests => untestedOfOwner(tests, here) === null) ?? nearest }
}

/** Adds nothing with it: only the owner's conditions are taken from the draft. */
const draftContext = (known: VerificationInput): DraftContext => ({
  ...known,
  withGetRole: false,
  sid: '',
  joinable: new Set(),
})

const issuerOf = (provider: string): string => provider.replace(/^.*:oidc-provider\//, '').toLowerCase()
