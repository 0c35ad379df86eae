/** Marks evidence that is younger than the denial: it was read later, and did not decide it. */

import { utcSecond } from '../base/index.ts'
import type { Diagnosis, Evidence } from './diagnosis.ts'
import type { DiagnosisContext } from './diagnosis-context.ts'

export function withYounger({ denial, snapshot }: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  const { timeMs } = denial
  if (timeMs === null) return diagnosis
  const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
  const entities = [caller, ...snapshot.targets.map(({ role }) => (role.kind === 'found' ? role.value : null))]
  const made = new Map(entities.flatMap(one => (one?.createdAtMs === undefined ? [] : [[one.arn, one.createdAtMs]])))
  const changed = new Map(
    [...(caller?.policies ?? []), ...(caller?.boundary.kind === 'found' ? [caller.boundary.value] : [])].flatMap(
      ({ arn, changedAtMs }) => (arn === null || changedAtMs === undefined ? [] : [[arn, changedAtMs]]),
    ),
  )
  const mark = (one: Evidence): Evidence => {
    const [policyAtMs, entityAtMs] = [changed.get(one.policy ?? ''), made.get(one.attachedTo ?? '')]
    if (policyAtMs !== undefined && policyAtMs > timeMs)
      return { ...one, finding: `${one.finding}; this version is younger than the denial (${utcSecond(policyAtMs)})` }
    if (entityAtMs !== undefined && entityAtMs > timeMs)
      return { ...one, finding: `${one.finding}; made after the denial (${utcSecond(entityAtMs)})` }
    return one
  }
  return { ...diagnosis, evidence: diagnosis.evidence.map(mark) }
}
