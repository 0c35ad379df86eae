import { passesRoles } from '../../../actions/actions.ts'
import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import { additions, difference } from '../../additions.ts'
import { isServiceName } from '../../drafting/exact-names.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const KEY = 'iam:PassedToService'

/** A role is granted for one service: a role passed to another service is another kind of power. */
export const exactPassedService: Guardrail = {
  id: 'exact-passed-service',
  check: ({ patch }) => {
    const passes = ({ Action }: Statement) => list(Action).some(passesRoles)
    const open = additions(patch.changes).find(({ statement }) => passes(statement) && !isForOneService(statement))
    if (open !== undefined) return refuse('The patch lets a role be passed to more than one service.')

    const grown = patch.changes.flatMap(change => difference(change.before, change.after).grown)
    const services = grown.filter(({ key }) => key.toLowerCase() === KEY.toLowerCase()).flatMap(({ values }) => values)
    return services.every(isServiceName) ? PASS : refuse(`The patch adds a ${KEY} that is not the name of a service.`)
  },
}

function isForOneService({ Condition = {} }: Statement): boolean {
  const services = [...list(Condition['StringEquals']?.[KEY]), ...list(Condition['StringEqualsIfExists']?.[KEY])]
  return services.length === 1 && isServiceName(String(services[0]))
}
