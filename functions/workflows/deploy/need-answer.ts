/** The answer to one need of a deploy, in the words of a call that is still to be made. */
import type { Refusal, Unknown } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { type Diagnosis, evaluateNow } from '../../../core/diagnosis/index.ts'
import type { Answer } from '../../../core/iam/index.ts'
import { type AnalysisOptions, type Diagnosed, diagnoseNow } from '../denial/analyze-denial.ts'

export type NeedDiagnosis = Pick<Diagnosis, 'cause' | 'verdict' | 'summary' | 'unknowns'>

export type Answered = {
  readonly answer: Answer
  /** Null: the need is allowed. */
  readonly diagnosis: NeedDiagnosis | null
  /** Why nothing is offered for a need that is denied. */
  readonly refusal: Refusal | null
  /** The need as a denial, for the patch. Null: nothing is patched. */
  readonly denial: Denial | null
}

export async function answerToDenial(denial: Denial, options: AnalysisOptions): Promise<Answered> {
  const diagnosed = await diagnoseNow(denial, options)
  const answer = answerOf(diagnosed)
  if (answer === 'allowed') return { answer, diagnosis: null, refusal: null, denial: null }
  const { cause, verdict, summary, unknowns } = diagnosed.diagnosis
  const diagnosis = { cause, verdict, summary: ahead(summary), unknowns }
  return { answer, diagnosis, refusal: null, denial: answer === 'denied' ? denial : null }
}

/** Causes outside of policies deny whatever the policies say. */
function answerOf({ call, snapshot, diagnosis }: Diagnosed): Answer {
  switch (diagnosis.cause) {
    case 'already-allowed':
      return 'allowed'
    case 'role-not-found':
    case 'role-name-mismatch':
    case 'reserved-role':
    case 'cross-account-pass-role':
    case 'root-caller':
      return 'denied'
    default: {
      const now = evaluateNow(call, snapshot)
      // A deny or a guardrail that was read decides, even if something else is unknown.
      return now === 'unknown' && (diagnosis.verdict === 'proved' || diagnosis.verdict === 'not-ours') ? 'denied' : now
    }
  }
}

/** Diagnoses describe a past call, needs a future one. */
const ahead = (summary: string): string => summary.replaceAll(' was denied ', ' will be denied ')

export function unknownAnswer(summary: string, unknown: Unknown | null): Answered {
  const unknowns = unknown === null ? [] : [unknown]
  return {
    answer: 'unknown',
    diagnosis: { cause: 'unknown', verdict: 'not-enough-evidence', summary, unknowns },
    refusal: null,
    denial: null,
  }
}
