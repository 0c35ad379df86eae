import { parseEntityArn, seenCaller } from '../../../iam/index.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Nobody may approve more permissions for the approvers' own roles. */
export const approversPath: Guardrail = {
  id: 'approvers-path',
  check: ({ snapshot, roles, config }) => {
    const path = config.approversPath
    const arns = [seenCaller(snapshot)?.arn ?? '', ...roles.map(role => role.arn)]
    const found = arns.find(arn => path !== null && parseEntityArn(arn)?.path.startsWith(path))
    return found === undefined
      ? PASS
      : refuse(`${found} is under ${path}, the path of the approvers' own roles.`, 'rolemedic administrators')
  },
}
