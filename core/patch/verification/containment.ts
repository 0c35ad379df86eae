/**
 * Decides exactly whether a patch opens what its denial needs and nothing else. Each change is split into what it newly allows
 * (`delta.ts`), and every part must be within the needs (`needs.ts`): the principal, the action, the role, and every test that
 * the needs require. Further conditions of a part only narrow it. Forms that cannot be decided are refused.
 */

import { canonicalJson, never, type Refusal } from '../../base/index.ts'
import {
  type AccessRequest,
  type Identity,
  list,
  type PolicyDocument,
  parseEntityArn,
  type SourcedPolicy,
  type Statement,
} from '../../iam/index.ts'
import { inlineTarget, isCustomerManaged, managedTarget } from '../drafting/caller-policy.ts'
import type { Withdrawal } from '../ineffective-grant.ts'
import { changesTrust, type Target } from '../patch.ts'
import { documentAt } from './apply-to-snapshot.ts'
import { type ConditionTest, testsOf, untested, untestedOfOwner } from './condition-tests.ts'
import { type Changed, deltaOf, endsOf, type Part } from './delta.ts'
import { type Needs, needsOf, type RoleRequirement, type VerificationInput } from './needs.ts'
import { trustExcess } from './trust-containment.ts'
import type { Proof } from './verification.ts'
import { witnessOf } from './witness.ts'

export type Proven = {
  readonly proof: Proof
  /** A request that proves the excess: the patch changes its answer, and the denial does not need it. Null: none, or none was found. */
  readonly counterexample: AccessRequest | null
  /** If there is no counterexample: a request whose answer the patch changes or leaves unknown. */
  readonly unclear: AccessRequest | null
  /** The number of requests evaluated to find it. */
  readonly evaluated: number
}

export function prove({ changes }: { readonly changes: readonly Changed[] }, known: VerificationInput): Proven {
  const needs = needsOf(known)
  for (const change of changes) {
    const { place, parts, excesses } = heldAgainst(change, needs, known)
    if (place === null && excesses.length === 0) continue
    // If the whole document cannot be decided, any of its parts may provide a counterexample.
    const searched = excesses.length > 0 ? excesses : parts.map(part => ({ part, why: '', demanded: [] }))
    return refuted(place, searched, needs, known)
  }
  const others = [...new Set(changes.flatMap(change => othersReached(change, needs)))]
  const outcome = others.length === 0 ? 'nothing-else' : 'others-too'
  return { proof: { outcome, detail: others.length === 0 ? null : others.join(' ') }, ...NONE }
}

const NONE = { counterexample: null, unclear: null, evaluated: 0 }

/** Like the proof of one change, without a counterexample. */
export function opensNothingElse(change: Changed, known: VerificationInput): boolean {
  const { place, excesses } = heldAgainst(change, needsOf(known), known)
  return place === null && excesses.length === 0
}

function heldAgainst(change: Changed, needs: Needs, known: VerificationInput) {
  const live = { ...change, before: documentAt(known.snapshot, change.target) }
  const parts = deltaOf(live, known.nowMs)
  return {
    place: unplaced(change, live.before, needs),
    parts,
    excesses: parts.flatMap(part => excessOf(part, needs, known) ?? []),
  }
}

/** The limit for all parts together, so that a change with many statements is refused within seconds too. */
const MAX_EVALUATED = 10_000

/** Refuses with the first part for which there is a counterexample, otherwise with the first part. */
function refuted(place: string | null, excesses: readonly Excess[], needs: Needs, known: VerificationInput): Proven {
  const [first] = excesses
  const more = (why: string | undefined) => ({ outcome: 'more' as const, detail: place ?? why ?? null })
  let evaluated = 0
  let unclear: AccessRequest | null = null
  for (const { part, why, demanded } of excesses) {
    if (evaluated >= MAX_EVALUATED) break
    const witness = witnessOf(part, demanded, needs, known)
    evaluated += witness.evaluated
    if (witness.counterexample !== null) return { ...witness, proof: more(why), evaluated }
    unclear ??= witness.unclear
  }
  return { proof: more(first?.why), counterexample: null, unclear, evaluated }
}

/** Checks that the change withdraws an earlier grant and nothing else. A withdrawal opens nothing. */
export function withdrawalRefusal(withdrawn: readonly Withdrawal[], nowMs: number): Refusal | null {
  const more = withdrawn.find(({ target, live, without }) => {
    const parts = deltaOf({ target, before: without ?? { ...live, Statement: [] }, after: live }, nowMs)
    return parts.some(({ undecided }) => undecided !== null)
  })
  if (more === undefined) return null
  const message = `Cannot prove that withdrawing an earlier grant from the policy of ${more.target.name} opens nothing.`
  return { code: 'opens-more', message, owner: null }
}

export function proofRefusal({ proof, counterexample, unclear }: Proven): Refusal | null {
  if (proof.outcome !== 'more') return null
  const request = counterexample ?? unclear
  const asked =
    request === null ? '' : `the answer to ${request.action} on ${request.resource} by ${request.principalArn}`
  const verb = counterexample === null ? 'leave open' : 'alter'
  const shown = request === null ? '' : ` It would also ${verb} ${asked}.`
  const message = `Cannot prove that the change opens nothing else: ${proof.detail}.${shown}`
  return { code: 'opens-more', message, owner: null }
}

/** Why no change for this denial may write the document. Null: it may, and the document is as it was read. */
function unplaced({ target, before }: Changed, live: PolicyDocument | null, needs: Needs): string | null {
  if (!placesOf(target, needs).some(place => isSameTarget(place, target)))
    return target.kind === 'role-trust-policy'
      ? `the trust policy of ${target.name} does not decide about the denied request`
      : `${target.name} is not the principal that was denied, or not its own policy`
  return isSame(live, before) ? null : `the policy of ${target.name} is not as it was read`
}

const isSame = (one: unknown, other: unknown): boolean => one === other || canonicalJson(one) === canonicalJson(other)

const isSameTarget = (one: Target, other: Target): boolean =>
  one.kind === other.kind &&
  one.accountId === other.accountId &&
  one.name === other.name &&
  one.policyName === other.policyName &&
  one.arn === other.arn

/** The documents that a change of this kind may write. A name that differs from the name in the ARN would be another place. */
function placesOf({ kind, policyName, arn }: Target, { caller, roles }: Needs): readonly Target[] {
  const entity = caller === null ? null : parseEntityArn(caller.arn)
  switch (kind) {
    case 'role-trust-policy':
      return roles.flatMap(role => (role.asksTrust ? (trustTarget(role.arn) ?? []) : []))
    case 'managed-policy': {
      const policy = ownPolicy(arn, caller)
      return policy === undefined ? [] : [managedTarget(policy, arn)]
    }
    case 'role-inline-policy':
    case 'user-inline-policy':
    case 'permission-set-inline-policy':
      return caller === null || entity === null ? [] : [inlineTarget(caller, entity, policyName ?? '')]
    default:
      return never(kind)
  }
}

function trustTarget(text: string): Target | null {
  const arn = parseEntityArn(text)
  if (arn === null) return null
  return { kind: 'role-trust-policy', accountId: arn.accountId, name: arn.name, policyName: null, arn: text }
}

/** A managed policy of the caller itself that is nobody's boundary. */
function ownPolicy(arn: string, caller: Identity | null): SourcedPolicy | undefined {
  if (caller === null || (caller.boundary.kind === 'found' && caller.boundary.value.arn === arn)) return undefined
  return caller.policies.find(policy => policy.arn === arn && isCustomerManaged(policy, caller))
}

/** A part that exceeds the needs. `demanded`: the tests of the requests that the part was allowed to open. */
type Excess = { readonly part: Part; readonly why: string; readonly demanded: readonly ConditionTest[] }

function excessOf(part: Part, needs: Needs, known: VerificationInput): Excess | null {
  const { statement, change, undecided } = part
  const tests = testsOf(statement?.Condition)
  const excess = (why: string, demanded: readonly ConditionTest[] = []): Excess => ({ part, why, demanded })
  if (undecided !== null || statement === null) return excess(undecided ?? 'a whole policy changes')
  // The end of a limited grant replaces the statement's own end, which must be known to be earlier.
  if (endsOf(statement).some(Number.isNaN)) return excess('a statement has an end that cannot be read')
  if (tests === null) return excess('a condition has one key or operator in two spellings')
  if (changesTrust(change)) {
    const found = trustExcess(part, statement, tests, needs, known)
    return found === null ? null : excess(found.why, found.demanded)
  }
  const why = identityExcess(part, statement, tests, needs)
  return why === null ? null : excess(why)
}

const IDENTITY_ELEMENTS: readonly string[] = ['Sid', 'Effect', 'Action', 'Resource', 'Condition']

function identityExcess(
  { extended }: Part,
  statement: Statement,
  tests: readonly ConditionTest[],
  needs: Needs,
): string | null {
  const strange = Object.keys(statement).find(element => !IDENTITY_ELEMENTS.includes(element))
  if (strange !== undefined) return `a statement has ${strange}`
  const [actions, resources] = [list(statement.Action), list(statement.Resource)]
  if (actions.length === 0 || resources.length === 0) return 'a statement has no action or no resource'
  for (const action of actions) {
    const isDenied = action.toLowerCase() === needs.action
    if (!isDenied && !needs.alsoMeant.includes(action.toLowerCase())) return `it allows ${action}`
    for (const resource of resources) {
      const role = roleFor(resource, needs.roles)
      if (role === undefined) return `it reaches ${resource}`
      const needed = isDenied || extended !== null ? role.tests : []
      const owners = extended === null ? role.owners : []
      const key = untested(needed, tests, extended) ?? untestedOfOwner(owners, tests)
      if (key !== null) return `it does not limit ${key} as this denial does`
    }
  }
  return null
}

const roleFor = (resource: string, roles: readonly RoleRequirement[]): RoleRequirement | undefined =>
  roles.find(({ arn, sets }) => arn === resource || sets.includes(resource))

/** The principals besides the denied one that a change affects, because they have the same document. */
function othersReached({ target }: Changed, { caller }: Needs): readonly string[] {
  switch (target.kind) {
    case 'permission-set-inline-policy':
      return [`Everyone who is assigned to permission set ${target.name} gets it too, in every account.`]
    case 'managed-policy': {
      const attachments = ownPolicy(target.arn, caller)?.attachments
      if (attachments === 1) return []
      const count = attachments === undefined ? 'others, if any, that have it' : `${attachments - 1} more that have it`
      return [`${target.name} is a managed policy: ${count} get it too.`]
    }
    case 'role-trust-policy':
    case 'role-inline-policy':
    case 'user-inline-policy':
      return []
    default:
      return never(target.kind)
  }
}
