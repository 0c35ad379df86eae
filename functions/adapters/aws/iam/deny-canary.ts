/** Assumes the role that cannot exist, with the reader role of the account, at the endpoint of the Region. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { RolemedicError } from '../../../../core/base/index.ts'
import { canaryArn, type MemberRegion, READER_SESSION } from '../../../domain/members/index.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'
import type { AccountAccess } from './account-access.ts'

export function canaryDenier(access: (accountId: string) => AccountAccess): (place: MemberRegion) => Promise<void> {
  return async place => {
    const { credentials } = access(place.accountId).iam.config
    const sts = new STSClient({ region: place.region, credentials, ...DEFAULT_TIMEOUTS })
    try {
      await sts.send(new AssumeRoleCommand({ RoleArn: canaryArn(place), RoleSessionName: READER_SESSION }))
    } catch (error) {
      if (error instanceof Error && error.name === 'AccessDenied') return
      throw error
    }
    throw new RolemedicError('canary', `${canaryArn(place)} could be assumed`)
  }
}
