/** Permission sets with a client of their own, in a module of its own: few changes go there. */
import { SSOAdminClient } from '@aws-sdk/client-sso-admin'
import { LONG_TIMEOUTS } from '../aws/client-timeouts.ts'
import { type PermissionSets, permissionSets } from '../aws/iam-writer/permission-sets.ts'
import { type WriterRoleOptions, writerCredentials } from '../aws/iam-writer/writer-role.ts'

export function identityCenter(
  accountId: string,
  region: string,
  role: WriterRoleOptions,
  sleep: (ms: number) => Promise<void>,
): PermissionSets {
  const client = new SSOAdminClient({ region, credentials: writerCredentials(accountId, role), ...LONG_TIMEOUTS })
  return permissionSets({ client, sleep })
}
