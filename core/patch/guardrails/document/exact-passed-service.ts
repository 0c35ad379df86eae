import { passesRoles } from '../../../actions/index.ts'
import type { Denial } from '../../../denial/index.ts'
import type { Diagnosis } from '../../../diagnosis/index.ts'
import { list, type Statement } from '../../../iam/index.ts'
import { addedStatements, diffDocuments } from '../../document-diff.ts'
import { isServiceName } from '../../drafting/exact-names.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const KEY = 'iam:PassedToService'

/**
 * Grants a role for one service, because with another service it has other power. Several services only if AWS publishes that
 * the call may send any of them.
 */
export const exactPassedService: Guardrail = {
  id: 'exact-passed-service',
  check: ({ patch, denial, diagnosis }) => {
    const passes = ({ Action }: Statement) => list(Action).some(passesRoles)
    const sent = sentTogether(denial, diagnosis)
    const open = addedStatements(patch.changes).find(({ statement }) => passes(statement) && !isExact(statement, sent))
    if (open !== undefined) return refuse('The patch lets a role be passed to more than one service.')

    const extended = patch.changes.flatMap(change => diffDocuments(change.before, change.after).extended)
    const services = extended
      .filter(({ key }) => key.toLowerCase() === KEY.toLowerCase())
      .flatMap(({ values }) => values)
    return services.every(isServiceName) ? PASS : refuse(`The patch adds a ${KEY} that is not the name of a service.`)
  },
}

function isExact({ Condition = {} }: Statement, sent: readonly (readonly string[])[]): boolean {
  const services = [...list(Condition['StringEquals']?.[KEY]), ...list(Condition['StringEqualsIfExists']?.[KEY])].map(
    String,
  )
  if (services.length === 0 || !services.every(isServiceName)) return false
  return services.length === 1 || sent.some(together => services.every(service => together.includes(service)))
}

/** For each of the call's roles, the values of which the call sends one. */
function sentTogether(denial: Denial, { passedService }: Diagnosis): readonly (readonly string[])[] {
  const ofRoles = denial.passes.map(({ service }) =>
    service.values.filter(({ evidence }) => evidence !== 'trust').map(value => value.service),
  )
  return [passedService?.evidence === 'trust' ? [] : (passedService?.services ?? []), ...ofRoles]
}
