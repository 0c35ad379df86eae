/** Sessions of the writer role. Each serves one approved change, one entity and one purpose, and is never reused for another. */

import { IAMClient } from '@aws-sdk/client-iam'
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { partitionOfRegion, roleArn } from '../../../../core/iam/index.ts'
import type { Target } from '../../../../core/patch/index.ts'
import type { WriterSession } from '../../../domain/authority/index.ts'
import { LONG_TIMEOUTS } from '../clients/client-timeouts.ts'

export type WriterRoleOptions = {
  readonly roleName: string
  readonly externalId: string
  readonly region: string
}

/** STS's minimum. */
const SESSION_SECONDS = 900

/** `policy`: the subset of the role's permissions that the session has. */
export function sessionRequest(accountId: string, policy: string, session: WriterSession, options: WriterRoleOptions) {
  const { roleName, externalId, region } = options
  return {
    RoleArn: roleArn(partitionOfRegion(region), accountId, roleName),
    RoleSessionName: 'rolemedic-writer',
    ExternalId: externalId,
    DurationSeconds: SESSION_SECONDS,
    SourceIdentity: session.sourceIdentity,
    Tags: Object.entries(session.tags).map(([Key, Value]) => ({ Key, Value })),
    Policy: policy,
  }
}

export function writerCredentials(
  accountId: string,
  policy: string,
  session: WriterSession,
  options: WriterRoleOptions,
) {
  return fromTemporaryCredentials({
    params: sessionRequest(accountId, policy, session, options),
    clientConfig: { region: options.region, ...LONG_TIMEOUTS },
  })
}

/** The clients of one change, with one session per policy. */
export function writerClients(
  session: WriterSession,
  options: WriterRoleOptions,
): (target: Pick<Target, 'accountId'>, policy: string) => IAMClient {
  const clients = new Map<string, IAMClient>()
  return ({ accountId }, policy) => {
    const key = `${accountId} ${policy}`
    const present = clients.get(key)
    if (present !== undefined) return present
    const credentials = writerCredentials(accountId, policy, session, options)
    const client = new IAMClient({ region: options.region, credentials, ...LONG_TIMEOUTS })
    clients.set(key, client)
    return client
  }
}
