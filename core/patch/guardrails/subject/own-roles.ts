import { parseEntityArn, seenCaller } from '../../../iam/index.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const ROLEMEDIC_ROLE = /^rolemedic(-|$)/i

/** rolemedic neither extends its own permissions nor lets anybody use its roles. */
export const ownRoles: Guardrail = {
  id: 'own-roles',
  check: ({ denial, snapshot, roles, patch }) => {
    const arns = [
      seenCaller(snapshot)?.arn ?? denial.principal.roleArn ?? denial.principal.arn ?? '',
      ...roles.map(role => role.arn),
      ...patch.changes.map(change => change.target.arn),
    ]
    const own = arns.map(arn => parseEntityArn(arn)).find(arn => arn !== null && ROLEMEDIC_ROLE.test(arn.name))
    return own === undefined || own === null
      ? PASS
      : refuse(`${own.name} is one of rolemedic's own roles.`, 'rolemedic administrators')
  },
}
