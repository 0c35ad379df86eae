/** `--live`: reads the account of the local AWS credentials, counts requests and shows progress. */

import { setTimeout as sleep } from 'node:timers/promises'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { type Fact, unknown } from '../../core/base/index.ts'
import { awsExplanations } from '../../functions/adapters/aws/authorization-details/index.ts'
import { liveReader, type Meter, meter } from '../../functions/adapters/aws/iam/index.ts'
import { organizationReader } from '../../functions/adapters/aws/organizations/index.ts'
import type { AccessReader, AwsExplanations } from '../../functions/ports/index.ts'
import type { HistorySource } from '../use-cases/trail/asked-history.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { requireCredentials, requireProfile } from './aws-credentials.ts'
import { liveHistory } from './live-history.ts'
import { localAccess } from './local-access.ts'

/** The requests of one diagnosis. */
export type LiveStats = { readonly calls: number; readonly depth: number; readonly ms: number }

export type LiveAccount = {
  readonly reader: AccessReader
  readonly explanations: AwsExplanations
  readonly history: HistorySource
  takeStats(): LiveStats
}

export async function readAccountLive(
  options: { readonly profile: string | null; readonly region: string | null; readonly homeRegion: string | null },
  { env, nowMs, progress }: Pick<UseCaseWorld, 'env' | 'nowMs' | 'progress'>,
): Promise<LiveAccount> {
  requireProfile(options.profile, env)
  const profile = options.profile === null ? {} : { profile: options.profile }
  const region = options.region ?? (await configuredRegion(profile)) ?? validRegion(options.homeRegion) ?? 'us-east-1'
  const calls = meter(({ calls, depth }) => progress(`reading AWS: request ${calls}, round trip ${depth}`))
  const access = localAccess({ ...profile, region })
  await requireCredentials(access.credentials)
  const organizations = organizationReader({
    client: new OrganizationsClient({ region, credentials: access.credentials, retryMode: 'adaptive' }),
    clock: nowMs,
    ownAccountId: ask => access.accountId(ask),
  })
  let sinceMs = nowMs()
  return {
    reader: liveReader({ access: () => access, organizations, clock: nowMs, meter: calls }),
    history: liveHistory(access, calls.ask),
    explanations: counted(awsExplanations({ access: () => access, details: { sleep: shortSleep } }), calls),
    takeStats() {
      progress(null)
      const stats = { ...calls.take(), ms: nowMs() - sinceMs }
      sinceMs = nowMs()
      return stats
    },
  }
}

/** The Region of the environment or the profile. Null: neither has one. */
export async function configuredRegion(profile: { readonly profile?: string }): Promise<string | null> {
  try {
    return await new OrganizationsClient(profile).config.region()
  } catch {
    return null
  }
}

/** The Region comes from an event, which is untrusted, and becomes part of a host name. */
function validRegion(region: string | null): string | null {
  return region !== null && /^[a-z]{2,4}(-[a-z]{2,12}){1,3}-\d$/.test(region) ? region : null
}

/** A user waits for the answer, and AWS recorded most of the denials long ago. */
const shortSleep = (ms: number) => sleep(Math.min(ms, 1_000))

function counted(aws: AwsExplanations, { ask }: Meter): AwsExplanations {
  const count = async <T>(operation: string, send: () => Promise<Fact<T>>): Promise<Fact<T>> => {
    const answer = await ask(1, operation, send)
    return answer.kind === 'found' ? answer.value : unknown(`${operation} returned nothing`)
  }
  return {
    decode: (accountId, blob) => count('sts:DecodeAuthorizationMessage', () => aws.decode(accountId, blob)),
    authorizationDetails: (accountId, region, id) =>
      count('iam:GetRequestAuthorizationDetails', () => aws.authorizationDetails(accountId, region, id)),
  }
}
