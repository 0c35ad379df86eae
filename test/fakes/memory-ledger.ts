import type { ObjectLedger, ObjectVersion } from '../../functions/ports/writing/object-ledger.ts'

type Stored = ObjectVersion & { readonly text: string }

export type MemoryLedger = ObjectLedger & {
  readonly stored: Map<string, readonly Stored[]>
  /** Another version of the key, as somebody who may put objects there does. */
  plant(key: string, text: string): void
  /** A delete marker over the key. */
  hide(key: string): void
  /** Of the first version. Throws where there is none. */
  textOf(key: string): string
}

/** A versioned bucket: like S3, it creates an object where the newest version is a delete marker. */
export function memoryLedger(): MemoryLedger {
  const stored = new Map<string, readonly Stored[]>()
  const add = (key: string, text: string, isDeleteMarker: boolean) => {
    const versions = stored.get(key) ?? []
    stored.set(key, [...versions, { id: `v${versions.length + 1}`, isDeleteMarker, text }])
  }
  return {
    stored,
    plant: (key, text) => add(key, text, false),
    hide: key => add(key, '', true),
    textOf(key) {
      const text = stored.get(key)?.[0]?.text
      if (text === undefined) throw new Error(`no ${key}`)
      return text
    },
    async create(key, text) {
      const newest = stored.get(key)?.at(-1)
      if (newest !== undefined && !newest.isDeleteMarker) return 'taken'
      add(key, text, false)
      return 'created'
    },
    async versions(key) {
      return (stored.get(key) ?? []).map(({ id, isDeleteMarker }) => ({ id, isDeleteMarker }))
    },
    async read(key, version) {
      const found = stored.get(key)?.find(({ id, isDeleteMarker }) => id === version && !isDeleteMarker)
      if (found === undefined) throw new Error(`${key} has no version ${version}`)
      return found.text
    },
    async *keys(prefix, after = '') {
      yield* [...stored.keys()].filter(key => key.startsWith(prefix) && key > after).sort()
    },
  }
}
