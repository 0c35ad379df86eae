import { descriptorOf } from '../../../actions/actions.ts'
import { callerOf } from '../../drafting/draft-context.ts'
import { powersGained } from '../../risk/privilege-gain.ts'
import { type Finding, type Guardrail, PASS, warn, worst } from '../guardrail.ts'

/** What the caller could do through the role and cannot do now. A role that cannot be read may be of any strength. */
export const strongerThanCaller: Guardrail = {
  id: 'stronger-than-caller',
  check: ({ roles, snapshot, denial }) => {
    if (!descriptorOf(denial.action).target.mustExist) return PASS
    const caller = callerOf(snapshot)
    return worst(
      roles.map(({ arn, role }): Finding => {
        if (role.kind === 'unreadable') return warn(`How strong ${arn} is could not be seen: ${role.why}.`, 'elevated')
        if (role.kind === 'absent' || caller === null) return PASS
        const unseen = role.value.unseen[0]
        if (unseen !== undefined) return warn(`How strong ${arn} is could not be seen: ${unseen.fact}.`, 'elevated')
        const gained = powersGained(role.value, caller)
        return gained.length === 0
          ? PASS
          : warn(`Through ${role.value.name} the caller gains ${gained.slice(0, 5).join(', ')}.`, 'elevated')
      }),
    )
  },
}
