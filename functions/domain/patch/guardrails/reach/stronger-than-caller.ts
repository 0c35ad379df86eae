import { descriptorOf } from '../../../actions/actions.ts'
import { seenCaller } from '../../drafting/draft-context.ts'
import { privilegeGain } from '../../risk/privilege-gain.ts'
import { type Finding, type Guardrail, PASS, warn, worst } from '../guardrail.ts'

/** The caller could do more through the role than it can do now. A role that cannot be read counts as stronger. */
export const strongerThanCaller: Guardrail = {
  id: 'stronger-than-caller',
  check: ({ roles, snapshot, denial }) => {
    if (!descriptorOf(denial.action).target.mustExist) return PASS
    const caller = seenCaller(snapshot)
    return worst(
      roles.map(({ arn, role }): Finding => {
        if (role.kind === 'unreadable') return warn(`Could not read what ${arn} allows: ${role.why}.`, 'elevated')
        if (role.kind === 'absent' || caller === null) return PASS
        const unseen = role.value.unseen[0]
        if (unseen !== undefined) return warn(`Could not read what ${arn} allows: ${unseen.fact}.`, 'elevated')
        const gained = privilegeGain(role.value, caller)
        return gained.length === 0
          ? PASS
          : warn(`Through ${role.value.name} the caller gains ${gained.slice(0, 5).join(', ')}.`, 'elevated')
      }),
    )
  },
}
