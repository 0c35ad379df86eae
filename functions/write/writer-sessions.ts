/** Sessions of the writer role: each for one approved change, one entity and one purpose, and none is used again for another. */
import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam'
import { SSOAdminClient } from '@aws-sdk/client-sso-admin'
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { RolemedicError } from '../../core/base/fault.ts'
import type { WriterSession } from '../domain/authority/writer-session.ts'
import type { WriterRole } from './environment.ts'
import type { IamDeps, SessionRule } from './iam.ts'
import { setPolicies } from './permission-sets.ts'

/** `timeouts`: and retries, of its clients. */
type Settings = { readonly timeouts: Pick<IAMClientConfig, 'retryMode' | 'maxAttempts' | 'requestHandler'> }

/** STS's minimum. */
const SESSION_SECONDS = 900
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const MAX_SESSION_POLICY = 2_048

export function writerSessions(role: WriterRole & Settings, sleep: (ms: number) => Promise<void>) {
  return (session: WriterSession): IamDeps => {
    const configOf = (accountId: string, region: string, rules: readonly SessionRule[]) => {
      const clientConfig = { region: role.region, ...role.timeouts }
      const params = sessionParams(accountId, rules, session, role)
      return { region, credentials: fromTemporaryCredentials({ params, clientConfig }), ...role.timeouts }
    }
    /** One client for each account and session policy of the change. */
    const clients = new Map<string, IAMClient>()
    const { identityCenter: center } = role
    return {
      clientFor(accountId, rules) {
        const key = JSON.stringify([accountId, rules])
        const client = clients.get(key) ?? new IAMClient(configOf(accountId, role.region, rules))
        client.middlewareStack.add(next => args => next(args).catch(asIamNamesIt), BELOW_RETRIES)
        clients.set(key, client)
        return client
      },
      sets: center && setPolicies(rules => new SSOAdminClient(configOf(center.accountId, center.region, rules)), sleep),
    }
  }
}

const BELOW_RETRIES = { step: 'finalizeRequest', priority: 'low', name: 'quotas', override: true } as const
/** The SDK gives a quota of IAM another name, which is in its list of throttling errors, and would ask again and again. */
const asIamNamesIt = (error: Error) =>
  Promise.reject(Object.assign(error, { name: error.name.replace(/^LimitExceededException$/, 'LimitExceeded') }))

type Entered = Pick<WriterRole, 'partition' | 'roleName' | 'externalId'>
export function sessionParams(accountId: string, rules: readonly SessionRule[], session: WriterSession, role: Entered) {
  return {
    RoleArn: `arn:${role.partition}:iam::${accountId}:role/${role.roleName}`,
    RoleSessionName: 'rolemedic-writer',
    ExternalId: role.externalId,
    DurationSeconds: SESSION_SECONDS,
    SourceIdentity: session.sourceIdentity,
    Tags: Object.entries(session.tags).map(([Key, Value]) => ({ Key, Value })),
    Policy: sessionPolicyOf(rules),
  }
}

/** What of the role's permissions the session has. */
export function sessionPolicyOf(rules: readonly SessionRule[]): string {
  const Statement = rules.map(({ calls, resources }) => ({ Effect: 'Allow', Action: calls, Resource: resources }))
  const text = JSON.stringify({ Version: '2012-10-17', Statement })
  if (rules.length === 0 || rules.some(({ calls }) => calls.length === 0) || text.length > MAX_SESSION_POLICY)
    throw new RolemedicError('session-policy', 'a session of the writer role is for no call, or for too many')
  return text
}
