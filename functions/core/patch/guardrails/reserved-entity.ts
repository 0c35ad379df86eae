import { exactEntity, isReserved, isServiceLinked } from '../draft/exact-names.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** AWS's own roles can be neither edited nor passed, service-linked ones not edited, and root has no policies. */
export const reservedEntity: Guardrail = {
  id: 'reserved-entity',
  check: ({ denial, patch, roles }) => {
    if (denial.principal.kind === 'root') return refuse('The caller is root: no policy change bears on it.')
    if (denial.principal.kind === 'service-linked-role')
      return refuse('The caller is a service-linked role: only AWS changes it.', 'AWS')

    const edited = patch.changes
      .filter(({ target }) => target.kind !== 'managed-policy' && target.kind !== 'permission-set-inline-policy')
      .map(({ target }) => exactEntity(target.arn))
      .find(arn => arn === null || isReserved(arn) || isServiceLinked(arn))
    if (edited !== undefined) return refuse(`${edited?.name ?? 'The target'} cannot be edited.`, 'AWS')

    const passed = roles.map(role => exactEntity(role.arn)).find(arn => arn !== null && isReserved(arn))
    if (denial.action === 'iam:PassRole' && passed) return refuse(`${passed.name} can never be passed.`, 'AWS')
    return PASS
  },
}
