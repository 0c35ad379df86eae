/** `--live`: the account of the ordinary AWS credentials, with every request counted and told. */
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { ordinaryAccess } from '../functions/adapters/account-access.ts'
import { liveReader } from '../functions/adapters/iam-reader.ts'
import { organizationReader } from '../functions/adapters/organizations.ts'
import { meter } from '../functions/adapters/read-calls.ts'
import type { AccessReader } from '../functions/core/ports.ts'
import type { LiveStats } from './diagnosis-output.ts'
import type { Io } from './io.ts'

export async function readAccountLive(
  options: { readonly profile: string | null; readonly region: string | null; readonly homeRegion: string | null },
  io: Io,
): Promise<{ readonly reader: AccessReader; takeStats(): LiveStats }> {
  const profile = options.profile === null ? {} : { profile: options.profile }
  const region = options.region ?? (await configuredRegion(profile)) ?? plausible(options.homeRegion) ?? 'us-east-1'
  const calls = meter(({ calls, depth }) => io.progress(`reading IAM: request ${calls}, round trip ${depth}`))
  const access = ordinaryAccess({ ...profile, region })
  const organizations = organizationReader({
    client: new OrganizationsClient({ region, credentials: access.credentials, retryMode: 'adaptive' }),
    clock: io.nowMs,
    ownAccountId: ask => access.accountId(ask),
  })
  let sinceMs = io.nowMs()
  return {
    reader: liveReader({ access: () => access, organizations, meter: calls }),
    takeStats() {
      io.progress(null)
      const stats = { ...calls.take(), ms: io.nowMs() - sinceMs }
      sinceMs = io.nowMs()
      return stats
    },
  }
}

/** The Region of the environment or the profile; null where neither names one. */
async function configuredRegion(profile: { readonly profile?: string }): Promise<string | null> {
  try {
    return await new OrganizationsClient(profile).config.region()
  } catch {
    return null
  }
}

/** The Region comes from an event, and becomes part of a host name. */
function plausible(region: string | null): string | null {
  return region !== null && /^[a-z]{2,4}(-[a-z]{2,12}){1,3}-\d$/.test(region) ? region : null
}
