/**
 * Whether an account is in the bot's organization. Cached for minutes, also for other accounts, because anybody can name
 * accounts in a denial.
 */
import { DescribeAccountCommand, type OrganizationsClient } from '@aws-sdk/client-organizations'
import type { AccountMembership, MemberState } from '../../../ports/access-reader.ts'
import type { Clock } from '../../../ports/clock.ts'
import { answerCache } from '../clients/answer-cache.ts'

const KEEP_MS = 5 * 60_000

export function organizationMembership(client: OrganizationsClient, clock: Clock): AccountMembership {
  const answers = answerCache<MemberState>(clock, KEEP_MS)
  return accountId => answers(accountId, () => describe(client, accountId))
}

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html */
async function describe(client: OrganizationsClient, accountId: string): Promise<MemberState> {
  try {
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: accountId }))
    return Account?.Id === accountId ? 'member' : 'unknown'
  } catch (cause) {
    const { $fault, name } = cause as { readonly $fault?: string; readonly name?: string }
    if (name === 'AccountNotFoundException' || name === 'AWSOrganizationsNotInUseException') return 'stranger'
    if ($fault !== 'client' || name === 'TooManyRequestsException') throw cause
    return 'unknown'
  }
}
