/** AWS, with the credentials that the AWS CLI would use. */

import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { UsageError } from '../../core/base/index.ts'
import { LONG_TIMEOUTS } from '../../functions/adapters/aws/clients/index.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { requireCredentials, requireProfile } from './aws-credentials.ts'
import { configuredRegion } from './live-access.ts'

/** Null: as the AWS CLI would take them from the environment and the configuration. */
export type HubPlace = { readonly profile: string | null; readonly region: string | null }

/** What every client of the SDK takes. Throws UsageError without credentials or a Region. */
export async function cliAccess({ profile: name, region: asked }: HubPlace, { env }: Pick<UseCaseWorld, 'env'>) {
  requireProfile(name, env)
  const profile = name === null ? {} : { profile: name }
  const region = asked ?? (await requiredRegion(profile))
  const access = { region, credentials: fromNodeProviderChain(profile), ...LONG_TIMEOUTS }
  await requireCredentials(access.credentials)
  return access
}

/** Throws UsageError where neither the environment nor the profile has one. */
export async function requiredRegion(profile: { readonly profile?: string } = {}): Promise<string> {
  const region = await configuredRegion(profile)
  if (region !== null) return region
  throw new UsageError('no Region: set AWS_REGION to that of the hub, or give --region where the command takes it')
}
