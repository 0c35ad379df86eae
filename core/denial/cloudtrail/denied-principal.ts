import { accountIdIn, parseArn, parseEntityArn, parseSessionArn, roleArn } from '../../iam/index.ts'
import type { Principal, PrincipalKind } from '../denial.ts'
import type { UserIdentity } from './cloudtrail-record.ts'

/** The denied principal, from CloudTrail's `userIdentity` or from the subject of AWS's message. */
export const UNKNOWN_PRINCIPAL: Principal = {
  kind: 'unknown',
  arn: null,
  roleArn: null,
  pathKnown: false,
  accountId: null,
  name: null,
  sessionName: null,
  uniqueId: null,
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export function deniedPrincipal(identity: UserIdentity): Principal {
  const named = identity.arn === null ? UNKNOWN_PRINCIPAL : principalNamed(identity.arn)
  const base: Principal = {
    ...named,
    accountId: named.accountId ?? accountIdIn(identity.accountId),
    name: named.name ?? identity.userName,
    uniqueId: identity.principalId,
    ...(isSessionKey(identity.accessKeyId) ? { sessionKey: identity.accessKeyId } : {}),
  }
  switch (identity.type) {
    case 'AssumedRole':
      return withIssuer(base, identity)
    case 'Root':
      return { ...base, kind: 'root' }
    case 'FederatedUser':
      return { ...base, kind: 'federated-user' }
    case 'WebIdentityUser':
      return { ...base, kind: 'web-identity' }
    case 'SAMLUser':
      return { ...base, kind: 'saml' }
    case 'AWSService':
      return { ...base, kind: 'service', name: identity.invokedBy ?? base.name }
    default:
      return base
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const isSessionKey = (key: string | null): key is string => key !== null && /^ASIA[A-Z0-9]{12,124}$/.test(key)

/** Whom the record of a denied call named. */
export function identityOf({ kind, arn, uniqueId, accountId, name, roleArn, sessionKey }: Principal): UserIdentity {
  const issuer = { type: 'Role', arn: roleArn, accountId, userName: name, principalId: null }
  const session = { sourceIdentity: null, ec2RoleDelivery: null, assumedRoot: null }
  return {
    ...{ type: TYPES[kind], principalId: uniqueId, arn, accountId, userName: name, accessKeyId: sessionKey ?? null },
    ...{ identityProvider: null, invokedBy: null },
    sessionContext:
      roleArn === null ? null : { ...session, sessionIssuer: issuer, attributes: null, webIdFederationData: null },
  }
}

const TYPES: { readonly [kind in PrincipalKind]: string } = {
  ...{ user: 'IAMUser', role: 'AssumedRole', 'sso-role': 'AssumedRole', 'service-linked-role': 'AssumedRole' },
  ...{ root: 'Root', 'federated-user': 'FederatedUser', 'web-identity': 'WebIdentityUser', saml: 'SAMLUser' },
  ...{ service: 'AWSService', unknown: 'Unknown' },
}

/** Adds the issuer's ARN, which has the role's path, unlike the session ARN. */
function withIssuer(session: Principal, identity: UserIdentity): Principal {
  const issuer = identity.sessionContext?.sessionIssuer ?? null
  const role = issuer?.type === 'Role' && issuer.arn !== null ? parseEntityArn(issuer.arn) : null
  if (role?.kind !== 'role') return session
  const sessionName = session.sessionName ?? identity.principalId?.split(':')[1] ?? null
  const kind = roleKind(role.name, role.path)
  return {
    ...session,
    kind,
    roleArn: role.text,
    pathKnown: true,
    accountId: role.accountId,
    name: role.name,
    sessionName,
  }
}

/** `subject`: an ARN, a service or a placeholder. */
export function principalNamed(subject: string): Principal {
  const entity = parseEntityArn(subject)
  if (entity !== null) {
    const { name, accountId } = entity
    if (entity.kind === 'user')
      return { ...UNKNOWN_PRINCIPAL, kind: 'user', arn: subject, accountId: accountIdIn(accountId), name }
    const kind = roleKind(name, entity.path)
    return {
      ...UNKNOWN_PRINCIPAL,
      kind,
      arn: subject,
      roleArn: subject,
      pathKnown: true,
      accountId: accountIdIn(accountId),
      name,
    }
  }
  const session = parseSessionArn(subject)
  if (session !== null) {
    const accountId = accountIdIn(session.accountId)
    const { roleName: name, sessionName } = session
    // Without the issuer the path is unknown, so this ARN is correct only for a role without a path.
    const role = accountId === null ? null : roleArn(session.partition, accountId, name)
    return {
      ...UNKNOWN_PRINCIPAL,
      kind: roleKind(name, '/'),
      arn: subject,
      roleArn: role,
      accountId,
      name,
      sessionName,
    }
  }
  return subject.startsWith('arn:') ? otherArn(subject) : namedWithoutArn(subject)
}

function otherArn(subject: string): Principal {
  const arn = parseArn(subject)
  const accountId = accountIdIn(arn?.accountId ?? null)
  const resource = subject.split(':').slice(5).join(':')
  const [type = '', first = null, ...others] = resource.split('/')
  // A session is behind the name of its role; the name of an entity is behind its path.
  const name = type === 'user' || type === 'role' ? others.at(-1) || first : first
  const kinds: { readonly [type: string]: PrincipalKind } = {
    root: 'root',
    'federated-user': 'federated-user',
    user: 'user',
  }
  const kind =
    type === 'assumed-role' && name !== null ? roleKind(name, '/') : Object.hasOwn(kinds, type) ? kinds[type] : null
  return { ...UNKNOWN_PRINCIPAL, kind: kind ?? 'unknown', arn: subject, accountId, name }
}

function namedWithoutArn(subject: string): Principal {
  const isMasked = /^X{3,40}$/.test(subject)
  const service = /^[A-Z][A-Za-z0-9 ]{2,40}$|\.amazonaws\.com(?:\.cn)?$/.test(subject)
  return { ...UNKNOWN_PRINCIPAL, kind: service && !isMasked ? 'service' : 'unknown', name: subject }
}

function roleKind(name: string, path: string): PrincipalKind {
  if (path.startsWith('/aws-reserved/sso.amazonaws.com/') || name.startsWith('AWSReservedSSO_')) return 'sso-role'
  if (path.startsWith('/aws-service-role/') || name.startsWith('AWSServiceRoleFor')) return 'service-linked-role'
  return 'role'
}
