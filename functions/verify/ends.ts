/**
 * Takes away what is over, without the table: what `write` keeps says when each grant ends. One that the bot's own bookkeeping lost, or
 * that somebody hides there, still ends.
 */
import { digestOf } from '../../core/base/index.ts'
import type { VerifyDeps } from './deps.ts'
import type { OpenSpent } from './read-ledger.ts'

export type EndsDeps = Pick<VerifyDeps, 'writer' | 'clock' | 'observer'> & {
  readonly open: () => AsyncIterable<OpenSpent>
}

/** `sweep` ends what it knows of within a minute: this is for what it does not know of. */
const GRACE_MS = 5 * 60_000

/** Gives the ids that were asked for. */
export function makeEnds(deps: EndsDeps): () => Promise<readonly string[]> {
  return async () => {
    const { clock, observer } = deps
    const asked: string[] = []
    for await (const { proposalId, endsAtMs, group } of deps.open()) {
      if (endsAtMs === null || clock() < endsAtMs + GRACE_MS) continue
      await send(proposalId, group, deps)
      asked.push(proposalId)
    }
    if (asked.length > 0)
      observer.log('info', 'ends_asked', { proposalIds: asked.slice(0, 20).join(' '), count: asked.length })
    return asked
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
    { group, deduplicationId: digestOf(['end', proposalId, Math.floor(nowMs / GRACE_MS)]) },
  )
}
