import { vendorOf } from '../../../diagnosis/index.ts'
import { parseArn, principalsOfType } from '../../../iam/index.ts'
import { addedStatements, diffDocuments } from '../../document-diff.ts'
import { changesTrust, type Target } from '../../patch.ts'
import { type Finding, type Guardrail, type GuardrailInput, PASS, refuse, warn, worst } from '../guardrail.ts'

/** Cross-account trust: two approvers inside the organization, never outside it. */
export const trustAccount: Guardrail = {
  id: 'trust-account',
  check: input => {
    const trust = input.patch.changes.filter(changesTrust)
    if (trust.length === 0) return PASS
    return worst([
      ...addedStatements(trust).flatMap(({ change, statement }) => {
        const names = principalsOfType(statement, 'AWS')
        return names.map(name => trustedAccountFinding(name, change.target, input))
      }),
      // A statement for a whole account or for everybody can name its callers in a condition.
      ...trust.flatMap(({ before, after, target }) =>
        diffDocuments(before, after)
          .extended.filter(({ key }) => key.toLowerCase() === 'aws:principalarn')
          .flatMap(({ values }) => values.map(value => trustedAccountFinding(value, target, input))),
      ),
    ])
  },
}

function trustedAccountFinding(name: string, target: Target, input: GuardrailInput): Finding {
  const account = parseArn(name)?.accountId ?? ''
  if (account === target.accountId) return PASS
  return isInside(account, input)
    ? warn(`${target.name} would trust account ${account} of the same organization.`, 'elevated')
    : refuse(
        `${target.name} would trust account ${account}${ofVendor(account)}, which is not known to be in the same organization.`,
        `owner of ${target.name}`,
      )
}

function ofVendor(account: string): string {
  const vendor = vendorOf(account)
  return vendor === null ? '' : ` of ${vendor.name}`
}

/** SCPs can be read only for member accounts, so an account whose SCPs were read is a member. */
function isInside(account: string, { config, snapshot, denial }: GuardrailInput): boolean {
  if (config.organizationAccounts.includes(account)) return true
  const { organization, scps } = snapshot
  if (organization.known && organization.value.managementAccountId === account) return true
  const isCallers =
    snapshot.caller.kind === 'found' ? snapshot.caller.value.accountId === account : denial.accountId === account
  return isCallers && organization.known && organization.value.id !== null && scps.known && scps.value.length > 0
}
