import { administratorWays } from '../../risk/admin-equivalence.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

/** Whoever gets the role could make themselves administrator. Found by evaluating the role's policies, not by their text. */
export const administratorEquivalent: Guardrail = {
  id: 'administrator-equivalent',
  check: ({ roles }) => {
    for (const { role } of roles) {
      const [way] = role.kind === 'found' ? administratorWays(role.value) : []
      if (role.kind === 'found' && way !== undefined)
        return warn(`${role.value.name} is administrator-equivalent: ${way}.`, 'high')
    }
    return PASS
  },
}
