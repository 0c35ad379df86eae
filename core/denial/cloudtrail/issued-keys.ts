/**
 * Which call of STS issued an access key, and to whom. CloudTrail's event history finds the record by the key as ResourceName.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
import { parseTime } from '../../base/index.ts'
import { type CloudTrailRecord, readCloudTrailRecord, type UserIdentity } from './cloudtrail-record.ts'

/** What AWS sets in the record of a call that issued an access key. */
export type IssuedKey = {
  /** Of the record. */
  readonly id: string
  /** The id of the record whose place it takes. Null: none. */
  readonly corrects: string | null
  readonly key: string
  readonly atMs: number
  readonly of: SessionKind
  /** The session that the key is of. Null: a user's own, of `GetSessionToken`, or the root user's. */
  readonly session: { readonly arn: string; readonly id: string | null } | null
  /** Both records of a call across accounts share it. */
  readonly sharedId: string | null
  /** The account and Region of the record. */
  readonly accountId: string | null
  readonly by: UserIdentity
  readonly texts: Pick<CloudTrailRecord, 'userAgent' | 'sourceIPAddress'>
  /** The ARN of the SAML provider. Null: it was no sign-in with SAML. */
  readonly provider: string | null
}

/** Whose session the key is of: of a role, a federated user, a user of its own account, or the root user. */
export type SessionKind = 'role' | 'federated' | 'user' | 'root'

const ISSUING: { readonly [eventName: string]: SessionKind } = {
  ...{ AssumeRole: 'role', AssumeRoleWithSAML: 'role', AssumeRoleWithWebIdentity: 'role' },
  ...{ AssumeRoot: 'root', GetFederationToken: 'federated', GetSessionToken: 'user' },
}

/** The issued keys of a trail, by key. */
export type IssuedKeys = ReadonlyMap<string, readonly IssuedKey[]>

export const issuesKeys = (eventSource: string, eventName: string): boolean =>
  eventSource === 'sts.amazonaws.com' && Object.hasOwn(ISSUING, eventName)

/** Null: the record issued none, or leaves out whom or when. */
export function issuedKeyIn(value: unknown): IssuedKey | null {
  const record = readCloudTrailRecord(value)
  if (record === null || !issuesKeys(record.eventSource, record.eventName)) return null
  const of = ISSUING[record.eventName]
  const { eventID: id, userIdentity: by, recipientAccountId, userAgent, sourceIPAddress } = record
  const response = membersOf(membersOf(value)['responseElements'])
  const key = textIn(membersOf(response['credentials'])['accessKeyId'])
  const atMs = parseTime(record.eventTime)
  if (record.errorCode !== null || id === null || by === null || key === null || atMs === null || of === undefined)
    return null
  const session = sessionIn(membersOf(response['assumedRoleUser']), membersOf(response['federatedUser']))
  return {
    ...{ id, corrects: record.corrects, key, atMs, of, session, by, texts: { userAgent, sourceIPAddress } },
    sharedId: textIn(membersOf(value)['sharedEventID']),
    accountId: recipientAccountId ?? by.accountId,
    provider: textIn(record.requestParameters?.['principalArn']),
  }
}

function sessionIn(role: Members, federated: Members): IssuedKey['session'] {
  const arn = textIn(role['arn']) ?? textIn(federated['arn'])
  return arn === null ? null : { arn, id: textIn(role['assumedRoleId']) ?? textIn(federated['federatedUserId']) }
}

/** Of a session, which lasts 36 hours at most. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export const LONGEST_SESSION_MS = 36 * 3_600_000

type Members = { readonly [name: string]: unknown }
const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {})
const MAX_CHARS = 2_048
const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= MAX_CHARS ? value : null
