import { passesRoles } from '../../../actions/actions.ts'
import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import { addedStatements, diffDocuments } from '../../document-diff.ts'
import { isServiceName } from '../../drafting/exact-names.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const KEY = 'iam:PassedToService'

/** A role is granted for exactly one service: passing it to another service gives other privileges. */
export const exactPassedService: Guardrail = {
  id: 'exact-passed-service',
  check: ({ patch }) => {
    const passes = ({ Action }: Statement) => list(Action).some(passesRoles)
    const open = addedStatements(patch.changes).find(
      ({ statement }) => passes(statement) && !isForOneService(statement),
    )
    if (open !== undefined) return refuse('The patch lets a role be passed to more than one service.')

    const extended = patch.changes.flatMap(change => diffDocuments(change.before, change.after).extended)
    const services = extended
      .filter(({ key }) => key.toLowerCase() === KEY.toLowerCase())
      .flatMap(({ values }) => values)
    return services.every(isServiceName) ? PASS : refuse(`The patch adds a ${KEY} that is not the name of a service.`)
  },
}

function isForOneService({ Condition = {} }: Statement): boolean {
  const services = [...list(Condition['StringEquals']?.[KEY]), ...list(Condition['StringEqualsIfExists']?.[KEY])]
  return services.length === 1 && isServiceName(String(services[0]))
}
