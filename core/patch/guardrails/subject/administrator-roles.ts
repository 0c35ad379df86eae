import { matchesGlob, parseEntityArn } from '../../../iam/index.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/**
 * Nothing edits the policies or the trust of a role that administers accounts. Passing or assuming one is another question:
 * it is equivalent to an administrator, and two people approve it. A permission set is a question of its own, too.
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
