/**
 * Verifies a patch before anyone sees it: without it the request is denied, with it allowed, the proof shows that it opens
 * nothing else, and no guardrail refuses. Drops a change that is not needed. The only place that creates a `VerifiedPatch`.
 */

import { evaluate } from '../../actions/index.ts'
import { fail, ok, type Refusal, type Result, unreadable } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import type { Diagnosis } from '../../diagnosis/index.ts'
import {
  type AccessRequest,
  type AccessSnapshot,
  type Answer,
  type Evaluation,
  itemOf,
  parseArn,
  seenCaller,
  type TargetRole,
} from '../../iam/index.ts'
import type { Settings } from '../../settings/index.ts'
import { deniedRole } from '../drafting/pass-role-statements.ts'
import { checkGuardrails, type NamedFinding } from '../guardrails/guardrails.ts'
import { type Withdrawal, withWithdrawals } from '../ineffective-grant.ts'
import { changesTrust, type Patch, patchDigest } from '../patch.ts'
import { type Opened, openedBy } from '../risk/could-become.ts'
import type { Surroundings } from '../risk/surroundings.ts'
import { applyToSnapshot } from './apply-to-snapshot.ts'
import { proofRefusal, prove, withdrawalRefusal } from './containment.ts'
import { concernedBy, deniedRequestsFor, requestAt } from './denied-requests.ts'
import { type GuardrailFinding, RISKS, type Risk, type Verification, type VerifiedPatch } from './verification.ts'

export type VerifyOptions = {
  readonly denial: Denial
  readonly diagnosis: Diagnosis
  readonly snapshot: AccessSnapshot
  /** The roles that the patch opens and what their holders could become, from `openedWith`. */
  readonly opened: Opened
  readonly config: Settings
  readonly nowMs: number
  /** Changes already applied to this principal today, if they are counted. */
  readonly changesToday?: number
  /** True when a person asked for this diagnosis: an old denial is then only a warning. */
  readonly asked?: boolean
  /** Sids of statements that the same change adds for other denials. */
  readonly joinable?: ReadonlySet<string>
  /** The findings of AWS's own checks, if they are enabled. */
  readonly secondOpinion?: readonly GuardrailFinding[]
  /** Earlier grants that the snapshot omits and the patch withdraws. */
  readonly withdrawn?: readonly Withdrawal[]
}

export type VerifyOutcome = {
  readonly verification: Verification
  readonly result: Result<VerifiedPatch, Refusal>
}

export function verify(patch: Patch, options: VerifyOptions): VerifyOutcome {
  const { denial, diagnosis, snapshot, config, nowMs } = options
  const { roles, requests } = deniedRequestsFor(patch, options)
  const repeated = requests.map(request => requestAt(request, nowMs))
  // If a change is not needed, the smaller patch is verified instead, from the start.
  const smaller = smallerPatch(patch, snapshot, repeated)
  if (smaller !== null) return verify(smaller, options)
  const patched = applyToSnapshot(snapshot, patch.changes)

  const unpatched = requests.map(request => evaluate(request, snapshot))
  const before = someDenied(unpatched.map(({ answer }) => answer))
  const evaluations = repeated.map((request): RoleEvaluation => {
    const evaluation = evaluate(request, patched)
    return { resource: request.resource, answer: evaluation.answer, evaluation }
  })
  const after = lifted(evaluations)
  const proven = prove(patch, options)

  const findings = checkGuardrails({
    patch,
    denial,
    diagnosis,
    snapshot,
    // The denied role comes first.
    current: parseArn(deniedRole({ denial, snapshot }) ?? '') === null ? null : (unpatched[0] ?? null),
    roles: targetsOf(snapshot, roles),
    opened: options.opened,
    config,
    nowMs,
    changesToday: options.changesToday ?? null,
    asked: options.asked ?? false,
    ...(options.joinable === undefined ? {} : { joinable: options.joinable }),
  })
  const second = options.secondOpinion ?? []
  const risk = highestRisk(findings)
  const verification: Verification = {
    before,
    after,
    controls: {
      evaluated: repeated.length + proven.evaluated,
      changed: proven.counterexample === null ? 0 : 1,
    },
    proof: proven.proof,
    risk,
    approvers: risk === 'low' ? 1 : 2,
    guardrails: [...findings.map(guardrailFinding), ...second],
    counterexample: proven.counterexample,
  }
  const refusal =
    guardrailRefusal(findings, second) ??
    unproven(verification, diagnosis, evaluations, patch) ??
    proofRefusal(proven) ??
    withdrawalRefusal(options.withdrawn ?? [], nowMs)
  if (refusal !== null) return { verification, result: fail(refusal) }
  const whole = withWithdrawals(patch, options.withdrawn ?? [])
  return { verification, result: whole.ok ? ok({ patch: whole.value, verification } as VerifiedPatch) : whole }
}

/** `denied` if one possible form of the request is denied. */
function someDenied(answers: readonly Answer[]): Answer {
  if (answers.includes('denied')) return 'denied'
  return answers.length === 0 || answers.includes('unknown') ? 'unknown' : 'allowed'
}

type RoleEvaluation = { readonly resource: string; readonly answer: Answer; readonly evaluation: Evaluation }

/** Every role must be allowed. If the answer depends on the receiving service, it is unknown. */
function lifted(evaluations: readonly RoleEvaluation[]): Answer {
  const byRole = new Map<string, Answer>()
  for (const { resource, answer } of evaluations)
    byRole.set(resource, (byRole.get(resource) ?? answer) === answer ? answer : 'unknown')
  const perRole = [...byRole.values()]
  if (perRole.includes('denied')) return 'denied'
  return perRole.length === 0 || perRole.includes('unknown') ? 'unknown' : 'allowed'
}

/** What is unknown: the keys that leave a statement undecided, otherwise the service. */
function undecided(evaluations: readonly RoleEvaluation[]): string {
  const layers = evaluations.flatMap(({ evaluation }) => evaluation.layers).filter(({ answer }) => answer === 'unknown')
  const open = layers.flatMap(({ statements }) => statements).filter(({ matches }) => matches === 'unknown')
  const facts = new Set(open.flatMap(({ unknowns }) => unknowns).map(({ fact }) => fact))
  if (facts.size > 0) return [...facts].join(', ')
  return new Set(evaluations.map(({ answer }) => answer)).size > 1
    ? 'which service receives the role'
    : 'something that could not be read'
}

/** Condition keys that the new trust inherits from similar principals, and that this call does not satisfy or does not show. */
function carriedConditionKeys(evaluations: readonly RoleEvaluation[], { changes }: Patch): string {
  const added = changes
    .filter(changesTrust)
    .flatMap(({ before, after }) =>
      after.Statement.flatMap(({ Sid }) =>
        Sid === undefined || before?.Statement.some(old => old.Sid === Sid) === true ? [] : [Sid],
      ),
    )
  const statements = evaluations.flatMap(({ evaluation }) => evaluation.layers).flatMap(layer => layer.statements)
  const open = statements.filter(({ sid, matches }) => sid !== null && added.includes(sid) && matches !== 'yes')
  const keys = open.flatMap(({ mismatches, unknowns }) => [
    ...mismatches.flatMap(one => (one.element === 'condition' ? [one.key] : [])),
    ...unknowns.map(({ fact }) => fact),
  ])
  return [...new Set(keys)].join(' and ')
}

/** The patch without a change that the denied request does not need. Null: it needs each of them. */
function smallerPatch({ changes }: Patch, snapshot: AccessSnapshot, denied: readonly AccessRequest[]): Patch | null {
  if (changes.length < 2 || denied.length === 0) return null
  for (const change of changes) {
    const others = changes.filter(other => other !== change)
    const rest = applyToSnapshot(snapshot, others)
    if (denied.every(request => evaluate(request, rest).answer === 'allowed'))
      return { changes: others, digest: patchDigest(others) }
  }
  return null
}

function unproven(
  { before, after }: Verification,
  { verdict }: Diagnosis,
  evaluations: readonly RoleEvaluation[],
  patch: Patch,
): Refusal | null {
  if (before === 'allowed')
    return refusal('already-allowed', 'The policies read now allow this request: no change is needed.')
  if (before === 'unknown' && verdict === 'proved')
    return refusal('before-unknown', 'Could not confirm that the request is denied now.')
  if (after === 'allowed') return null
  const { code, message } =
    after === 'denied'
      ? refusal('not-lifted', 'The request would still be denied with this change.')
      : refusal(
          'after-unknown',
          `Cannot tell whether this change lifts the denial: it depends on ${undecided(evaluations)}.`,
        )
  const conditions = carriedConditionKeys(evaluations, patch)
  if (conditions === '') return refusal(code, message)
  const owner = `owner of ${[...new Set(patch.changes.map(({ target }) => target.name))].join(' and ')}`
  return {
    code,
    message: `${message} It carries the condition on ${conditions} that similar principals have: ask the ${owner}.`,
    owner,
  }
}

function guardrailRefusal(findings: readonly NamedFinding[], second: readonly GuardrailFinding[]): Refusal | null {
  for (const { id, finding } of findings)
    if (finding.outcome === 'refuse') return { code: id, message: finding.detail, owner: finding.owner }
  const opinion = second.find(finding => finding.outcome === 'refuse')
  return opinion === undefined ? null : refusal(opinion.id, opinion.detail ?? 'AWS’s own checks reject this change.')
}

function guardrailFinding({ id, finding }: NamedFinding): GuardrailFinding {
  if (finding.outcome === 'pass') return { id, outcome: 'pass', detail: null }
  const { outcome, detail } = finding
  const link = outcome === 'warn' ? finding.link : undefined
  return link === undefined ? { id, outcome, detail } : { id, outcome, detail, link }
}

/** The highest risk. What could not be read raises it by one step. */
export function highestRisk(findings: readonly NamedFinding[]): Risk {
  let found = 0
  let step = 0
  for (const { finding } of findings) {
    if (finding.outcome !== 'warn') continue
    if (finding.raises === true) step = 1
    else found = Math.max(found, RISKS.indexOf(finding.risk))
  }
  return RISKS[found + step] ?? 'high'
}

type OpenedOptions = Pick<VerifyOptions, 'denial' | 'diagnosis' | 'snapshot' | 'config' | 'nowMs'>

/** What the patch opens, and what that leads to. */
export const openedWith = (patch: Patch, options: OpenedOptions, surroundings: Surroundings): Opened =>
  openingOf(patch, options)(surroundings)

/** Like `openedWith`, for repeated use while more of the surroundings is read. */
export function openingOf(patch: Patch, options: OpenedOptions): (surroundings: Surroundings) => Opened {
  const { snapshot } = options
  const { grants, roles } = concernedBy(patch, options)
  const sets = grants.filter(grant => grant.endsWith('*'))
  const caller = seenCaller(snapshot)
  const guardrails = { organization: snapshot.organization, scps: snapshot.scps }
  const named = targetsOf(snapshot, roles)
  const around = (accountId: string) => (accountId === caller?.accountId ? guardrails : undefined)
  return surroundings => openedBy(named, sets, surroundings, { caller, around })
}

function targetsOf(snapshot: AccessSnapshot, roles: readonly string[]): readonly TargetRole[] {
  return roles.map(
    arn =>
      itemOf(snapshot.targets, arn) ?? {
        arn,
        role: unreadable('it was not read'),
        near: { known: false, why: 'not asked' },
      },
  )
}

const refusal = (code: string, message: string): Refusal => ({ code, message, owner: null })
