/** Changes IAM with the credentials that the AWS CLI would use. CloudTrail's records of it name the proposal and the reason. */

import { IAMClient } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { LONG_TIMEOUTS } from '../../functions/adapters/aws/clients/index.ts'
import { policiesIn } from '../../functions/write/index.ts'
import type { IamOperator } from '../use-cases/operate/revert-grant.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { requireCredentials, requireProfile } from './aws-credentials.ts'
import { configuredRegion } from './live-access.ts'

export type RevertAs = { readonly id: string; readonly reason: string; readonly profile: string | null }

/** Throws UsageError without credentials. */
export async function liveOperator(
  { id, reason, profile: name }: RevertAs,
  { env }: Pick<UseCaseWorld, 'env'>,
): Promise<IamOperator> {
  requireProfile(name, env)
  const profile = name === null ? {} : { profile: name }
  const region = (await configuredRegion(profile)) ?? 'us-east-1'
  const shared = { region, credentials: fromNodeProviderChain(profile), ...LONG_TIMEOUTS }
  await requireCredentials(shared.credentials)
  const { Account = '' } = await new STSClient(shared).send(new GetCallerIdentityCommand({}))
  const iam = new IAMClient({ ...shared, customUserAgent: agentOf(id, reason) })
  return { accountId: Account, writer: policiesIn({ clientFor: () => iam, sets: null }) }
}

/** `userAgent` of the records. The SDK replaces what a user agent must not contain. */
const agentOf = (id: string, reason: string): [string, string][] => [
  ['rolemedic-revert', id],
  ['reason', reason],
]
