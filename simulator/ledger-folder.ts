/** The ledger as a folder: one file per object, below folders named as its key is. A file has one version. */
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RolemedicError } from '../core/base/index.ts'
import type { ObjectLedger } from '../functions/ports/index.ts'
import { boundedText, createOnce } from './durable-file.ts'

const VERSION = 'only'
/** What others store there is larger only by mistake or malice. */
const MAX_BYTES = 4_000_000
/** As storage keys are made: no part begins with a dot, so that none leads out of the folder. */
const KEY = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

export function ledgerFolder(folder: string): ObjectLedger {
  const pathOf = (key: string): string => {
    if (!KEY.test(key)) throw new RolemedicError('bad-key', `${key.slice(0, 100)} is no key of an object`)
    return join(folder, ...key.split('/'))
  }
  return {
    async create(key, text) {
      await mkdir(dirname(pathOf(key)), { recursive: true })
      return (await createOnce(pathOf(key), text)) ? 'created' : 'taken'
    },
    async versions(key) {
      const found = await absentIfMissing(lstat(pathOf(key)))
      return found === null ? [] : [{ id: VERSION, isDeleteMarker: false }]
    },
    async read(key) {
      const text = await boundedText(pathOf(key), MAX_BYTES)
      if (!text.ok) throw new RolemedicError('ledger-unreadable', `${key.slice(0, 100)}: ${text.error}`)
      return text.value
    },
    async *keys(prefix, after = '') {
      const below = prefix.slice(0, prefix.lastIndexOf('/'))
      // A link may lead out of a copy: it is an object of its own, and no folder.
      if ((await absentIfMissing(lstat(join(folder, below))))?.isSymbolicLink()) return yield below
      const found = await absentIfMissing(readdir(join(folder, below), { recursive: true, withFileTypes: true }))
      const keys = (found ?? [])
        .filter(one => !one.isDirectory() && !one.name.startsWith('.'))
        .map(one => join(one.parentPath, one.name).slice(join(folder, '/').length).replaceAll('\\', '/'))
      yield* keys.filter(key => key.startsWith(prefix) && key > after).sort()
    },
  }
}

async function absentIfMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
