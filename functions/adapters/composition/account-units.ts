import { setTimeout as delay } from 'node:timers/promises'
import { unknown } from '../../../core/base/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import { lazyImport } from './lazy-import.ts'

/** Calls Organizations only if the configuration names units. */
export function cloudUnits(env: NodeJS.ProcessEnv): AccountUnits {
  const units = lazyImport(async () => {
    const [{ OrganizationsClient }, { organizationUnits }, { DEFAULT_TIMEOUTS }] = await Promise.all([
      import('@aws-sdk/client-organizations'),
      import('../aws/organizations/account-units.ts'),
      import('../aws/clients/client-timeouts.ts'),
    ])
    const region = env['AWS_REGION']
    const client = new OrganizationsClient({ ...(region === undefined ? {} : { region }), ...DEFAULT_TIMEOUTS })
    return organizationUnits(client, Date.now)
  })
  return async accountId => (await units())(accountId)
}

/**
 * For `decide`, which must answer Slack within 3 s. If Organizations does not answer in time, the units are unknown and the
 * lowest mode applies.
 */
export function unitsWithin(units: AccountUnits, ms: number): AccountUnits {
  return async accountId => {
    const timer = new AbortController()
    const timeUp = delay(ms, unknown(`Organizations did not answer within ${ms} ms`), { signal: timer.signal })
    try {
      return await Promise.race([units(accountId), timeUp])
    } finally {
      timer.abort()
      timeUp.catch(() => {})
    }
  }
}
