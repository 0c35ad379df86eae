/** Reads what `write` and `enroll` keep beside an audit log: the folders of a local run, or the prefixes of a bucket. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  LEDGER_PREFIXES,
  type LedgerObject,
  type LedgerToCheck,
  PASSKEY_PREFIXES,
} from '../../../functions/domain/audit/index.ts'
import type { ObjectLedger } from '../../../functions/ports/index.ts'
import { ledgerFolder } from '../../../simulator/ledger-folder.ts'
import { auditBucketClient, placeInBucket } from './audit-source.ts'

const READ_AT_ONCE = 20

/** `from`: the log. A copy of the log alone has nothing beside it. */
export async function ledgerSource(from: string, nowMs: number): Promise<LedgerToCheck> {
  const source = await ledgerBeside(from)
  if (source === null) return { unread: 'there is nothing beside it (spent/, outcomes/ …)' }
  const objects = await below(LEDGER_PREFIXES, source)
  if ('unread' in objects) return objects
  const passkeys = await below(PASSKEY_PREFIXES, source)
  if ('unread' in passkeys) return { objects, nowMs, passkeysUnread: passkeys.unread }
  return { objects: [...objects, ...passkeys], nowMs, ...(isCopyWithout('revoked', from) ? { noRevoked: true } : {}) }
}

/** What was copied from a bucket has no empty folders. */
function isCopyWithout(folder: string, from: string): boolean {
  if (from.startsWith('s3://')) return false
  return ![LOCAL_RUN, folder].some(name => existsSync(join(dirname(resolve(from)), name)))
}

async function below(prefixes: readonly string[], source: LedgerReader) {
  try {
    return await objectsIn(source, prefixes)
  } catch (error) {
    return { unread: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

export type LedgerReader = Pick<ObjectLedger, 'versions' | 'read' | 'keys'>

/** Null: a copy of the log alone. */
export const ledgerBeside = async (from: string): Promise<LedgerReader | null> =>
  from.startsWith('s3://') ? besideInBucket(from) : besideFolder(from)

/** A bucket that lists nothing under a prefix has nothing there. */
async function besideInBucket(from: string): Promise<LedgerReader> {
  const { s3Ledger } = await import('../../../functions/adapters/aws/ledger/s3-ledger.ts')
  const { bucket, prefix } = placeInBucket(from)
  const base = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const { versions, read, keys } = s3Ledger(auditBucketClient(), bucket)
  return {
    versions: key => versions(`${base}${key}`),
    read: (key, version) => read(`${base}${key}`, version),
    async *keys(below) {
      for await (const key of keys(`${base}${below}`)) yield key.slice(base.length)
    },
  }
}

/** `npm start` makes the id of the deployment first: where it is, missing folders are missing objects. */
const LOCAL_RUN = 'deployment-id'
function besideFolder(from: string): LedgerReader | null {
  const state = dirname(resolve(from))
  const isGiven = [LOCAL_RUN, ...LEDGER_PREFIXES].some(name => existsSync(join(state, name)))
  return isGiven ? ledgerFolder(state) : null
}

async function objectsIn(ledger: LedgerReader, prefixes: readonly string[]): Promise<readonly LedgerObject[]> {
  const objects: LedgerObject[] = []
  for (const prefix of prefixes) {
    let batch: string[] = []
    const readBatch = async () => {
      objects.push(...(await Promise.all(batch.map(key => objectAt(key, ledger)))))
      batch = []
    }
    for await (const key of ledger.keys(prefix)) {
      batch.push(key)
      if (batch.length === READ_AT_ONCE) await readBatch()
    }
    await readBatch()
  }
  return objects
}

/** One that the storage does not give is reported, and stops no other. */
async function objectAt(key: string, ledger: LedgerReader): Promise<LedgerObject> {
  try {
    const versions = await ledger.versions(key)
    const first = versions.find(({ isDeleteMarker }) => !isDeleteMarker)
    const text = first === undefined ? '' : await ledger.read(key, first.id)
    return { key, versions: versions.length, text }
  } catch (error) {
    const unread = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : 'it cannot be read'
    return { key, versions: 1, text: '', unread }
  }
}
