import { adminEquivalenceReasons } from '../../risk/admin-equivalence.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

/** With the role, a caller could make itself administrator. Found by evaluating the role's policies, not by matching text. */
export const administratorEquivalent: Guardrail = {
  id: 'administrator-equivalent',
  check: ({ roles }) => {
    for (const { role } of roles) {
      const [reason] = role.kind === 'found' ? adminEquivalenceReasons(role.value) : []
      if (role.kind === 'found' && reason !== undefined)
        return warn(`${role.value.name} is administrator-equivalent: ${reason}.`, 'high')
    }
    return PASS
  },
}
