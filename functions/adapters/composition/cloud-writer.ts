/** Writes through the writer role of each account: only `apply` may assume it. */
import type { PolicyWriter } from '../../ports/policy-writer.ts'
import { iamWriter } from '../aws/iam-writer/iam-writer.ts'
import type { PermissionSets } from '../aws/iam-writer/permission-sets.ts'
import { type WriterRoleOptions, writerClients } from '../aws/iam-writer/writer-role.ts'
import { environment } from './environment.ts'
import { lazyImport } from './lazy-import.ts'

export function cloudWriter(env: NodeJS.ProcessEnv, sleep: (ms: number) => Promise<void>): PolicyWriter {
  const names = environment(env, ['WRITER_ROLE_NAME', 'WRITER_EXTERNAL_ID', 'AWS_REGION'])
  const role = { roleName: names.WRITER_ROLE_NAME, externalId: names.WRITER_EXTERNAL_ID, region: names.AWS_REGION }
  // Identity Center is changed in the account that administers it; without one, permission sets are guidance only.
  const accountId = env['IDENTITY_CENTER_ACCOUNT']
  const region = env['IDENTITY_CENTER_REGION'] || names.AWS_REGION
  return iamWriter({
    iam: writerClients(role),
    permissionSets: accountId ? lazyPermissionSets(accountId, region, role, sleep) : null,
  })
}

function lazyPermissionSets(
  accountId: string,
  region: string,
  role: WriterRoleOptions,
  sleep: (ms: number) => Promise<void>,
): PermissionSets {
  const sets = lazyImport(async () =>
    (await import('./identity-center.ts')).identityCenter(accountId, region, role, sleep),
  )
  return {
    read: async target => (await sets()).read(target),
    write: async (target, document) => (await sets()).write(target, document),
  }
}
