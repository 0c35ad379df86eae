/** Writes policies through the writer role of each account, which only `apply` may assume. */
import type { WriterSession } from '../../domain/authority/index.ts'
import type { PolicyWriters } from '../../ports/writing/policy-writer.ts'
import { iamWriter } from '../aws/iam-writer/iam-writer.ts'
import type { PermissionSets } from '../aws/iam-writer/permission-sets.ts'
import { writerClients, writerCredentials } from '../aws/iam-writer/writer-role.ts'
import { environment } from './environment.ts'
import { lazyPort } from './lazy-import.ts'

export function cloudWriter(env: NodeJS.ProcessEnv, sleep: (ms: number) => Promise<void>): PolicyWriters {
  const names = environment(env, ['WRITER_ROLE_NAME', 'WRITER_EXTERNAL_ID', 'AWS_REGION'])
  const role = { roleName: names.WRITER_ROLE_NAME, externalId: names.WRITER_EXTERNAL_ID, region: names.AWS_REGION }
  // Permission sets are written in the account that administers Identity Center. Without such an account, the card only shows what to do.
  const accountId = env['IDENTITY_CENTER_ACCOUNT']
  const region = env['IDENTITY_CENTER_REGION'] || names.AWS_REGION
  const permissionSets = (account: string, session: WriterSession) =>
    lazyPort<PermissionSets>(
      async () => {
        const { identityCenter } = await import('../aws/iam-writer/permission-sets.ts')
        return identityCenter({
          region,
          sleep,
          credentialsFor: policy => writerCredentials(account, policy, session, role),
        })
      },
      { read: true, write: true },
    )
  return session =>
    iamWriter({
      iam: writerClients(session, role),
      permissionSets: accountId ? permissionSets(accountId, session) : null,
    })
}
