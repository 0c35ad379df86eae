/** With which credentials an account is looked into. */

import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types'
import { MINUTE_MS, RolemedicError } from '../../../core/base/index.ts'
import { partitionOfRegion, roleArn } from '../../../core/iam/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'

export type MemberAccess = { readonly accountId: string; readonly credentials: AwsCredentialIdentityProvider }

/** Null: neither are they of this account, nor is there a role to assume in it. */
export function memberAccess(options: {
  readonly own: MemberAccess
  readonly roleName: string | null
  readonly region: string
}): (accountId: string) => MemberAccess | null {
  const { own, roleName, region } = options
  const byAccount = new Map<string, MemberAccess>()
  return accountId => {
    if (accountId === own.accountId) return own
    if (roleName === null) return null
    const present = byAccount.get(accountId)
    if (present !== undefined) return present
    const RoleArn = roleArn(partitionOfRegion(region), accountId, roleName)
    const assume = fromTemporaryCredentials({
      masterCredentials: own.credentials,
      params: { RoleArn, RoleSessionName: 'rolemedic-doctor' },
      clientConfig: { region, ...LONG_TIMEOUTS },
    })
    const access = { accountId, credentials: assumedOnce(RoleArn, assume) }
    byAccount.set(accountId, access)
    return access
  }
}

/** Renewed this long before they end. */
const RENEW_MS = 5 * MINUTE_MS

/**
 * For all clients of an account together, a refusal too: each attempt would be one more denial in CloudTrail. It is another error than
 * a refused call, as nothing of the account can be checked.
 */
function assumedOnce(role: string, assume: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
  let assuming: Promise<AwsCredentialIdentity> | null = null
  const once = (): Promise<AwsCredentialIdentity> => {
    assuming ??= assume().catch(cause => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new RolemedicError('member-role', `${role} cannot be assumed: ${why}`, { cause })
    })
    return assuming
  }
  return async () => {
    const given = await once()
    if (given.expiration === undefined || given.expiration.getTime() > Date.now() + RENEW_MS) return given
    assuming = null
    return once()
  }
}
