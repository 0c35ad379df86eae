/** Changes IAM with the credentials that the AWS CLI would use. CloudTrail's records of it name the proposal and the reason. */

import { IAMClient } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { policiesIn } from '../../functions/write/index.ts'
import type { IamOperator } from '../use-cases/operate/revert-grant.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { cliAccess } from './cli-access.ts'
import { configuredRegion } from './live-access.ts'

export type RevertAs = { readonly id: string; readonly reason: string; readonly profile: string | null }

/** Throws UsageError without credentials. */
export async function liveOperator(
  { id, reason, profile }: RevertAs,
  world: Pick<UseCaseWorld, 'env'>,
): Promise<IamOperator> {
  // IAM is the same in each Region of a partition.
  const region = (await configuredRegion(profile === null ? {} : { profile })) ?? 'us-east-1'
  const access = await cliAccess({ profile, region }, world)
  const { Account = '' } = await new STSClient(access).send(new GetCallerIdentityCommand({}))
  const iam = new IAMClient({ ...access, customUserAgent: agentOf(id, reason) })
  return { accountId: Account, writer: policiesIn({ clientFor: () => iam, sets: null }) }
}

/** `userAgent` of the records. The SDK replaces what a user agent must not contain. */
const agentOf = (id: string, reason: string): [string, string][] => [
  ['rolemedic-revert', id],
  ['reason', reason],
]
