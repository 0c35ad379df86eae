/**
 * A grant of `iam:PassRole` that had taken effect everywhere when AWS denied the same request again: the call does not send the
 * `iam:PassedToService` that the grant requires. The grant is useless, so the next change withdraws it.
 */

import { requestOf } from '../access/index.ts'
import { descriptorOf, evaluate, isOwnStatement, passesRoles } from '../actions/index.ts'
import { canonicalJson, fail, ok, type Refusal, type Result } from '../base/index.ts'
import type { Denial, RuledOut } from '../denial/index.ts'
import { awsReasonOf, passOf, shownService } from '../diagnosis/index.ts'
import {
  ABSENT_KEY,
  type AccessSnapshot,
  commonValues,
  type Evaluation,
  hasExpired,
  list,
  type PolicyDocument,
  present,
  type Statement,
  valueAdded,
} from '../iam/index.ts'
import { deniedRole } from './drafting/pass-role-statements.ts'
import { changeDigest, type Patch, type PolicyChange, patchDigest, type Target, trustLast } from './patch.ts'
import { revertChange } from './revert-patch.ts'
import { applyToSnapshot, documentAt } from './verification/apply-to-snapshot.ts'

/** A grant that was written for the same denial, which has occurred again since. */
export type EarlierGrant = {
  readonly proposalId: string
  /** The changes as they were written. */
  readonly changes: readonly PolicyChange[]
  /** False for another operation with the same denial, which the grant may help. */
  readonly isSameCall: boolean
  /** It helps, and ends: the patch gives the same again in its place. Absent: it did not help. */
  readonly isRenewed?: true
}

/** A document with an earlier grant, and the document without it. Null: nothing remains. */
export type Withdrawal = {
  readonly proposalId: string
  readonly target: Target
  readonly live: PolicyDocument
  readonly without: PolicyDocument | null
}

export type WithoutIneffectiveGrants = {
  /** The denial, with the values that the call does not send. */
  readonly denial: Denial
  /** The snapshot without the ineffective grants. */
  readonly snapshot: AccessSnapshot
  readonly withdrawn: readonly Withdrawal[]
}

/** `grants`: latest first. */
export function withoutIneffectiveGrants(
  seen: Denial,
  snapshot: AccessSnapshot,
  grants: readonly EarlierGrant[],
): WithoutIneffectiveGrants {
  const start = withoutRenewed(seen, snapshot, grants)
  const role = deniedRole({ denial: seen, snapshot })
  if (role === null || !descriptorOf(seen.action).passesRoles || passOf(seen, role) === null) return start
  return grants.reduce((so, grant) => {
    if (grant.isRenewed) return so
    const { ruledOut, isIneffective } = judge(seen, snapshot, role, grant)
    if (ruledOut.length === 0) return so
    const denial = withRuledOut(so.denial, role, ruledOut)
    const taken = isIneffective && grant.isSameCall ? withdraw(so.snapshot, snapshot, grant) : []
    return { denial, snapshot: withoutTaken(so.snapshot, taken), withdrawn: [...so.withdrawn, ...taken] }
  }, start)
}

/** Also from trust policies: what it gave is asked for again. */
function withoutRenewed(
  denial: Denial,
  snapshot: AccessSnapshot,
  grants: readonly EarlierGrant[],
): WithoutIneffectiveGrants {
  const renewed = grants.filter(({ isRenewed }) => isRenewed)
  const withdrawn = renewed.flatMap(grant => withdraw(snapshot, snapshot, grant, documentAt))
  return { denial, snapshot: withoutTaken(snapshot, withdrawn), withdrawn }
}

const withoutTaken = (snapshot: AccessSnapshot, taken: readonly Withdrawal[]): AccessSnapshot =>
  applyToSnapshot(
    snapshot,
    taken.map(({ target, live, without }) => ({ target, after: without ?? { ...live, Statement: [] } })),
  )

/** The values that the grant allowed at the time of the denial. `isIneffective`: it allows nothing else, and only roles of this call. */
function judge(
  denial: Denial,
  snapshot: AccessSnapshot,
  role: string,
  { changes }: EarlierGrant,
): { readonly ruledOut: readonly RuledOut[]; readonly isIneffective: boolean } {
  const granted = applyToSnapshot(
    snapshot,
    changes.flatMap(change => withAdded(snapshot, change) ?? []),
  )
  const added = changes.flatMap(change => addedTo(change).map(statement => ({ statement, target: change.target })))
  const values = added
    .filter(({ statement }) => list(statement.Resource).some(resource => covers(resource, role)))
    .flatMap(one => grantedValues(one.statement).map(service => ({ ...one, service })))
  const ruledOut = values.flatMap(({ service, target, statement }) => {
    const request = requestOf(denial, role)
    const fact = service === null ? ABSENT_KEY : present(service)
    const evaluation = evaluate({ ...request, context: { ...request.context, 'iam:passedtoservice': fact } }, granted)
    const isSent = shownService(denial) === service
    return !isSent && evaluation.answer === 'allowed' && isByIdentityPolicies(denial, evaluation)
      ? [{ service, policy: target.policyName ?? target.name, sid: statement.Sid ?? null }]
      : []
  })
  const ofCall = [role, ...denial.passes.map(({ arn }) => arn)]
  const isOfCall = added.every(({ statement }) => list(statement.Resource).every(arn => ofCall.includes(arn)))
  return { ruledOut, isIneffective: isOfCall && ruledOut.length === values.length }
}

/** True when the resource covers the role. An approved role set ends in one `*`. */
const covers = (resource: string, role: string): boolean =>
  resource === role || (resource.endsWith('*') && role.startsWith(resource.slice(0, -1)))

/** True when only the caller's identity policies can have denied the request. */
function isByIdentityPolicies(denial: Denial, { layers }: Evaluation): boolean {
  const reason = awsReasonOf(denial)
  if (reason?.effect === 'deny') return false
  if (reason !== null && reason.layer !== null) return reason.layer === 'identity'
  // AWS gives a reason that is unknown here.
  if (reason === null && /\bbecause\b/.test(denial.message)) return false
  return layers.every(({ type, answer }) => answer !== 'unseen' || type === 'session' || type === 'vpce')
}

const PASSED_TO_SERVICE = 'iam:passedtoservice'
const OPERATORS = ['StringEquals', 'StringEqualsIfExists']

/** The values that a statement drafted by rolemedic allows the call to send. Null: no value. */
function grantedValues({ Effect, Action, Condition = {} }: Statement): readonly (string | null)[] {
  if (Effect !== 'Allow' || !list(Action).some(passesRoles)) return []
  return OPERATORS.flatMap(operator =>
    Object.entries(Condition[operator] ?? {})
      .filter(([key]) => key.toLowerCase() === PASSED_TO_SERVICE)
      .flatMap(([, services]) => [...list(services).map(String), ...(operator.endsWith('IfExists') ? [null] : [])]),
  )
}

function withRuledOut(denial: Denial, role: string, more: readonly RuledOut[]): Denial {
  const pass = passOf(denial, role)
  const known = pass?.service.ruledOut ?? []
  const added = more.filter(one => !known.some(other => canonicalJson(other) === canonicalJson(one)))
  const passes = denial.passes.map(one =>
    one === pass ? { ...one, service: { ...one.service, ruledOut: [...known, ...added] } } : one,
  )
  return { ...denial, passes }
}

/** Every document without the grant. Empty if the grant is not complete any more, or if more than the grant would be removed. */
function withdraw(
  snapshot: AccessSnapshot,
  asRead: AccessSnapshot,
  { proposalId, changes }: EarlierGrant,
  documentIn: typeof documentAt = documentOf,
): readonly Withdrawal[] {
  const taken = changes.flatMap(change => {
    const live = documentIn(asRead, change.target)
    const current = documentIn(snapshot, change.target)
    const without = current === null ? null : documentWithout(change, current)
    return live === null || without === null ? [] : [{ proposalId, target: change.target, live, without: without.left }]
  })
  return taken.length === changes.length ? taken : []
}

/** Null: this document does not contain the grant. `left`: null if nothing else is in the document. */
export function documentWithout(
  change: PolicyChange,
  live: PolicyDocument,
): { readonly left: PolicyDocument | null } | null {
  const added = addedTo(change)
  if (added.length === 0 || !holdsAll(live, added)) return null
  const left = revertChange(change, live)
  if (!left.ok) return null
  const removed = minus(live.Statement, left.value?.Statement ?? [])
  const isOurs = (statement: Statement) =>
    isOwnStatement(statement) || (left.value?.Statement ?? []).some(one => valueAdded(one, statement) !== null)
  return removed.every(isOurs) ? { left: left.value } : null
}

/** True when the patch removes everything that the grant added. */
export function withdraws(patch: Patch, granted: readonly PolicyChange[]): boolean {
  return (
    granted.length > 0 &&
    granted.every(change => {
      const write = patch.changes.find(({ target }) => isSameTarget(target, change.target))
      const added = addedTo(change)
      return write !== undefined && added.length > 0 && removesAll(write, added)
    })
  )
}

const removesAll = ({ before, after }: Pick<PolicyChange, 'before' | 'after'>, added: readonly Statement[]): boolean =>
  before !== null && holdsAll(before, added) && minus(added, after.Statement).length === added.length

/**
 * What a revert of the write restores. It does not restore an earlier grant that the write withdrew. Only a withdrawal removes
 * a rolemedic statement before its end, or a value from a condition list.
 */
export function beforeWithdrawals(
  { before, after }: { readonly before: PolicyDocument | null; readonly after: PolicyDocument | null },
  writtenAtMs: number,
): PolicyDocument | null {
  if (before === null || after === null) return before
  const added = minus(after.Statement, before.Statement)
  const removed = new Set(minus(before.Statement, after.Statement))
  const restored = before.Statement.flatMap(statement => {
    if (!removed.has(statement)) return [statement]
    if (isOwnStatement(statement)) return hasExpired(statement, writtenAtMs) ? [statement] : []
    return [added.map(one => commonValues(statement, one)).find(one => one !== null) ?? statement]
  })
  return restored.length === 0 ? null : { ...before, Statement: restored }
}

/** The change for the documents as they are now, with the earlier grants in them: one write removes these and adds the new one. */
export function withWithdrawals(patch: Patch, withdrawn: readonly Withdrawal[]): Result<Patch, Refusal> {
  if (withdrawn.length === 0) return ok(patch)
  const changes: PolicyChange[] = [...patch.changes]
  const last = withdrawn.filter(
    (one, index) => !withdrawn.slice(index + 1).some(later => isSameTarget(later.target, one.target)),
  )
  for (const { target, live, without } of last) {
    const at = changes.findIndex(change => isSameTarget(change.target, target))
    const after = changes[at]?.after ?? without
    if (after === null)
      return fail({
        code: 'earlier-grant-stands',
        message: `An earlier grant in ${target.policyName ?? target.name} did not help and has to be reverted first.`,
        owner: null,
      })
    const change = { target, before: live, after, required: true }
    changes.splice(at < 0 ? changes.length : at, 1, { ...change, digest: changeDigest(change) })
  }
  const ordered = trustLast(changes)
  return ok({ changes: ordered, digest: patchDigest(ordered) })
}

/** The grant added to the current document. Null: it is already there, or the document was not read. */
function withAdded(snapshot: AccessSnapshot, change: PolicyChange): Pick<PolicyChange, 'target' | 'after'> | null {
  const live = documentOf(snapshot, change.target)
  const missing = minus(addedTo(change), live?.Statement ?? [])
  if (missing.length === 0) return null
  return {
    target: change.target,
    after: { ...(live ?? change.after), Statement: [...(live?.Statement ?? []), ...missing] },
  }
}

const documentOf = (snapshot: AccessSnapshot, target: Target): PolicyDocument | null =>
  target.kind === 'role-trust-policy' ? null : documentAt(snapshot, target)

const addedTo = ({ before, after }: PolicyChange): readonly Statement[] =>
  minus(after.Statement, before?.Statement ?? [])

const holdsAll = ({ Statement }: PolicyDocument, statements: readonly Statement[]): boolean =>
  minus(statements, Statement).length === 0

function minus(statements: readonly Statement[], others: readonly Statement[]): readonly Statement[] {
  const forms = new Set(others.map(canonicalJson))
  return statements.filter(statement => !forms.has(canonicalJson(statement)))
}

const isSameTarget = (a: Target, b: Target): boolean =>
  a.kind === b.kind && a.arn === b.arn && a.policyName === b.policyName
