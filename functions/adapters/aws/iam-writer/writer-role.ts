/** Clients with the writer role of each account. Each reuses its credentials until they expire. */
import { IAMClient } from '@aws-sdk/client-iam'
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { partitionOfRegion, roleArn } from '../../../domain/iam/arn.ts'
import { LONG_TIMEOUTS } from '../client-timeouts.ts'

export type WriterRoleOptions = {
  readonly roleName: string
  readonly externalId: string
  readonly region: string
}

export function writerCredentials(accountId: string, { roleName, externalId, region }: WriterRoleOptions) {
  return fromTemporaryCredentials({
    params: {
      RoleArn: roleArn(partitionOfRegion(region), accountId, roleName),
      RoleSessionName: 'rolemedic-writer',
      ExternalId: externalId,
      DurationSeconds: 900,
    },
    clientConfig: { region, ...LONG_TIMEOUTS },
  })
}

export function writerClients(options: WriterRoleOptions): (accountId: string) => IAMClient {
  const clients = new Map<string, IAMClient>()
  return accountId => {
    const present = clients.get(accountId)
    if (present !== undefined) return present
    const credentials = writerCredentials(accountId, options)
    const client = new IAMClient({ region: options.region, credentials, ...LONG_TIMEOUTS })
    clients.set(accountId, client)
    return client
  }
}
