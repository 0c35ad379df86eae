/** With which credentials the doctor looks into an account. */
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types'
import { LONG_TIMEOUTS } from '../../functions/adapters/aws/client-timeouts.ts'
import { partitionOfRegion, roleArn } from '../../functions/domain/iam/arn.ts'

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
    const access = {
      accountId,
      credentials: fromTemporaryCredentials({
        masterCredentials: own.credentials,
        params: {
          RoleArn: roleArn(partitionOfRegion(region), accountId, roleName),
          RoleSessionName: 'rolemedic-doctor',
        },
        clientConfig: { region, ...LONG_TIMEOUTS },
      }),
    }
    byAccount.set(accountId, access)
    return access
  }
}
