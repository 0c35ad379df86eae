import { parseEntityArn } from '../../../iam/arn.ts'
import { callerOf } from '../../drafting/draft-context.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const OWN = /^rolemedic(-|$)/i

/** The bot gives neither itself more rights nor anybody the bot's. */
export const ownRoles: Guardrail = {
  id: 'own-roles',
  check: ({ denial, snapshot, roles, patch }) => {
    const arns = [
      callerOf(snapshot)?.arn ?? denial.principal.roleArn ?? denial.principal.arn ?? '',
      ...roles.map(role => role.arn),
      ...patch.changes.filter(change => change.target.kind !== 'managed-policy').map(change => change.target.arn),
    ]
    const own = arns.map(arn => parseEntityArn(arn)).find(arn => arn !== null && OWN.test(arn.name))
    return own === undefined || own === null
      ? PASS
      : refuse(`${own.name} is one of this bot's own roles.`, 'rolemedic administrators')
  },
}
