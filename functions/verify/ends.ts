/**
 * Takes away what is over, without the table: what `write` keeps says when each grant ends. One that the bot's own bookkeeping lost, or
 * that somebody hides there, still ends.
 */
import { DAY_MS, digestOf, HOUR_MS, MINUTE_MS } from '../../core/base/index.ts'
import type { VerifyDeps } from './deps.ts'
import { type OpenSpent, readSpent } from './read-ledger.ts'

export type EndsDeps = Pick<
  VerifyDeps,
  'writer' | 'clock' | 'observer' | 'documents' | 'ledger' | 'keys' | 'deploymentId'
> & {
  readonly open: () => AsyncIterable<OpenSpent>
}

/** Between two runs. `sweep` ends what it knows of within a minute: this is for what it does not know of. */
const RUN_MS = 5 * MINUTE_MS
/** It was asked for once at least, and stands. */
const LATE_MS = 2 * RUN_MS

/**
 * Gives the ids that were asked for. Each answer of `write` is a signed outcome: what cannot be taken away is asked for in every run of the
 * first hour, then hourly, after a day daily, and at once where its documents changed. A new process asks once more.
 */
export function makeEnds(deps: EndsDeps): () => Promise<readonly string[]> {
  /** Of what is over for an hour: when this process asked for it, and its documents then. */
  const tried = new Map<string, Tried>()
  return async () => {
    const { clock, observer } = deps
    const asked: string[] = []
    const late: string[] = []
    for await (const { proposalId, endsAtMs, group } of deps.open()) {
      const overMs = endsAtMs === null ? 0 : clock() - endsAtMs
      if (overMs < RUN_MS) continue
      if (overMs >= LATE_MS) late.push(proposalId)
      const last = tried.get(proposalId)
      const documents = overMs < HOUR_MS ? null : ((await documentsOf(proposalId, deps)) ?? last?.documents ?? '')
      // Either way: a clock that was ahead may be set right.
      if (last?.documents === documents && Math.abs(clock() - last.atMs) < waitMs(overMs)) continue
      await send(proposalId, group, deps)
      if (documents !== null) tried.set(proposalId, { atMs: clock(), documents })
      asked.push(proposalId)
    }
    if (asked.length > 0)
      observer.log('info', 'ends_asked', { proposalIds: asked.slice(0, 20).join(' '), count: asked.length })
    if (late.length === 0) return asked
    observer.log('error', 'grants_not_ended', { proposalIds: late.slice(0, 20).join(' '), count: late.length })
    // In every run, so that the alarm is one, and lasts.
    observer.count('RevertFailed', late.length)
    return asked
  }
}

type Tried = { readonly atMs: number; readonly documents: string }

/** A run may be early by some seconds. */
const waitMs = (overMs: number): number => (overMs < DAY_MS ? HOUR_MS : DAY_MS) - MINUTE_MS

/** The digest of those that the reader role reads. Null: they cannot be read. */
async function documentsOf(proposalId: string, deps: EndsDeps): Promise<string | null> {
  try {
    const spent = await readSpent(proposalId, deps)
    const targets = spent.ok ? spent.value.grant.changes.map(({ target }) => target) : []
    const read = targets.filter(({ kind }) => kind !== 'permission-set-inline-policy')
    const documents = await Promise.all(read.map(target => deps.documents.read(target)))
    return documents.some(({ kind }) => kind === 'unreadable') ? null : digestOf(documents)
  } catch (error) {
    deps.observer.log('warn', 'documents_unread', { proposalId, error: String(error).slice(0, 300) })
    return null
  }
}

async function send(proposalId: string, group: string, { writer, clock }: EndsDeps): Promise<void> {
  const nowMs = clock()
  await writer.send(
    {
      schema: 'rolemedic.ask/1',
      ask: 'take-away',
      proposalId,
      reason: { kind: 'end' },
      earlier: null,
      askedAtMs: nowMs,
    },
    { group, deduplicationId: digestOf(['end', proposalId, Math.floor(nowMs / RUN_MS)]) },
  )
}
