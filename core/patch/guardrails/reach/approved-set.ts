import { entityName } from '../../../iam/index.ts'
import { type Guardrail, PASS, warn } from '../guardrail.ts'

const MAX_NAMED = 5

/** A set is granted by its name pattern: for its current roles, which the other rules check, and for future ones. */
export const approvedSet: Guardrail = {
  id: 'approved-set',
  check: ({ opened, config }) => {
    const [first, ...others] = opened.sets
    if (first === undefined) return PASS
    return warn(
      [first, ...others]
        .map(({ pattern, members }) => {
          const named = config.approvedRoleSets.find(set => set.pattern === pattern)
          const set = `${named === undefined ? 'The set' : `The set ${named.name},`} ${pattern}`
          const today = members.known
            ? `, has ${rolesInWords(members.value.map(({ arn }) => entityName(arn)))} today`
            : ', could not be listed'
          return `${set}${today}. Every role that is created under this name later is granted too, without another approval.`
        })
        .join(' '),
    )
  },
}

function rolesInWords(names: readonly string[]): string {
  if (names.length === 0) return 'no role'
  const shown = names.slice(0, MAX_NAMED).join(', ')
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  return `${names.length === 1 ? 'one role' : `${names.length} roles`} (${shown}${more})`
}
