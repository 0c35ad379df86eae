/** Clients with the writer role of each account: assumed once, and kept while its credentials last. */
import { IAMClient } from '@aws-sdk/client-iam'
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { roleArn } from '../core/arn.ts'
import { partitionOf } from './account-access.ts'

export type WriterRoleOptions = {
  readonly roleName: string
  readonly externalId: string
  readonly region: string
}

const PATIENT = { retryMode: 'adaptive', maxAttempts: 6 } as const

export function writerCredentials(accountId: string, { roleName, externalId, region }: WriterRoleOptions) {
  return fromTemporaryCredentials({
    params: {
      RoleArn: roleArn(partitionOf(region), accountId, roleName),
      RoleSessionName: 'rolemedic-writer',
      ExternalId: externalId,
      DurationSeconds: 900,
    },
    clientConfig: { region, ...PATIENT },
  })
}

export function writerClients(options: WriterRoleOptions): (accountId: string) => IAMClient {
  const clients = new Map<string, IAMClient>()
  return accountId => {
    const present = clients.get(accountId)
    if (present !== undefined) return present
    const credentials = writerCredentials(accountId, options)
    const client = new IAMClient({ region: options.region, credentials, ...PATIENT })
    clients.set(accountId, client)
    return client
  }
}
