/**
 * The members of a CloudTrail record that matter for a denial. A member of an unexpected type counts as missing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 *
 * Parsed without a schema library, which took a fifth of the time to read a record.
 */
export type CloudTrailRecord = NonNullable<ReturnType<typeof readCloudTrailRecord>>
export type UserIdentity = NonNullable<CloudTrailRecord['userIdentity']>

type Members = { readonly [name: string]: unknown }

const MAX_TEXT_CHARS = 16_384
const MAX_NAME_CHARS = 256

/** Null if the record names no call. */
export function readCloudTrailRecord(value: unknown) {
  const record = members(value)
  if (record === null) return null
  const { eventSource, eventName } = record
  if (!isName(eventSource) || !isName(eventName)) return null
  const { errorMessage, requestParameters, resources, tlsDetails } = record
  return {
    eventID: text(record['eventID']),
    eventTime: text(record['eventTime']),
    eventSource,
    eventName,
    awsRegion: text(record['awsRegion']),
    sourceIPAddress: text(record['sourceIPAddress']),
    userAgent: text(record['userAgent']),
    errorCode: text(record['errorCode']),
    errorMessage: typeof errorMessage === 'string' ? errorMessage : null,
    recipientAccountId: text(record['recipientAccountId']),
    vpcEndpointId: text(record['vpcEndpointId']),
    tlsDetails: object(tlsDetails, ({ tlsVersion }) => ({ tlsVersion: text(tlsVersion) })),
    requestParameters: parametersOf(requestParameters),
    resources: Array.isArray(resources) ? resources.map(resourceOf) : null,
    userIdentity: object(record['userIdentity'], userIdentityOf),
  }
}

/** Drops `__proto__`: copying it by name would set the prototype. No call has a parameter of this name. */
function parametersOf(value: unknown): Members | null {
  const all = members(value)
  if (all === null || !Object.hasOwn(all, '__proto__')) return all
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== '__proto__'))
}

const userIdentityOf = (identity: Members) => ({
  type: text(identity['type']),
  principalId: text(identity['principalId']),
  arn: text(identity['arn']),
  accountId: text(identity['accountId']),
  accessKeyId: text(identity['accessKeyId']),
  userName: text(identity['userName']),
  identityProvider: text(identity['identityProvider']),
  invokedBy: text(identity['invokedBy']),
  sessionContext: object(identity['sessionContext'], sessionContextOf),
})

const sessionContextOf = (session: Members) => ({
  sessionIssuer: object(session['sessionIssuer'], issuer => ({
    type: text(issuer['type']),
    arn: text(issuer['arn']),
    accountId: text(issuer['accountId']),
    userName: text(issuer['userName']),
    principalId: text(issuer['principalId']),
  })),
  attributes: object(session['attributes'], ({ mfaAuthenticated, creationDate }) => ({
    mfaAuthenticated: text(mfaAuthenticated),
    creationDate: text(creationDate),
  })),
  webIdFederationData: object(session['webIdFederationData'], ({ federatedProvider }) => ({
    federatedProvider: text(federatedProvider),
  })),
  sourceIdentity: text(session['sourceIdentity']),
  ec2RoleDelivery: text(session['ec2RoleDelivery']),
  /** `true`: somebody else opened the session. https://docs.aws.amazon.com/IAM/latest/UserGuide/cct-track-privileged-tasks.html */
  assumedRoot: text(session['assumedRoot']),
})

/** An item that is not an object becomes an empty one, so that positions stay the same. */
function resourceOf(value: unknown) {
  const { ARN, type, accountId } = members(value) ?? {}
  return { ARN: text(ARN), type: text(type), accountId: text(accountId) }
}

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= MAX_TEXT_CHARS ? value : null

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME_CHARS

const members = (value: unknown): Members | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null

function object<T>(value: unknown, read: (members: Members) => T): T | null {
  const present = members(value)
  return present === null ? null : read(present)
}
