import { parseArn } from '../../../iam/arn.ts'
import { list } from '../../../iam/policy/policy-document.ts'
import { additions, difference } from '../../additions.ts'
import { changesTrust, type Target } from '../../patch.ts'
import { type Examined, type Finding, type Guardrail, PASS, refuse, warn, worst } from '../guardrail.ts'

/** Trust across accounts: inside the organization with two approvers, outside never. */
export const trustAccount: Guardrail = {
  id: 'trust-account',
  check: analyzed => {
    const trust = analyzed.patch.changes.filter(changesTrust)
    return worst([
      ...additions(trust).flatMap(({ change, statement }) => {
        const { Principal } = statement
        const names = Principal === undefined || Principal === '*' ? [] : list(Principal['AWS'])
        return names.map(name => trusted(name, change.target, analyzed))
      }),
      // A statement for a whole account, or for everybody, may name its callers in a condition.
      ...trust.flatMap(({ before, after, target }) =>
        difference(before, after)
          .grown.filter(({ key }) => key.toLowerCase() === 'aws:principalarn')
          .flatMap(({ values }) => values.map(value => trusted(value, target, analyzed))),
      ),
    ])
  },
}

function trusted(name: string, target: Target, analyzed: Examined): Finding {
  const account = parseArn(name)?.accountId ?? ''
  if (account === target.accountId) return PASS
  return isInside(account, analyzed)
    ? warn(`${target.name} would trust account ${account} of the same organization.`, 'elevated')
    : refuse(
        `${target.name} would trust account ${account}, which is not known to be in the same organization.`,
        `owner of ${target.name}`,
      )
}

/** SCPs can be read only along the path of a member account. */
function isInside(account: string, { config, snapshot, denial }: Examined): boolean {
  if (config.organizationAccounts.includes(account)) return true
  const { organization, scps } = snapshot
  if (organization.known && organization.value.managementAccountId === account) return true
  const isCallers =
    snapshot.caller.kind === 'found' ? snapshot.caller.value.accountId === account : denial.accountId === account
  return isCallers && organization.known && organization.value.id !== null && scps.known && scps.value.length > 0
}
