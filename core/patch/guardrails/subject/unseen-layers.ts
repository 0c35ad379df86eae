import { unseenGuardrails } from '../../../diagnosis/index.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

/** A grant under an unread SCP, RCP or session policy may be useless, but not dangerous. The diagnosis lists the same layers. */
export const unseenLayers: Guardrail = {
  id: 'unseen-layers',
  check: ({ denial, current }) => {
    const unseen = unseenGuardrails({ denial, evaluation: current }).map(({ fact }) => fact)
    return unseen.length === 0
      ? PASS
      : warn(`Could not see: ${unseen.join(', ')}. If the call is still denied afterwards, revert.`)
  },
}
