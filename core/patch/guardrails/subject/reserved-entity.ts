import { descriptorOf } from '../../../actions/index.ts'
import { exactEntity, isReserved, isServiceLinked } from '../../drafting/exact-names.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** AWS's reserved roles cannot be edited or passed, patches do not edit or pass service-linked roles, and root has no policies. */
export const reservedEntity: Guardrail = {
  id: 'reserved-entity',
  check: ({ denial, patch, roles }) => {
    if (denial.principal.kind === 'root') return refuse('The caller is root: no policy change affects it.')
    if (denial.principal.kind === 'service-linked-role')
      return refuse('The caller is a service-linked role: only AWS changes it.', 'AWS')

    const edited = patch.changes
      .filter(({ target }) => target.kind !== 'managed-policy' && target.kind !== 'permission-set-inline-policy')
      .map(({ target }) => exactEntity(target.arn))
      .find(arn => arn === null || isReserved(arn) || isServiceLinked(arn))
    if (edited !== undefined) return refuse(`${edited?.name ?? 'The target'} cannot be edited.`, 'AWS')

    if (!descriptorOf(denial.action).passesRoles) return PASS
    const passed = roles.map(role => exactEntity(role.arn)).filter(arn => arn !== null)
    const reserved = passed.find(isReserved)
    if (reserved !== undefined) return refuse(`${reserved.name} can never be passed.`, 'AWS')
    const linked = passed.find(isServiceLinked)
    return linked === undefined
      ? PASS
      : refuse(
          `${linked.name} is a service-linked role, and no patch grants passing one: omit the parameter, or have iam:PassRole on it added to the caller's own policies.`,
          "the owner of the caller's policies",
        )
  },
}
