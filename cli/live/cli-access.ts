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
  const region = asked ?? (await configuredRegion(profile))
  if (region === null) throw new UsageError('no Region: --region R is that of the hub')
  const access = { region, credentials: fromNodeProviderChain(profile), ...LONG_TIMEOUTS }
  await requireCredentials(access.credentials)
  return access
}
