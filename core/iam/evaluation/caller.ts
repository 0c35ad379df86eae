/** The caller of a request, from the request and the snapshot. */

import { perText, type Read, unreadable } from '../../base/index.ts'
import { parseArn, parseEntityArn, parseSessionArn } from '../arn.ts'
import type { AccessSnapshot, Identity } from './access-snapshot.ts'
import type { AccessRequest, Authorization } from './evaluation.ts'

export type CallerKind = 'user' | 'role' | 'root' | 'federated-user' | 'federated' | 'service' | 'unknown'

export type Caller = {
  /** `federated`: a web identity or a SAML assertion, without an AWS account. */
  readonly kind: CallerKind
  /** The principal as the request names it: ARN of the user, session or provider, provider host, or service principal. */
  readonly arn: string
  readonly partition: string | null
  readonly accountId: string | null
  /** User or role name. */
  readonly name: string | null
  /** The role behind a session, with its path; null when the path is unknown. */
  readonly roleArn: string | null
  /** `AROA…` or `AIDA…`, without the session name. */
  readonly uniqueId: string | null
  /** The snapshot's entity if it is this caller. */
  readonly identity: Read<Identity>
}

/** Providers that a trust policy names by host, without a provider resource in the account. */
export const WELL_KNOWN_PROVIDERS: readonly string[] = [
  'accounts.google.com',
  'cognito-identity.amazonaws.com',
  'cognito-identity-us-gov.amazonaws.com',
  'graph.facebook.com',
  'www.amazon.com',
]

/**
 * The name of a service or a provider without what differs by Region and partition: `states.eu-west-1.amazonaws.com`,
 * `ec2.amazonaws.com.cn`. Where a service has several, AWS does not publish which one it uses.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.ServicePrincipalOpts.html
 * https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html
 */
export const globalServiceName = (name: string): string =>
  name.startsWith('arn:') ? name : name.replace(LAST_LABELS, '.amazonaws.com')

/** Null: the name is that of all Regions. */
export const regionOfService = (name: string): string | null => LAST_LABELS.exec(name)?.[1] ?? null

const LAST_LABELS = /(?:-us-gov|\.([a-z]{2,4}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/

const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/

export function resolveCaller(authorization: Authorization, request: AccessRequest, snapshot: AccessSnapshot): Caller {
  const named = namedBy(authorization, request)
  const identity = identityOf(named, snapshot)
  const entity = identity.kind === 'found' ? identity.value : null
  const userId = request.context['aws:userid']
  const idInRequest = userId?.state === 'present' ? (userId.values[0]?.split(':')[0] ?? null) : null
  const roleArn = named.kind === 'role' ? (entity?.arn ?? named.roleArn) : null
  const { kind, arn, partition, accountId, name } = named
  const uniqueId = idInRequest ?? entity?.uniqueId ?? null
  return { kind, arn, partition, accountId, name, roleArn, uniqueId, identity }
}

type Named = Omit<Caller, 'uniqueId' | 'identity'>

function namedBy({ sides }: Authorization, request: AccessRequest): Named {
  const text = request.principalArn
  if (sides === 'trust') return { ...nobody(text), kind: 'federated' }
  const named = principalNamed(text)
  return named.kind === 'role' && named.roleArn === null ? { ...named, roleArn: request.roleArn } : named
}

const nobody = (arn: string): Named => ({
  kind: 'unknown',
  arn,
  partition: null,
  accountId: null,
  name: null,
  roleArn: null,
})

/** Of a session, the role is not known. */
const principalNamed = perText((text): Named => {
  const unnamed = nobody(text)
  if (WELL_KNOWN_PROVIDERS.includes(text)) return { ...unnamed, kind: 'federated' }
  if (SERVICE.test(text)) return { ...unnamed, kind: 'service' }
  const arn = parseArn(text)
  if (arn === null) return unnamed
  const home = { ...unnamed, partition: arn.partition, accountId: arn.accountId === '' ? null : arn.accountId }
  const session = parseSessionArn(text)
  if (session !== null) return { ...home, kind: 'role', name: session.roleName }
  const entity = parseEntityArn(text)
  if (entity?.kind === 'user') return { ...home, kind: 'user', name: entity.name }
  if (entity?.kind === 'role') return { ...home, kind: 'role', name: entity.name, roleArn: text }
  if (arn.service === 'iam' && arn.resource === 'root') return { ...home, kind: 'root' }
  if (arn.service === 'sts' && arn.resource.startsWith('federated-user/')) return { ...home, kind: 'federated-user' }
  if (/^(oidc|saml)-provider\//.test(arn.resource)) return { ...unnamed, kind: 'federated' }
  return home
})

function identityOf(named: Named, snapshot: AccessSnapshot): Read<Identity> {
  const { caller } = snapshot
  if (named.kind === 'unknown') return caller.kind === 'unreadable' ? caller : unreadable('the caller is unknown')
  if (caller.kind !== 'found' || named.kind === 'federated-user') return caller
  const { accountId, kind, name } = caller.value
  const isSameName = name === named.name || name.toLowerCase() === (named.name ?? '').toLowerCase()
  const same = kind === named.kind && accountId === named.accountId && isSameName
  return same ? caller : unreadable(`the policies of ${named.arn} were not read`)
}
