import { type Guardrail, PASS, warn } from '../guardrail.ts'

/** A grant under a guardrail that nobody has seen may turn out useless; it is not dangerous. */
export const unseenLayers: Guardrail = {
  id: 'unseen-layers',
  check: ({ picture }) => {
    const layers = [
      ['service control policies', picture.scps],
      ['resource control policies', picture.rcps],
      ['the session policy', picture.session],
      ['the endpoint policy', picture.vpce],
    ] as const
    const unseen = layers.filter(([, fact]) => !fact.known).map(([name]) => name)
    return unseen.length === 0
      ? PASS
      : warn(`Not seen: ${unseen.join(', ')}. If the denial repeats after the grant, revert it.`)
  },
}
