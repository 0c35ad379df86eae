/** What `enroll` keeps beside the log, held against the passkeys that signed writes: whose each was, and since when it is removed. */
import { digestOf, ok, type Result, utc } from '../../../../core/base/index.ts'
import {
  credentialName,
  ENROLLMENT,
  type Enrollment,
  enrolledKey,
  type KeyRing,
  ledgerKey,
  PASSKEY_CONFIRMATION,
  type PasskeyConfirmation,
  REVOCATION,
} from '../../authority/index.ts'
import {
  type AddFinding,
  checkVersions,
  DEPLOYMENT_PART,
  FOREIGN_NAME,
  type LedgerObject,
  signedIn,
  unreadKind,
} from './ledger-object.ts'

/** Beside the folders of `write`. */
export const PASSKEY_PREFIXES = ['enrolled/', 'revoked/'] as const

/** Not checked: who enrolled a passkey, and whether it was removed before a write, is not known. */
export type PasskeyRecordsCheck =
  | { readonly checked: false; readonly why: string }
  /** `removals`: null where it is not known whether there are any. */
  | { readonly checked: true; readonly enrollments: number; readonly removals: number | null }

/** `key`: of its `spent/`, made at `atMs`. */
export type PasskeyOfWrite = { readonly key: string; readonly atMs: number; readonly enrollment: Enrollment }

const MINUTE_MS = 60_000
const ENROLLED = new RegExp(`^enrolled/(${DEPLOYMENT_PART})/[A-Z0-9]{2,64}/[0-9a-f]{32}/([12]|by-[0-9a-f]{32})$`)
const REVOKED = new RegExp(`^revoked/(${DEPLOYMENT_PART})/[0-9a-f]{32}$`)

type PasskeyRecords = {
  /** By the key of its object. */
  readonly enrollments: Map<string, Enrollment>
  readonly confirmations: PasskeyConfirmation[]
  /** When each was removed, by the key of its object. */
  readonly removedMs: Map<string, number>
}

export function checkPasskeyRecords(
  { objects, noRevoked }: { readonly objects: readonly LedgerObject[]; readonly noRevoked: boolean },
  writes: readonly PasskeyOfWrite[],
  keys: KeyRing,
  add: AddFinding,
): PasskeyRecordsCheck {
  if (objects.length > 0 && !keys.some(({ use }) => use === 'enrollments'))
    return { checked: false, why: 'the public keys contain none of enroll: export them again' }
  const records: PasskeyRecords = { enrollments: new Map(), confirmations: [], removedMs: new Map() }
  for (const object of objects) {
    checkVersions(object, add)
    const read = readRecord(object, keys, records)
    if (read === null) add('foreign', object.key, FOREIGN_NAME)
    else if (!read.ok) add(unreadKind(object), object.key, read.error)
  }
  for (const [key, enrollment] of records.enrollments) {
    const unheard = enrollment.confirmedBy.filter(by => !isConfirmed(key, by, enrollment, records))
    if (unheard.length > 0) add('unauthorized', key, `nothing says that ${unheard.join(' and ')} confirmed it before`)
  }
  for (const { key, atMs, enrollment } of writes) {
    const { deploymentId, userId } = enrollment
    const credential = credentialName(enrollment)
    const removedMs = records.removedMs.get(ledgerKey('revoked', deploymentId, credential))
    if (removedMs !== undefined && removedMs < atMs - MINUTE_MS)
      add('unauthorized', key, `the passkey ${credential} of ${userId} had been removed: ${utc(removedMs)}`)
  }
  const { enrollments, removedMs } = records
  if (writes.length > 0 && !objects.some(({ key }) => ENROLLED.test(key)))
    return { checked: false, why: 'there is no enrolled/ beside it' }
  const known = new Set([...enrollments.values()].map(digestOf))
  for (const { key, enrollment } of writes)
    if (!known.has(digestOf(enrollment)))
      add('unauthorized', key, `nothing in enrolled/ says that its passkey is of ${enrollment.userId}`)
  return { checked: true, enrollments: enrollments.size, removals: noRevoked ? null : removedMs.size }
}

/** Null: its name is none of ours. The error: what is there is not what `enroll` signed for this place. */
function readRecord(object: LedgerObject, keys: KeyRing, records: PasskeyRecords): Result<unknown, string> | null {
  const { key } = object
  const [, deployment, part = ''] = ENROLLED.exec(key) ?? REVOKED.exec(key) ?? []
  if (deployment === undefined) return null
  const isHere = (one: { readonly key: string; readonly deploymentId: string }) =>
    one.key === key && one.deploymentId === deployment
  if (part === '') {
    const read = signedIn(object, REVOCATION, isHere, keys)
    return read.ok ? ok(records.removedMs.set(key, read.value.atMs)) : read
  }
  if (part.startsWith('by-')) {
    const read = signedIn(object, PASSKEY_CONFIRMATION, isHere, keys)
    return read.ok ? ok(records.confirmations.push(read.value)) : read
  }
  const isItself = (one: Enrollment) =>
    enrolledKey(one.deploymentId, one.userId, one.credentialId, part) === key && one.deploymentId === deployment
  const read = signedIn(object, ENROLLMENT, isItself, keys)
  return read.ok ? ok(records.enrollments.set(key, read.value)) : read
}

const isConfirmed = (key: string, by: string, { atMs }: Enrollment, { confirmations }: PasskeyRecords): boolean =>
  confirmations.some(
    one => one.by === by && one.atMs <= atMs + MINUTE_MS && one.key.startsWith(key.slice(0, key.lastIndexOf('/') + 1)),
  )
