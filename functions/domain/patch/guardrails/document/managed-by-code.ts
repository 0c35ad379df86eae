import { codeOwner } from '../../managed-by.ts'
import { type Examined, type Guardrail, PASS, warn } from '../guardrail.ts'

/** The next deploy may undo a change that is not in the code: the card leads with the same change as code. */
export const managedByCode: Guardrail = {
  id: 'managed-by-code',
  check: ({ patch, snapshot, roles }) => {
    for (const { target } of patch.changes) {
      const owner = codeOwner(tagsOf(target.arn, { snapshot, roles }))
      if (owner !== null) return warn(`${target.name} is managed by ${owner}: make the same change there.`)
    }
    return PASS
  },
}

function tagsOf(arn: string, { snapshot, roles }: Pick<Examined, 'snapshot' | 'roles'>) {
  const caller = snapshot.caller.kind === 'found' && snapshot.caller.value.arn === arn ? snapshot.caller.value : null
  const role = roles.map(one => one.role).find(read => read.kind === 'found' && read.value.arn === arn)
  return caller?.tags ?? (role?.kind === 'found' ? role.value.tags : {})
}
