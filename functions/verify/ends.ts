/**
 * Takes away what is over, without the table: what `write` keeps says when each grant ends. One that the bot's own bookkeeping lost, or
 * that somebody hides there, still ends.
 */
import { digestOf } from '../../core/base/index.ts'
import { endedPrefix, endOfGrant, spentPrefix } from '../domain/authority/index.ts'
import type { VerifyDeps } from './deps.ts'
import { readSpent } from './read-ledger.ts'

export type EndsDeps = Pick<VerifyDeps, 'ledger' | 'keys' | 'deploymentId' | 'writer' | 'clock' | 'observer'>

/** `sweep` ends what it knows of within a minute: this is for what it does not know of. */
const GRACE_MS = 5 * 60_000

/** Gives the ids that were asked for. Ends never change, so that each is read once in the life of a process. */
export function makeEnds(deps: EndsDeps): () => Promise<readonly string[]> {
  const ends = new Map<string, { readonly endsAtMs: number | null; readonly group: string }>()
  return async () => {
    const { ledger, deploymentId, clock, observer } = deps
    const over = new Set<string>()
    for await (const key of ledger.keys(endedPrefix(deploymentId))) over.add(key.split('/')[2] ?? '')
    const asked: string[] = []
    for await (const key of ledger.keys(spentPrefix(deploymentId))) {
      const proposalId = key.split('/')[2] ?? ''
      if (over.has(proposalId)) continue
      const end = ends.get(proposalId) ?? (await endOf(proposalId, deps))
      if (end === null) continue
      ends.set(proposalId, end)
      if (end.endsAtMs === null || clock() < end.endsAtMs + GRACE_MS) continue
      await send(proposalId, end.group, deps)
      asked.push(proposalId)
    }
    if (asked.length > 0)
      observer.log('info', 'ends_asked', { proposalIds: asked.slice(0, 20).join(' '), count: asked.length })
    return asked
  }
}

async function endOf(proposalId: string, deps: EndsDeps) {
  const spent = await readSpent(proposalId, deps)
  if (!spent.ok) {
    deps.observer.log('error', 'spent_foreign', { proposalId, why: spent.error })
    deps.observer.count('SpentForeign')
    return null
  }
  const { decisions, changes } = spent.value.grant
  return {
    endsAtMs: endOfGrant(decisions.map(({ decision }) => decision)),
    group: changes[0]?.target.arn ?? proposalId,
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
