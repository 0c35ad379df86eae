import { type Guardrail, PASS, warn } from '../guardrail.ts'

/** The change affects many people in many accounts. `approver-directory.ts` accepts only approvers for all accounts. */
export const permissionSetReach: Guardrail = {
  id: 'permission-set-reach',
  check: ({ patch }) => {
    const set = patch.changes.find(change => change.target.kind === 'permission-set-inline-policy')
    return set === undefined
      ? PASS
      : warn(`Permission set ${set.target.name} affects everyone who is assigned to it, in every account.`, 'elevated')
  },
}
