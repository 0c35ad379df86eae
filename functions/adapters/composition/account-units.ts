import type { AccountUnits } from '../../ports/access-reader.ts'
import { lazyImport } from './lazy-import.ts'

/** Asked only where the configuration names units. Short timeouts: `decide` has to answer within 3 s. */
export function cloudUnits(env: NodeJS.ProcessEnv): AccountUnits {
  const units = lazyImport(async () => {
    const [{ OrganizationsClient }, { organizationUnits }, { DEFAULT_TIMEOUTS }] = await Promise.all([
      import('@aws-sdk/client-organizations'),
      import('../aws/organizations/account-units.ts'),
      import('../aws/client-timeouts.ts'),
    ])
    const region = env['AWS_REGION']
    const client = new OrganizationsClient({ ...(region === undefined ? {} : { region }), ...DEFAULT_TIMEOUTS })
    return organizationUnits(client, Date.now)
  })
  return async accountId => (await units())(accountId)
}
