import { entityName, type TargetRole } from '../../../iam/index.ts'
import type { Want } from '../../risk/surroundings.ts'
import { type Guardrail, PASS } from '../guardrail.ts'

/** Anything that could not be read and could raise the risk counts as a risk. */
export const unreadSurroundings: Guardrail = {
  id: 'unread-surroundings',
  check: ({ opened }) => {
    const { reaches, sets, wants } = opened
    const unread = [
      ...reaches.flatMap(({ unknowns }) => unknowns.map(({ fact, why }) => `${fact} (${why})`)),
      ...sets.flatMap(({ pattern, members }) =>
        members.known ? [] : [`the roles that ${pattern} means (${members.why})`],
      ),
      ...sets
        .flatMap(({ members }) => (members.known ? members.value : []))
        .flatMap(({ arn, role }) => unreadOf(role).map(why => `the policies of ${entityName(arn)} (${why})`)),
      ...wants.map(notRead),
    ]
    const [first, ...more] = new Set(unread)
    if (first === undefined) return PASS
    const others = more.length === 0 ? '' : `, and ${more.length} more`
    return {
      outcome: 'warn',
      detail: `Could not read, so the risk may be higher: ${first}${others}.`,
      risk: 'elevated',
      raises: true,
    }
  },
}

function unreadOf(role: TargetRole['role']): readonly string[] {
  if (role.kind === 'unreadable') return [role.why]
  return role.kind === 'found' ? role.value.unseen.map(({ fact, why }) => `${fact}: ${why}`) : []
}

const notRead = (want: Want): string =>
  want.kind === 'roles-of' ? `the roles of account ${want.accountId}` : `the policies of ${entityName(want.arn)}`
