import { canonicalJson } from '../../base/index.ts'
import type { PolicyDocument } from '../../iam/index.ts'
import { joinedUnseen, unseenLayers } from '../guardrails/subject/unseen-layers.ts'
import { changeDigest, type PolicyChange, patchDigest, type Target, trustLast } from '../patch.ts'
import type { GuardrailFinding, Proof, Verification, VerifiedPatch } from './verification.ts'
import { PROOF_OUTCOMES, RISKS } from './verification.ts'

const OUTCOMES = ['pass', 'warn', 'refuse'] as const

/**
 * Joins patches that were verified one on top of the other into one, so that a shared document is written once. INVARIANT (chain): every
 * `before` is the `after` of an earlier step, so that what was verified is what is written. Null: that does not hold.
 */
export function chained(steps: readonly VerifiedPatch[]): VerifiedPatch | null {
  const [first, ...rest] = steps
  if (first === undefined) return null
  if (rest.length === 0) return first
  const changes: ChangesByTarget = new Map()
  for (const change of steps.flatMap(step => step.patch.changes)) addChange(changes, change)
  const ordered = trustLast([...changes.values()])
  const patch = { changes: ordered, digest: patchDigest(ordered) }
  return { patch, verification: joined(steps.map(step => step.verification)) } as VerifiedPatch
}

export type ChangesByTarget = Map<string, PolicyChange>

/** A change on top of those before it: one for each target. */
export function addChange(changes: ChangesByTarget, { target, before, after }: PolicyChange): void {
  const key = keyOf(target)
  const earlier = changes.get(key)
  if (earlier !== undefined && !same(earlier.after, before))
    throw new Error(`${target.name} was verified on top of something else`)
  const whole = { target, before: earlier === undefined ? before : earlier.before, after }
  changes.set(key, { ...whole, required: true, digest: changeDigest(whole) })
}

const keyOf = ({ kind, arn, policyName }: Target): string => [kind, arn, policyName ?? ''].join(' ')

const same = (a: PolicyDocument, b: PolicyDocument | null): boolean => canonicalJson(a) === canonicalJson(b)

/** As strict as the strictest step. */
function joined(all: readonly Verification[]): Verification {
  const worst = <T>(order: readonly T[], values: readonly T[]): T | undefined =>
    order[Math.max(...values.map(value => order.indexOf(value)))]
  const findings = Map.groupBy(
    all.flatMap(one => one.guardrails),
    ({ id }) => id,
  )
  return {
    before: 'denied',
    after: 'allowed',
    controls: {
      evaluated: all.reduce((sum, one) => sum + one.controls.evaluated, 0),
      changed: all.reduce((sum, one) => sum + one.controls.changed, 0),
    },
    ...joinedProof(all),
    risk:
      worst(
        RISKS,
        all.map(one => one.risk),
      ) ?? 'high',
    approvers: Math.max(...all.map(one => one.approvers)),
    guardrails: [...findings].map(([id, own]) => joinedFinding(id, own)),
    counterexample: null,
  }
}

/** Each step is proved on the result of the steps before it, so together they open only what their denials need. */
function joinedProof(all: readonly Verification[]): { readonly proof?: Proof } {
  const proofs = all.flatMap(({ proof }) => proof ?? [])
  const outcome = PROOF_OUTCOMES.findLast(one => proofs.some(proof => proof.outcome === one))
  if (outcome === undefined || proofs.length < all.length) return {}
  const details = new Set(proofs.flatMap(proof => (proof.outcome === outcome ? (proof.detail ?? []) : [])))
  return { proof: { outcome, detail: details.size === 0 ? null : [...details].join(' ') } }
}

function joinedFinding(id: string, own: readonly GuardrailFinding[]): GuardrailFinding {
  const outcome = OUTCOMES.findLast(one => own.some(finding => finding.outcome === one)) ?? 'refuse'
  const details = own.flatMap(finding =>
    finding.outcome === outcome && finding.detail !== null ? [finding.detail] : [],
  )
  const page = own.find(finding => finding.outcome === outcome && finding.link !== undefined)?.link
  return {
    id,
    outcome,
    detail: joinedDetail(id, [...new Set(details)]),
    ...(page === undefined ? {} : { link: page }),
  }
}

function joinedDetail(id: string, details: readonly string[]): string | null {
  if (details.length < 2) return details[0] ?? null
  return id === unseenLayers.id ? joinedUnseen(details) : details.join(' ')
}
