/** The credentials to read an account. */

import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types'
import { MINUTE_MS, RolemedicError } from '../../../core/base/index.ts'
import { partitionOfRegion, roleArn } from '../../../core/iam/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'

export type MemberAccess = { readonly accountId: string; readonly credentials: AwsCredentialIdentityProvider }

/** Null: the credentials belong to another account, and there is no role to assume. */
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

/** How long before their end credentials are renewed. */
const RENEW_MS = 5 * MINUTE_MS

/**
 * Assumes the role once for all clients of an account. Caches a refusal too, because each attempt is one more denial in
 * CloudTrail. The error differs from a refused call, because nothing of the account can be checked.
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
