/** Reads what `write` keeps beside an audit log: the folders of a local run, or the prefixes of a bucket. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { LEDGER_PREFIXES, type LedgerObject, type LedgerToCheck } from '../../../functions/domain/audit/index.ts'
import type { ObjectLedger } from '../../../functions/ports/index.ts'
import { ledgerFolder } from '../../../simulator/ledger-folder.ts'
import { placeInBucket } from './audit-source.ts'

const READ_AT_ONCE = 20

/** `from`: the log. A copy of the log alone has nothing beside it. */
export async function ledgerSource(from: string, nowMs: number): Promise<LedgerToCheck> {
  const source = from.startsWith('s3://') ? await besideInBucket(from) : besideFolder(from)
  if (source === null) return { unread: 'there is nothing beside it (spent/, outcomes/ …)' }
  try {
    return { objects: await objectsIn(source), nowMs }
  } catch (error) {
    return { unread: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

/** `base`: what stands before the prefixes. */
type Source = { readonly ledger: ObjectLedger; readonly base: string }

/** A bucket that lists nothing under a prefix has nothing there. */
async function besideInBucket(from: string): Promise<Source> {
  const { s3Ledger } = await import('../../../functions/adapters/aws/ledger/s3-ledger.ts')
  const { bucket, prefix } = placeInBucket(from)
  return { ledger: s3Ledger(new S3Client({}), bucket), base: prefix.slice(0, prefix.lastIndexOf('/') + 1) }
}

/** `npm start` makes the id of the deployment first: where it is, missing folders are missing objects. */
function besideFolder(from: string): Source | null {
  const state = dirname(resolve(from))
  const isGiven = ['deployment-id', ...LEDGER_PREFIXES].some(name => existsSync(join(state, name)))
  return isGiven ? { ledger: ledgerFolder(state), base: '' } : null
}

async function objectsIn({ ledger, base }: Source): Promise<readonly LedgerObject[]> {
  const objects: LedgerObject[] = []
  for (const prefix of LEDGER_PREFIXES) {
    let batch: string[] = []
    const readBatch = async () => {
      objects.push(...(await Promise.all(batch.map(key => objectAt(key, ledger, base)))))
      batch = []
    }
    for await (const key of ledger.keys(`${base}${prefix}`)) {
      batch.push(key)
      if (batch.length === READ_AT_ONCE) await readBatch()
    }
    await readBatch()
  }
  return objects
}

/** One that the storage does not give is reported, and stops no other. */
async function objectAt(at: string, ledger: ObjectLedger, base: string): Promise<LedgerObject> {
  const key = at.slice(base.length)
  try {
    const versions = await ledger.versions(at)
    const first = versions.find(({ isDeleteMarker }) => !isDeleteMarker)
    const text = first === undefined ? '' : await ledger.read(at, first.id)
    return { key, versions: versions.length, text }
  } catch (error) {
    const unread = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : 'it cannot be read'
    return { key, versions: 1, text: '', unread }
  }
}
