import { descriptorOf } from '../../../actions/index.ts'
import type { Identity } from '../../../iam/index.ts'
import { seenCaller } from '../../drafting/draft-context.ts'
import type { Reach } from '../../risk/could-become.ts'
import { privilegeGain } from '../../risk/privilege-gain.ts'
import { type Finding, type Guardrail, PASS, warn, worst } from '../guardrail.ts'

/** Through the role, or a principal that it leads to, the caller could do more than now. A role that cannot be read counts as stronger. */
export const strongerThanCaller: Guardrail = {
  id: 'stronger-than-caller',
  check: ({ roles, opened, snapshot, denial }) => {
    if (!descriptorOf(denial.action).target.mustExist) return PASS
    const caller = seenCaller(snapshot)
    return worst([
      ...roles.map(({ arn, role }): Finding => {
        if (role.kind === 'unreadable') return warn(`Could not read what ${arn} allows: ${role.why}.`, 'elevated')
        const unseen = role.kind === 'found' ? role.value.unseen[0] : undefined
        return unseen === undefined ? PASS : warn(`Could not read what ${arn} allows: ${unseen.fact}.`, 'elevated')
      }),
      ...(caller === null ? [] : opened.reaches.map(reach => gained(reach, caller))),
    ])
  },
}

const MAX_NAMED = 5

function gained({ opened, reached }: Reach, caller: Identity): Finding {
  for (const one of [opened, ...reached]) {
    if (one.arn === caller.arn) continue
    const gained = privilegeGain(one, caller).slice(0, MAX_NAMED).join(', ')
    const through = one === opened ? opened.name : `${opened.name}, which leads to ${one.name},`
    if (gained !== '') return warn(`Through ${through} the caller gains ${gained}.`, 'elevated')
  }
  return PASS
}
