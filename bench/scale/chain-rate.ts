/** How many records per second one audit chain accepts from a number of writers that do nothing else. */
import { auditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { AuditLog } from '../../functions/ports/audit-log.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { sampleProposal } from '../../test/fakes/sample-proposal.ts'
import { eventQueue } from './event-queue.ts'
import { LATENCY } from './services/latency.ts'
import { memoryAuditObjects } from './services/memory-audit-objects.ts'
import { memoryDynamoDb } from './services/memory-dynamodb.ts'

const FOR_MS = 31_000
const BEGINS_MS = 1_000

export type ChainRate = { readonly perSecond: number; readonly requestsPerRecord: number; readonly slowestMs: number }

/** Each writer appends the two records of one proposal after those of another, for so many proposals at once. */
export async function chainRate(writers: number, atOnce = 1): Promise<ChainRate> {
  const events = eventQueue(0)
  const { objects, use } = memoryAuditObjects(events, LATENCY)
  const { client } = memoryDynamoDb(events, LATENCY.table).connect()
  const store = proposalsTable({ client, tableName: 'rolemedic', observer: SILENT_OBSERVER })
  // Turns begin with the first record.
  const first = auditLog(objects, store).append(
    entryFor(sampleProposal(), { kind: 'denial-seen', atMs: 0, why: 'first' }, 'bench'),
  )
  await events.runUntil(BEGINS_MS)
  await first
  let slowestMs = 0
  async function write(log: AuditLog, writer: string): Promise<void> {
    for (let at = 0; events.now() < FOR_MS; at += 1) {
      const startedMs = events.now()
      const proposal = sampleProposal({ id: `p-${writer}-${at}` })
      const entry = (kind: 'denial-seen' | 'proposed') =>
        entryFor(proposal, { kind, atMs: 0, why: 'measured' }, 'bench')
      await log.appendAll([entry('denial-seen'), entry('proposed')])
      slowestMs = Math.max(slowestMs, events.now() - startedMs)
    }
  }
  const writing = Promise.all(
    Array.from({ length: writers }, (_, writer) => {
      const log = auditLog(objects, store, { clock: events.now, sleep: events.sleep })
      return Promise.all(Array.from({ length: atOnce }, (_, at) => write(log, `${writer}-${at}`)))
    }),
  )
  await events.runUntil(FOR_MS)
  const stored = use.atMs.length - 1
  // Lets running appends end.
  await events.runUntil(4 * FOR_MS)
  await writing
  return {
    perSecond: stored / ((FOR_MS - BEGINS_MS) / 1000),
    requestsPerRecord: (use.puts + use.lists + use.gets) / use.atMs.length,
    slowestMs,
  }
}
