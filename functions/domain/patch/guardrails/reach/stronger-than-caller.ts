import { descriptorOf } from '../../../actions/actions.ts'
import type { Identity } from '../../../iam/evaluation/access-snapshot.ts'
import { seenCaller } from '../../drafting/draft-context.ts'
import type { Reach } from '../../risk/could-become.ts'
import { privilegeGain } from '../../risk/privilege-gain.ts'
import { type Finding, type Guardrail, PASS, warn, worst } from '../guardrail.ts'

/** What the caller could do through the role, or through whom it leads to, and cannot do now. A role that cannot be read may be of any strength. */
export const strongerThanCaller: Guardrail = {
  id: 'stronger-than-caller',
  check: ({ roles, opened, snapshot, denial }) => {
    if (!descriptorOf(denial.action).target.mustExist) return PASS
    const caller = seenCaller(snapshot)
    return worst([
      ...roles.map(({ arn, role }): Finding => {
        if (role.kind === 'unreadable') return warn(`How strong ${arn} is could not be seen: ${role.why}.`, 'elevated')
        const unseen = role.kind === 'found' ? role.value.unseen[0] : undefined
        return unseen === undefined ? PASS : warn(`How strong ${arn} is could not be seen: ${unseen.fact}.`, 'elevated')
      }),
      ...(caller === null ? [] : opened().reaches.map(reach => gained(reach, caller))),
    ])
  },
}

const MOST_NAMED = 5

function gained({ opened, reached }: Reach, caller: Identity): Finding {
  for (const one of [opened, ...reached]) {
    if (one.arn === caller.arn) continue
    const powers = privilegeGain(one, caller).slice(0, MOST_NAMED).join(', ')
    const through = one === opened ? opened.name : `${opened.name}, which leads to ${one.name},`
    if (powers !== '') return warn(`Through ${through} the caller gains ${powers}.`, 'elevated')
  }
  return PASS
}
