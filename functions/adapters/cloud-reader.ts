/** Reads every account through its reader role: what `propose` and `apply` examine a denial with. */
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { AccessReader, AwsExplanations } from '../core/ports.ts'
import { assumedAccess } from './account-access.ts'
import { awsExplanations } from './aws-explanations.ts'
import { environment } from './environment.ts'
import { liveReader } from './iam-reader.ts'
import { organizationReader } from './organizations.ts'

export function cloudReader(env: NodeJS.ProcessEnv): {
  readonly reader: AccessReader
  readonly explanations: AwsExplanations
} {
  const { READER_ROLE_NAME: roleName, AWS_REGION: region } = environment(env, ['READER_ROLE_NAME', 'AWS_REGION'])
  const access = assumedAccess({ roleName, region })
  const organizations = organizationReader({
    client: new OrganizationsClient({ region, retryMode: 'adaptive' }),
    clock: Date.now,
    // The bot's own account is in the organization, or there is none.
    ownAccountId: async () => null,
  })
  return { reader: liveReader({ access, organizations }), explanations: awsExplanations({ access }) }
}
