import type { Denial } from '../../denial/index.ts'
import type { Diagnosis } from '../../diagnosis/index.ts'
import type { AccessSnapshot, Evaluation, TargetRole } from '../../iam/index.ts'
import type { Settings } from '../../settings/index.ts'
import type { Patch } from '../patch.ts'
import type { Opened } from '../risk/could-become.ts'
import { RISKS, type Risk } from '../verification/verification.ts'

/** What a guardrail checks. */
export type GuardrailInput = {
  readonly patch: Patch
  readonly denial: Denial
  readonly diagnosis: Diagnosis
  /** The current policies, without the patch. */
  readonly snapshot: AccessSnapshot
  /** The current answer to the denied request. Null: the denial names no role. */
  readonly current: Evaluation | null
  /** The roles that the patch allows to pass, assume or create. */
  readonly roles: readonly TargetRole[]
  /** Those roles and the members of approved sets, with what each could become. Computed for rules that need it. */
  readonly opened: Opened
  readonly config: Settings
  readonly nowMs: number
  /** Changes already applied to this principal today. Null: they are not counted. */
  readonly changesToday: number | null
  /** True when a person asked for this diagnosis, which may concern an old denial. */
  readonly asked: boolean
  /** Sids of statements that the same change adds for other denials. */
  readonly joinable?: ReadonlySet<string>
}

export type Finding =
  | { readonly outcome: 'pass' }
  /** Shown to the approvers. A `risk` above low requires two of them. `raises`: one step above the risk that the other rules find. */
  | {
      readonly outcome: 'warn'
      readonly detail: string
      readonly risk: Risk
      readonly raises?: true
      /** The page that explains the finding. */
      readonly link?: string
    }
  | { readonly outcome: 'refuse'; readonly detail: string; readonly owner: string | null }

/** `id` is stable, because output, audit records and runbooks contain it. */
export type Guardrail = { readonly id: string; readonly check: (input: GuardrailInput) => Finding }

/** Those of `reach/`, which say what else becomes possible with the patch. */
export const REACH_GUARDRAILS: readonly string[] = [
  'trust-account',
  'administrator-equivalent',
  'blind',
  'destroy',
  'stronger-than-caller',
  'unread-surroundings',
  'permission-set-reach',
  'others-conditions',
  'confused-deputy',
  'approved-set',
]

export const PASS: Finding = { outcome: 'pass' }
export const warn = (detail: string, risk: Risk = 'low'): Finding => ({ outcome: 'warn', detail, risk })
export const refuse = (detail: string, owner: string | null = null): Finding => ({ outcome: 'refuse', detail, owner })

/** The first refusal, else the warning of the highest risk, else pass. */
export function worst(findings: readonly Finding[]): Finding {
  const rank = (finding: Finding) =>
    finding.outcome === 'warn' ? 1 + RISKS.indexOf(finding.risk) : finding.outcome === 'refuse' ? 9 : 0
  return findings.reduce((one, other) => (rank(other) > rank(one) ? other : one), PASS)
}
