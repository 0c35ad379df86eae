/** The bucket of the audit log in memory, with the number of S3 requests per step. */

import { ok } from '../../core/base/result.ts'
import type { AuditObjects } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import type { EventQueue } from './event-queue.ts'

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
  const stored = new Map<number, string>()
  const use: BucketUse = { puts: 0, refusedPuts: 0, lists: 0, gets: 0, atMs: [] }
  const objects: AuditObjects = {
    async read(sequence, likely) {
      use.lists += 1
      await events.sleep(latency.list)
      const found = stored.get(sequence)
      if (found === undefined) return null
      use.gets += 1
      // Otherwise it was read beside the list.
      if (likely === undefined) await events.sleep(latency.get)
      return ok(found)
    },
    async create(sequence, text) {
      use.puts += 1
      await events.sleep(latency.put)
      if (stored.has(sequence)) {
        use.refusedPuts += 1
        return null
      }
      stored.set(sequence, text)
      use.atMs.push(events.now())
      return { object: String(sequence) }
    },
    async *stored() {
      for (const [sequence, text] of [...stored].sort(([one], [other]) => one - other))
        yield { place: String(sequence), sequence, versions: 1, text }
    },
  }
  return { objects, use }
}
