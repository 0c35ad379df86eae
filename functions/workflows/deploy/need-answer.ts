/** The answer to one need of a deploy, in the words of a call that is still to be made. */
import type { Refusal, Unknown } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { callerLabel, type Diagnosis, evaluateNow } from '../../../core/diagnosis/index.ts'
import { type Answer, entityName } from '../../../core/iam/index.ts'
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
  /** A deny outside of the trust policy: its owner decides, also where others write the role. */
  readonly isDeniedElsewhere?: true
}

export async function answerToDenial(denial: Denial, options: AnalysisOptions): Promise<Answered> {
  const diagnosed = await diagnoseNow(denial, options)
  const answer = answerOf(diagnosed)
  if (answer === 'allowed') return { answer, diagnosis: null, refusal: null, denial: null }
  const { cause, verdict, summary, unknowns } = diagnosed.diagnosis
  if (answer === 'unknown' && isUnread(diagnosed)) {
    const diagnosis = {
      cause: 'unknown',
      verdict: 'not-enough-evidence',
      summary: notKnown(denial, unknowns),
      unknowns,
    } as const
    return { answer, diagnosis, refusal: null, denial: null }
  }
  const diagnosis = { cause, verdict, summary: ahead(summary), unknowns }
  const elsewhere = isDeniedElsewhere(diagnosed) ? ({ isDeniedElsewhere: true } as const) : {}
  return { answer, diagnosis, refusal: null, denial: answer === 'denied' ? denial : null, ...elsewhere }
}

const isDeniedElsewhere = ({ diagnosis: { cause, evidence } }: Diagnosed): boolean =>
  cause === 'explicit-deny' && evidence.some(({ policyType }) => policyType !== 'trust')

const isUnread = ({ snapshot, diagnosis }: Diagnosed): boolean =>
  snapshot.caller.kind !== 'found' &&
  (diagnosis.verdict === 'not-enough-evidence' || snapshot.targets.every(({ role }) => role.kind === 'unreadable'))

/** No policy was read: a planned call is neither denied nor reported by a text. */
function notKnown(denial: Denial, unknowns: readonly Unknown[]): string {
  const on = denial.resource === null ? '' : ` on ${entityName(denial.resource)}`
  const unread = unknowns.map(({ fact }) => fact).join(', ')
  return `Not known whether ${callerLabel(denial)} is allowed ${denial.action}${on}${unread === '' ? '' : `: not read are ${unread}`}.`
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
