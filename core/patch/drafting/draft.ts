/** Drafts the smallest change that lifts one denial: exact names, one service, and rolemedic's own policy wherever possible. */

import { isDifferentEntity } from '../../access/index.ts'
import { descriptorOf, wantsRole } from '../../actions/index.ts'
import { fail, never, ok, type Refusal, type Result } from '../../base/index.ts'
import { type Denial, fingerprintOf, sentAfter } from '../../denial/index.ts'
import { type Cause, type Diagnosis, type Gap, otherConditions } from '../../diagnosis/index.ts'
import {
  type AccessSnapshot,
  type ConditionBlock,
  type Identity,
  list,
  type Statement,
  seenCaller,
} from '../../iam/index.ts'
import type { Settings } from '../../settings/index.ts'
import { type Patch, type PolicyChange, patchDigest } from '../patch.ts'
import { QUOTAS } from '../policy-size.ts'
import { mostWithTimeLimit, sizeWithTimeLimit } from '../time-limit.ts'
import { opensNothingElse } from '../verification/containment.ts'
import { editableCaller, grantToCaller } from './caller-policy.ts'
import {
  acceptClaim,
  addConditionValue,
  type IdentityCondition,
  type IsProvable,
  policyOfGap,
  serviceConditionLocation,
} from './condition-value.ts'
import {
  addStatements,
  currentDocument,
  type DocumentEdits,
  editedChanges,
  type NewStatement,
  withEdit,
} from './document-edits.ts'
import { type DraftContext, refuseDraft } from './draft-context.ts'
import { exactRole, isServiceName } from './exact-names.ts'
import { deniedRole, passRoleStatements } from './pass-role-statements.ts'
import { serviceLinkedRoleStatement } from './service-linked-role.ts'
import { sessionGrant } from './session-statement.ts'
import {
  deniedServiceStatement,
  readTrust,
  serviceTrustStatement,
  type TrustDocument,
  trustStatement,
} from './trust-statement.ts'

export type Draft = { readonly patch: Patch; readonly followUps: readonly PolicyChange[] }
export type DraftOptions = {
  readonly config: Settings
  readonly withGetRole: boolean
  readonly nowMs: number
  /** Sids of statements that the same change adds for other denials. */
  readonly joinable?: ReadonlySet<string>
  /** Statements that the caller or the role had before: they are drafted as they were, instead of the smallest ones. */
  readonly lost?: readonly Statement[]
}

/** For all other causes, another owner decides or no policy can fix it. */
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
  const owner = diagnosis.nextSteps.find(step => step.owner !== null)?.owner ?? null
  if (!DRAFTABLE.includes(diagnosis.cause) || diagnosis.gaps.length === 0)
    return refuseDraft(diagnosis.cause, diagnosis.summary, owner)
  const { draft } = descriptorOf(denial.action)
  if (draft.kind === 'nothing') return fail(draft.refusal)
  const caller = seenCaller(snapshot)
  if (caller !== null && isDifferentEntity(denial.principal, caller))
    return refuseDraft(
      'recreated-caller',
      `${caller.arn} is not the principal that was denied: that one was deleted, and a new one with the same name was created.`,
      owner,
    )
  const sid = `Rolemedic${fingerprintOf(denial).slice(0, 8)}`
  const { joinable = new Set<string>() } = options
  const context: DraftContext = { denial, diagnosis, snapshot, sid, ...options, joinable }

  const { lost } = options
  let edits: DocumentEdits = []
  let followUps: DocumentEdits = []
  if (lost !== undefined) {
    const again = restoreLost(context, caller, lost)
    if (!again.ok) return again
    edits = again.value
  }
  for (const gap of diagnosis.gaps) {
    const edited = gap.kind === 'service-trust' || lost !== undefined ? ok(edits) : editsForGap(context, edits, gap)
    if (!edited.ok) return edited
    edits = edited.value
    if (gap.kind === 'service-trust') followUps = trustService(context, followUps, gap)
  }

  const tooLong = edits.find(
    ({ target, before, after }) =>
      (target.kind === 'role-trust-policy' || target.kind === 'managed-policy') &&
      mostWithTimeLimit(after) > QUOTAS[target.kind] &&
      sizeWithTimeLimit(before, after) > QUOTAS[target.kind],
  )
  if (tooLong !== undefined) {
    const { name, kind } = tooLong.target
    return refuseDraft('quota', `The policy of ${name} would exceed ${QUOTAS[kind]} characters.`, `owner of ${name}`)
  }
  const changes = editedChanges(edits, true)
  if (changes.length === 0)
    return refuseDraft('nothing-to-change', 'The policies already contain everything that this denial needs.', owner)
  return ok({ patch: { changes, digest: patchDigest(changes) }, followUps: editedChanges(followUps, false) })
}

function editsForGap(
  context: DraftContext,
  edits: DocumentEdits,
  gap: Exclude<Gap, { kind: 'service-trust' }>,
): Result<DocumentEdits, Refusal> {
  const caller = seenCaller(context.snapshot)
  switch (gap.kind) {
    case 'identity': {
      const statements = identityStatements(context, gap.roles, gap.under ?? null)
      return statements.ok ? grant(context, edits, caller, statements.value) : statements
    }
    case 'identity-condition':
      return addService(context, edits, caller, gap)
    case 'trust': {
      const trust = readTrust(context, gap.role)
      if (!trust.ok) return trust
      const statement = trustStatementForCaller(context, trust.value, caller)
      if (!statement.ok) return statement
      const { target, document } = trust.value
      const after = addStatements(
        currentDocument(edits, target, document),
        [statement.value],
        context.sid,
        context.nowMs,
      )
      return ok(withEdit(edits, target, document, after))
    }
    case 'trust-condition': {
      const trust = readTrust(context, gap.role)
      if (!trust.ok) return trust
      const { target, document } = trust.value
      const edited = currentDocument(edits, target, document)
      const isProvable: IsProvable = after => opensNothingElse({ target, before: document, after }, context)
      const after = acceptClaim(context, gap, { ...trust.value, document: edited }, isProvable)
      return after.ok ? ok(withEdit(edits, target, document, after.value)) : after
    }
    default:
      return never(gap)
  }
}

function identityStatements(
  context: DraftContext,
  roles: readonly string[],
  under: ConditionBlock | null,
): Result<readonly NewStatement[], Refusal> {
  const { draft } = descriptorOf(context.denial.action)
  switch (draft.kind) {
    case 'pass-role':
      return passRoleStatements(context, roles, under)
    case 'service-linked-role':
      return eachRole(roles, role => serviceLinkedRoleStatement(role, under))
    case 'session':
    case 'claim':
    case 'nothing':
      return eachRole(roles, role => sessionStatement(context, role))
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

function sessionStatement(context: DraftContext, role: string): Result<NewStatement, Refusal> {
  const { action } = context.denial
  if (!wantsRole(action, role))
    return refuseDraft(
      'not-a-role',
      `Only grants on roles are drafted, and ${role} is not one: allow ${action} on it in the caller's own policies.`,
      "the owner of the caller's policies",
    )
  if (exactRole(role) === null) return refuseDraft('unreadable-arn', `“${role}” is not the ARN of a role.`)
  const grant = sessionGrant(context)
  if (!grant.ok) return grant
  const { Action, ...limits } = grant.value
  return ok({ Effect: 'Allow', Action, Resource: role, ...limits })
}

function grant(
  { sid, nowMs, joinable, ...context }: DraftContext,
  edits: DocumentEdits,
  caller: Identity | null,
  statements: readonly NewStatement[],
): Result<DocumentEdits, Refusal> {
  if (caller === null) return callerUnseen(context)
  const arn = editableCaller(caller)
  if (!arn.ok) return arn
  return grantToCaller(edits, caller, arn.value, document => addStatements(document, statements, sid, nowMs, joinable))
}

/** Under rolemedic's own Sids, so that a revert finds them: what names a principal into the trust policy, the rest into the caller's own. */
function restoreLost(
  context: DraftContext,
  caller: Identity | null,
  lost: readonly Statement[],
): Result<DocumentEdits, Refusal> {
  const bare = lost.map(({ Sid: _, ...rest }): NewStatement => rest)
  const own = bare.filter(({ Principal, NotPrincipal }) => Principal === undefined && NotPrincipal === undefined)
  const trusted = bare.filter(one => !own.includes(one))
  const granted = own.length === 0 ? ok<DocumentEdits>([]) : grant(context, [], caller, own)
  if (!granted.ok || trusted.length === 0) return granted
  const trust = readTrust(context, deniedRole(context) ?? '')
  if (!trust.ok) return trust
  const { target, document } = trust.value
  return ok(withEdit(granted.value, target, document, addStatements(document, trusted, context.sid, context.nowMs)))
}

function addService(
  context: DraftContext,
  edits: DocumentEdits,
  caller: Identity | null,
  gap: IdentityCondition,
): Result<DocumentEdits, Refusal> {
  if (caller === null) return callerUnseen(context)
  const arn = editableCaller(caller)
  if (!arn.ok) return arn
  const location = serviceConditionLocation(context, gap, caller, arn.value)
  if (location !== null) {
    const document = currentDocument(edits, location.target, location.before)
    const after = addConditionValue(document, gap.statement, gap.operator, gap.key, gap.got)
    if (after !== null) return ok(withEdit(edits, location.target, location.before, after))
    const addedBefore = addConditionValue(location.before, gap.statement, gap.operator, gap.key, gap.got) !== null
    if (addedBefore) return ok(edits)
  }
  const nearest = policyOfGap(gap, caller)?.document.Statement[gap.statement]
  const statements = identityStatements(context, coveredRoles(context, gap, caller), otherConditions(nearest))
  return statements.ok ? grant(context, edits, caller, statements.value) : statements
}

/** The denied role, and the other roles of this call that the same statement names. */
function coveredRoles(context: DraftContext, gap: IdentityCondition, caller: Identity): readonly string[] {
  const covered = list(policyOfGap(gap, caller)?.document.Statement[gap.statement]?.Resource)
  const others = context.denial.passes.map(pass => pass.arn).filter(arn => covered.includes(arn))
  return [...new Set([deniedRole(context) ?? [], ...others].flat())]
}

/** A service has no identity policies, so its name in the trust policy is enough. */
function trustStatementForCaller(
  context: DraftContext,
  trust: TrustDocument,
  caller: Identity | null,
): Result<NewStatement, Refusal> {
  const { principal } = context.denial
  const { kind, name } = principal
  if (kind === 'service' && name !== null && isServiceName(name))
    return deniedServiceStatement(trust, name, context.denial, context.nowMs)
  return caller === null ? callerUnseen(context) : trustStatement(context, trust, caller)
}

/** The trust that the passed role lacks: shown as a follow-up, never part of this approval. */
function trustService(
  context: DraftContext,
  edits: DocumentEdits,
  gap: Extract<Gap, { kind: 'service-trust' }>,
): DocumentEdits {
  const trust = readTrust(context, gap.role)
  if (!trust.ok || !isServiceName(gap.service)) return edits
  const { target, document } = trust.value
  const { call, region } = context.denial
  const statement = serviceTrustStatement(gap.service, sentAfter(call, region, gap.service, gap.role))
  return withEdit(edits, target, document, addStatements(document, [statement], context.sid, context.nowMs))
}

const callerUnseen = ({ denial }: Pick<DraftContext, 'denial'>) =>
  refuseDraft('caller-unseen', `The policies of ${denial.principal.arn ?? 'the caller'} could not be read.`)
