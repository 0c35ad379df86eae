/** What an auditor asks of a case, as the page of the report and `audit show` say it. */
import type { BrokenGlass, Case, CaseOutcome, CaseStep } from '../../../../functions/domain/audit/index.ts'
import type { CaseRow } from './figures.js'

export const OUTCOME_NAMES: { readonly [outcome in CaseOutcome]: string } = {
  seen: 'seen',
  'no-change': 'no change offered',
  waiting: 'waiting',
  approved: 'approved',
  applying: 'being applied',
  applied: 'applied',
  confirmed: 'applied, confirmed',
  'did-not-help': 'applied, did not help',
  part: 'applied in part',
  reverting: 'being reverted',
  reverted: 'reverted',
  'revert-failed': 'revert failed',
  rejected: 'rejected',
  expired: 'expired',
  stale: 'out of date',
  failed: 'not applied',
  forged: 'forged, not applied',
}

export const RATIFICATION_NAMES: { readonly [answer in BrokenGlass['ratification']]: string } = {
  none: 'nothing written',
  waiting: 'not ratified yet',
  ratified: 'ratified',
  'not-ratified': 'not ratified',
}

export function outcomeText({ outcome, approvals: { given, needed } }: Case): string {
  if (outcome !== 'waiting' || given.length === 0) return OUTCOME_NAMES[outcome]
  return needed === null
    ? `waiting, ${given.length} given, needed: not recorded`
    : `waiting, ${given.length} of ${needed}`
}

export type CaseFact = readonly [term: string, value: string]

export function evidenceFacts({ evidence, approvals, signatures }: Case, row: CaseRow): readonly CaseFact[] {
  const { risk, couldHave } = evidence
  const notes = approvals.given.flatMap(({ by, reason, ticket, isBreakGlass }) =>
    isBreakGlass || (reason === null && ticket === null)
      ? []
      : [`${by.name} (${by.id}): ${[reason, ticket].filter(each => each !== null).join(', ')}`],
  )
  return knownFacts([
    ['Denied', evidence.requester],
    ['Known by', evidence.requesterKnownBy],
    ['Run', evidence.run],
    ['Risk', risk.shown === null ? null : `${risk.shown} on the card, ${risk.atWrite ?? 'not recorded'} at the write`],
    ['Why approved', notes.length === 0 ? null : notes.join('; ')],
    ['Could have decided', couldHave === null ? null : named(couldHave.decided)],
    ['Could have approved alone', couldHave === null ? null : named(couldHave.approvedAlone)],
    ['On call', couldHave === null || couldHave.onCall.length === 0 ? null : named(couldHave.onCall)],
    ['Last used', row.lastUsed],
    ['Signatures', signatures === 'not-checked' ? 'not checked: no keys were given' : signatures],
  ])
}

const named = (ids: readonly string[]): string => (ids.length === 0 ? 'nobody' : ids.join(', '))

export const knownFacts = (facts: readonly (readonly [string, string | null])[]): readonly CaseFact[] =>
  facts.flatMap(([term, value]) => (value === null ? [] : [[term, value] as const]))

/** A single approval of several required ones is never labelled approved. */
export function stepName({ kind, life, by, atMs }: CaseStep, { approvals: { given, needed } }: Case): string {
  if (life === 'ratified' || life === 'not-ratified') return life
  if (life === 'evaluated') return 'evaluated again'
  if (kind !== 'approved') return kind
  const n = given.findIndex(one => one.by.id === by?.id && one.atMs === atMs)
  if (n === -1) return 'approval that does not count'
  if (needed === 1) return 'approved'
  return needed === null ? `approval ${n + 1}` : `approval ${n + 1} of ${needed}`
}

/** Null: the name of the step says it all. */
export const stepReason = ({ kind, why }: CaseStep): string | null =>
  kind === 'approved' ? why?.replace(/^approved\s*/, '') || null : why
