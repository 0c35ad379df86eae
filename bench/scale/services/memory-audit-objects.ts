/** The bucket of the audit log in memory, with the number of S3 requests per step. */

import { ok } from '../../../core/base/result.ts'
import type { AuditObjects } from '../../../functions/adapters/aws/audit-log/append-to-chain.ts'
import type { EventQueue } from '../event-queue.ts'
import { packedTexts } from './packed-texts.ts'

export type BucketUse = {
  puts: number
  refusedPuts: number
  lists: number
  gets: number
  /** When each record was stored. */
  readonly atMs: number[]
}
export type Latencies = { readonly put: number; readonly list: number; readonly get: number }

export function memoryAuditObjects(
  events: EventQueue,
  latency: Latencies,
): { readonly objects: AuditObjects; readonly use: BucketUse } {
  const stored = packedTexts<string>()
  const use: BucketUse = { puts: 0, refusedPuts: 0, lists: 0, gets: 0, atMs: [] }
  const objects: AuditObjects = {
    async read(sequence, likely) {
      use.lists += 1
      await events.sleep(latency.list)
      const found = stored.get(String(sequence))
      if (found === undefined) return null
      use.gets += 1
      // Otherwise it was read beside the list.
      if (likely === undefined) await events.sleep(latency.get)
      return ok(found)
    },
    async create(sequence, text) {
      use.puts += 1
      await events.sleep(latency.put)
      if (stored.has(String(sequence))) {
        use.refusedPuts += 1
        return null
      }
      stored.set(String(sequence), text)
      use.atMs.push(events.now())
      return { object: String(sequence) }
    },
    async *stored() {
      for (let sequence = 1; ; sequence += 1) {
        const text = stored.get(String(sequence))
        if (text === undefined) return
        yield { place: String(sequence), sequence, versions: 1, text }
      }
    },
  }
  return { objects, use }
}
