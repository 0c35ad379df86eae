import type { Denial } from '../denial/denial.ts'
import type { AccessSnapshot } from '../iam/evaluation/access-snapshot.ts'
import type { Answer } from '../iam/evaluation/evaluation.ts'
import { evaluateRole } from './diagnosis-context.ts'

/** The denied call, evaluated over what is seen now: every role that it names must be allowed. */
export function answerNow(denial: Denial, snapshot: AccessSnapshot): Answer {
  const answers = snapshot.targets.map(target => evaluateRole(denial, snapshot, target.arn).answer)
  if (answers.length === 0) return 'unknown'
  if (answers.includes('denied')) return 'denied'
  return answers.every(answer => answer === 'allowed') ? 'allowed' : 'unknown'
}
