/** The smallest change that lifts one denial: exact names, one service, and documents of the bot's own wherever there is a choice. */

import { isAnother } from '../../access/same-entity.ts'
import { descriptorOf } from '../../actions/actions.ts'
import { never, ok, type Refusal, type Result } from '../../base/result.ts'
import type { Config } from '../../config/config.ts'
import type { Denial } from '../../denial/denial.ts'
import { fingerprintOf } from '../../denial/fingerprint.ts'
import type { Cause, Diagnosis, Gap } from '../../diagnosis/diagnosis.ts'
import { otherConditions } from '../../diagnosis/rules/service-condition.ts'
import type { AccessSnapshot, Identity } from '../../iam/evaluation/access-snapshot.ts'
import { type ConditionBlock, list } from '../../iam/policy/policy-document.ts'
import { type Patch, type PolicyChange, patchDigest } from '../patch.ts'
import { QUOTAS } from '../policy-size.ts'
import { sizeWhenLimited } from '../time-limit.ts'
import { addStatements, type NewStatement } from './add-statements.ts'
import { addToCaller, editableCaller } from './caller-policy.ts'
import { type IdentityCondition, placeForService, policyOf, trustWithValue, withValue } from './condition-value.ts'
import { type Bench, changesOf, current, put } from './document-edits.ts'
import { callerOf, type Drafting, refuse } from './draft-context.ts'
import { exactRole, isServiceName } from './exact-names.ts'
import { deniedRole, passRoleStatements } from './pass-role-statements.ts'
import { serviceLinkedRoleStatement } from './service-linked-role.ts'
import { sessionGrant } from './session-statement.ts'
import {
  deniedServiceStatement,
  serviceTrustStatement,
  type Trust,
  trustOf,
  trustStatement,
} from './trust-statement.ts'

export type Draft = { readonly patch: Patch; readonly followUps: readonly PolicyChange[] }
export type DraftOptions = { readonly config: Config; readonly withGetRole: boolean; readonly nowMs: number }

/** Every other cause is somebody else's decision or not a matter of policy at all. */
const DRAFTABLE: readonly Cause[] = [
  'identity-gap',
  'identity-condition',
  'trust-gap',
  'trust-condition',
  'identity-and-trust-gap',
  'self-assume',
]

export function draft(
  denial: Denial,
  diagnosis: Diagnosis,
  snapshot: AccessSnapshot,
  options: DraftOptions,
): Result<Draft, Refusal> {
  const { draft } = descriptorOf(denial.action)
  if (draft.kind === 'nothing') return { ok: false, error: draft.refusal }
  const owner = diagnosis.nextSteps.find(step => step.owner !== null)?.owner ?? null
  if (!DRAFTABLE.includes(diagnosis.cause) || diagnosis.gaps.length === 0)
    return refuse(diagnosis.cause, diagnosis.summary, owner)
  const caller = callerOf(snapshot)
  if (caller !== null && isAnother(denial.principal, caller))
    return refuse(
      'recreated-caller',
      `${caller.arn} is not the principal that was denied: that one was deleted, and this one was created under its name since.`,
      owner,
    )
  const sid = `Rolemedic${fingerprintOf(denial).slice(0, 8)}`
  const drafting: Drafting = { denial, diagnosis, snapshot, sid, ...options }

  let bench: Bench = []
  let later: Bench = []
  for (const gap of diagnosis.gaps) {
    const edited = gap.kind === 'service-trust' ? ok(bench) : close(drafting, bench, gap)
    if (!edited.ok) return edited
    bench = edited.value
    if (gap.kind === 'service-trust') later = trustService(drafting, later, gap)
  }

  const tooLong = bench.find(
    ({ target, before, after }) =>
      (target.kind === 'role-trust-policy' || target.kind === 'managed-policy') &&
      sizeWhenLimited(before, after) > QUOTAS[target.kind],
  )
  if (tooLong !== undefined) {
    const { name, kind } = tooLong.target
    return refuse('quota', `The policy of ${name} would exceed ${QUOTAS[kind]} characters.`, `owner of ${name}`)
  }
  const changes = changesOf(bench, true)
  if (changes.length === 0)
    return refuse('nothing-to-change', 'The policies already hold everything that this denial calls for.', owner)
  return ok({ patch: { changes, digest: patchDigest(changes) }, followUps: changesOf(later, false) })
}

function close(drafting: Drafting, bench: Bench, gap: Exclude<Gap, { kind: 'service-trust' }>): Result<Bench, Refusal> {
  const caller = callerOf(drafting.snapshot)
  switch (gap.kind) {
    case 'identity': {
      const statements = identityStatements(drafting, gap.roles, gap.under ?? null)
      return statements.ok ? grant(drafting, bench, caller, statements.value) : statements
    }
    case 'identity-condition':
      return addService(drafting, bench, caller, gap)
    case 'trust': {
      const trust = trustOf(drafting, gap.role)
      if (!trust.ok) return trust
      const statement = callersTrust(drafting, trust.value, caller)
      if (!statement.ok) return statement
      const { target, document } = trust.value
      const after = addStatements(current(bench, target, document), [statement.value], drafting.sid, drafting.nowMs)
      return ok(put(bench, target, document, after))
    }
    case 'trust-condition': {
      const trust = trustOf(drafting, gap.role)
      if (!trust.ok) return trust
      const { target, document } = trust.value
      const edited = current(bench, target, document) ?? document
      const after = trustWithValue(drafting, gap, { ...trust.value, document: edited })
      return after.ok ? ok(put(bench, target, document, after.value)) : after
    }
    default:
      return never(gap)
  }
}

function identityStatements(
  drafting: Drafting,
  roles: readonly string[],
  under: ConditionBlock | null,
): Result<readonly NewStatement[], Refusal> {
  const { draft } = descriptorOf(drafting.denial.action)
  switch (draft.kind) {
    case 'pass-role':
      return passRoleStatements(drafting, roles, under)
    case 'service-linked-role':
      return eachRole(roles, role => serviceLinkedRoleStatement(role, under))
    case 'session':
    case 'claim':
    case 'nothing':
      return eachRole(roles, role => session(drafting, role))
    default:
      return never(draft)
  }
}

function eachRole(
  roles: readonly string[],
  statementFor: (role: string) => Result<NewStatement, Refusal>,
): Result<readonly NewStatement[], Refusal> {
  const statements: NewStatement[] = []
  for (const role of roles) {
    const statement = statementFor(role)
    if (!statement.ok) return statement
    statements.push(statement.value)
  }
  return ok(statements)
}

function session(drafting: Drafting, role: string): Result<NewStatement, Refusal> {
  if (exactRole(role) === null) return refuse('unreadable-arn', `“${role}” is not the ARN of a role.`)
  const grant = sessionGrant(drafting)
  if (!grant.ok) return grant
  const { Action, ...limits } = grant.value
  return ok({ Effect: 'Allow', Action, Resource: role, ...limits })
}

function grant(
  { sid, nowMs, ...drafting }: Drafting,
  bench: Bench,
  caller: Identity | null,
  statements: readonly NewStatement[],
): Result<Bench, Refusal> {
  if (caller === null) return callerUnseen(drafting)
  const arn = editableCaller(caller)
  if (!arn.ok) return arn
  return addToCaller(bench, caller, arn.value, document => addStatements(document, statements, sid, nowMs))
}

function addService(
  drafting: Drafting,
  bench: Bench,
  caller: Identity | null,
  gap: IdentityCondition,
): Result<Bench, Refusal> {
  if (caller === null) return callerUnseen(drafting)
  const arn = editableCaller(caller)
  if (!arn.ok) return arn
  const place = placeForService(drafting, gap, caller, arn.value)
  if (place !== null) {
    const document = current(bench, place.target, place.before) ?? place.before
    const after = withValue(document, gap.statement, gap.operator, gap.key, gap.got)
    if (after !== null) return ok(put(bench, place.target, place.before, after))
    const addedBefore = withValue(place.before, gap.statement, gap.operator, gap.key, gap.got) !== null
    if (addedBefore) return ok(bench)
  }
  const nearest = policyOf(gap, caller)?.document.Statement[gap.statement]
  const statements = identityStatements(drafting, coveredRoles(drafting, gap, caller), otherConditions(nearest))
  return statements.ok ? grant(drafting, bench, caller, statements.value) : statements
}

/** The denied role, and those of the same call that stand in the same statement. */
function coveredRoles(drafting: Drafting, gap: IdentityCondition, caller: Identity): readonly string[] {
  const covered = list(policyOf(gap, caller)?.document.Statement[gap.statement]?.Resource)
  const others = drafting.denial.passes.map(pass => pass.arn).filter(arn => covered.includes(arn))
  return [...new Set([deniedRole(drafting) ?? [], ...others].flat())]
}

/** A service carries no identity: its name is all that the trust policy needs. */
function callersTrust(drafting: Drafting, trust: Trust, caller: Identity | null): Result<NewStatement, Refusal> {
  const { principal, action } = drafting.denial
  const { kind, name } = principal
  if (kind === 'service' && name !== null && isServiceName(name)) return deniedServiceStatement(trust, name, action)
  return caller === null ? callerUnseen(drafting) : trustStatement(drafting, trust, caller)
}

/** The passed role does not trust the service: shown as what comes next, never part of this approval. */
function trustService(drafting: Drafting, bench: Bench, gap: Extract<Gap, { kind: 'service-trust' }>): Bench {
  const trust = trustOf(drafting, gap.role)
  if (!trust.ok || !isServiceName(gap.service)) return bench
  const { target, document } = trust.value
  const statement = serviceTrustStatement(gap.service)
  return put(bench, target, document, addStatements(document, [statement], drafting.sid, drafting.nowMs))
}

const callerUnseen = ({ denial }: Pick<Drafting, 'denial'>) =>
  refuse('caller-unseen', `The policies of ${denial.principal.arn ?? 'the caller'} could not be read.`)
