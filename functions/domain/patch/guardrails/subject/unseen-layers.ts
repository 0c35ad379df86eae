import { diagnosisContext } from '../../../diagnosis/diagnosis-context.ts'
import { unseenGuardrails } from '../../../diagnosis/verdict.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

/** A grant under a guardrail that nobody has seen may turn out useless; it is not dangerous. The diagnosis names the same ones. */
export const unseenLayers: Guardrail = {
  id: 'unseen-layers',
  check: ({ denial, snapshot, config, nowMs }) => {
    const unseen = unseenGuardrails(diagnosisContext(denial, snapshot, { config, nowMs })).map(({ fact }) => fact)
    return unseen.length === 0
      ? PASS
      : warn(`Not seen: ${unseen.join(', ')}. If the denial repeats after the grant, revert it.`)
  },
}
