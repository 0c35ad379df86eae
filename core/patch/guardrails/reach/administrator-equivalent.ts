import { seenCaller } from '../../../iam/index.ts'
import { explainedAt, wayInWords } from '../../risk/reach-wording.ts'
import { type Finding, type Guardrail, PASS, worst } from '../guardrail.ts'

/**
 * With the role, a caller could become administrator, directly or through other principals. Evaluates policies instead of matching text.
 */
export const administratorEquivalent: Guardrail = {
  id: 'administrator-equivalent',
  check: ({ opened, snapshot }) => {
    const caller = seenCaller(snapshot)?.name ?? 'the caller'
    return worst(
      opened.reaches.map((reach): Finding => {
        const detail = wayInWords(reach, caller)
        if (detail === null) return PASS
        const link = explainedAt(reach)
        const risk = reach.way?.certain === true ? 'high' : 'elevated'
        return { outcome: 'warn', detail, risk, ...(link === null ? {} : { link }) }
      }),
    )
  },
}
