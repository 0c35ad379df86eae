import { matchesGlob, parseEntityArn } from '../../../iam/index.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/**
 * Refuses changes to the policies or the trust of a role that administers accounts. Other rules decide about passing or
 * assuming such a role, which is equivalent to an administrator and needs two approvers, and about permission sets.
 */
export const administratorRoles: Guardrail = {
  id: 'administrator-roles',
  check: ({ patch, config }) => {
    const globs = config.administratorRoles.map(glob => glob.toLowerCase())
    const edited = patch.changes
      .filter(({ target: { kind } }) => kind === 'role-inline-policy' || kind === 'role-trust-policy')
      .map(({ target }) => parseEntityArn(target.arn)?.name ?? target.name)
      .find(name => globs.some(glob => matchesGlob(glob, name.toLowerCase())))
    return edited === undefined
      ? PASS
      : refuse(
          `${edited} administers accounts: rolemedic changes neither its policies nor its trust policy.`,
          'the administrators of the account',
        )
  },
}
