import { unseenGuardrails } from '../../../diagnosis/index.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

/**
 * Under an SCP, RCP or session policy that was not read, a grant may have no effect, but does no harm. The diagnosis lists the same layers.
 */
export const unseenLayers: Guardrail = {
  id: 'unseen-layers',
  check: ({ denial, current }) => {
    const unseen = unseenGuardrails({ denial, evaluation: current }).map(({ fact }) => fact)
    return unseen.length === 0 ? PASS : warn(`${BEFORE}${unseen.join(', ')}${AFTER}`)
  },
}

const BEFORE = 'Could not see: '
const AFTER = '. If the call is still denied afterwards, revert.'

/** Of several denials in one change: each layer once. */
export function joinedUnseen(details: readonly string[]): string {
  const layers = details.flatMap(detail => detail.slice(BEFORE.length, -AFTER.length).split(', '))
  return `${BEFORE}${[...new Set(layers)].join(', ')}${AFTER}`
}
