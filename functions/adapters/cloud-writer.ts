/** Writes through the writer role of each account: only `apply` may assume it. */
import { SSOAdminClient } from '@aws-sdk/client-sso-admin'
import type { PolicyWriter } from '../core/ports.ts'
import { environment } from './environment.ts'
import { iamWriter } from './iam-writer.ts'
import { permissionSets } from './permission-sets.ts'
import { writerClients, writerCredentials } from './writer-role.ts'

export function cloudWriter(env: NodeJS.ProcessEnv, sleep: (ms: number) => Promise<void>): PolicyWriter {
  const names = environment(env, ['WRITER_ROLE_NAME', 'WRITER_EXTERNAL_ID', 'AWS_REGION'])
  const role = { roleName: names.WRITER_ROLE_NAME, externalId: names.WRITER_EXTERNAL_ID, region: names.AWS_REGION }
  // Identity Center is changed in the account that administers it; without one, permission sets are guidance only.
  const accountId = env['IDENTITY_CENTER_ACCOUNT']
  const region = env['IDENTITY_CENTER_REGION'] || names.AWS_REGION
  return iamWriter({
    iam: writerClients(role),
    permissionSets: accountId
      ? permissionSets({
          client: new SSOAdminClient({ region, credentials: writerCredentials(accountId, role) }),
          sleep,
        })
      : null,
  })
}
