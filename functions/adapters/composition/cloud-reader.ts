/** Reads every account through its reader role: what `propose` and `apply` examine a denial with. */
import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { Config } from '../../domain/config/config.ts'
import type { AccessReader } from '../../ports/access-reader.ts'
import type { SecondOpinion } from '../../ports/second-opinion.ts'
import { DEFAULT_TIMEOUTS, LONG_TIMEOUTS } from '../aws/client-timeouts.ts'
import { type AccountAccess, assumedAccess } from '../aws/iam/account-access.ts'
import { liveReader } from '../aws/iam/iam-reader.ts'
import { secondOpinion } from '../aws/iam/second-opinion.ts'
import { organizationReader } from '../aws/organizations/organizations.ts'
import { environment } from './environment.ts'

export type CloudReader = {
  readonly access: (accountId: string) => AccountAccess
  readonly reader: AccessReader
  readonly secondOpinion: SecondOpinion
}

export function cloudReader(env: NodeJS.ProcessEnv, config: Config): CloudReader {
  const names = environment(env, ['READER_ROLE_NAME', 'AWS_REGION', 'BOT_ACCOUNT_ID'])
  const { READER_ROLE_NAME: roleName, AWS_REGION: region } = names
  const access = assumedAccess({ roleName, region })
  const organizations = organizationReader({
    client: new OrganizationsClient({ region, ...LONG_TIMEOUTS }),
    clock: Date.now,
    ownAccountId: async () => names.BOT_ACCOUNT_ID,
  })
  // Access Analyzer judges the documents that it is given: the bot's own account will do.
  const accessAnalyzer = new AccessAnalyzerClient({ region, ...DEFAULT_TIMEOUTS })
  const iam = (accountId: string) => access(accountId).iam
  return {
    access,
    reader: liveReader({ access, organizations, clock: Date.now }),
    secondOpinion: secondOpinion({ config, accessAnalyzer, iam }),
  }
}
