/** Credentials that read an account, with the account that they belong to. */

import { IAMClient } from '@aws-sdk/client-iam'
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { RolemedicError } from '../../../../core/base/index.ts'
import { partitionOfRegion, roleArn } from '../../../../core/iam/index.ts'
import { READER_SESSION } from '../../../domain/members/index.ts'
import type { AccountMembership, MemberState } from '../../../ports/access-reader.ts'
import { LONG_TIMEOUTS } from '../clients/client-timeouts.ts'
import type { Ask } from './read-calls.ts'

export type AccountAccess = {
  readonly iam: IAMClient
  /** The account of the credentials. Null: the answers do not show it. */
  accountId(ask: Ask): Promise<string | null>
  /** Reads the account id from an ARN in an answer, which saves a request. */
  saw(answer: Promise<string | null>): void
  /** The number of sequential requests before any read has credentials. */
  readonly depth: number
}

/**
 * Assumes the reader role of each account of the organization. Does not call other accounts. Clients reuse their credentials
 * until they expire.
 */
export function assumedAccess(options: {
  readonly roleName: string
  readonly region: string
  /** Null: every account may be read. */
  readonly membershipOf: AccountMembership | null
}): (accountId: string) => AccountAccess {
  const { roleName, region, membershipOf } = options
  const byAccount = new Map<string, AccountAccess>()
  return accountId => {
    const present = byAccount.get(accountId)
    if (present !== undefined) return present
    const reader = roleArn(partitionOfRegion(region), accountId, roleName)
    const provider = fromTemporaryCredentials({
      params: { RoleArn: reader, RoleSessionName: READER_SESSION },
      clientConfig: { region, ...LONG_TIMEOUTS },
    })
    let assumed = false
    const credentials = async () => {
      const membership = (await membershipOf?.(accountId)) ?? 'member'
      if (membership !== 'member') throw notAsked(accountId, membership)
      try {
        const given = await provider()
        assumed = true
        return given
      } catch (cause) {
        throw refusedToAssume(reader, cause)
      }
    }
    const access: AccountAccess = {
      iam: new IAMClient({ region, credentials, ...LONG_TIMEOUTS }),
      accountId: async () => accountId,
      saw: () => {},
      get depth() {
        return assumed ? 0 : 1
      },
    }
    byAccount.set(accountId, access)
    return access
  }
}

/** Classified as a refused read: the content of the account is unknown. */
function notAsked(accountId: string, membership: Exclude<MemberState, 'member'>): Error {
  const why =
    membership === 'stranger'
      ? `account ${accountId} is not in the organization, so its reader role is not assumed`
      : `account ${accountId} is not known to be in the organization, so its reader role is not assumed: let the bot read Organizations, or list the account in organizationAccounts`
  const error = new RolemedicError('reader-role', why)
  error.name = 'AccessDenied'
  return error
}

/** If the reader role must not be assumed, the read is refused. All other errors are faults. */
function refusedToAssume(reader: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause)
  const error = new RolemedicError('reader-role', `the reader role ${reader} cannot be assumed: ${why}`, { cause })
  if (cause instanceof Error && /^AccessDenied/.test(cause.name)) error.name = 'AccessDenied'
  return error
}
