/**
 * After a low-risk write: CloudTrail must have the denial, as `decide` alone could have made one up. Nobody waited for the record before;
 * without one in time there is an alarm, and the card offers Revert first.
 */
import { fail, ok, type Result, RolemedicError } from '../../core/base/index.ts'
import { fingerprintOf } from '../../core/denial/index.ts'
import {
  type KeyRing,
  RECORD_SEEN,
  type SignedRecordSeen,
  statementBytes,
  verified,
  type Witness,
} from '../domain/authority/index.ts'
import { type Applied, type Confirmed, type Proposal, RECORD_WITHIN_MS } from '../domain/proposal/index.ts'
import { refreshCard } from '../workflows/card/refresh-card.ts'
import { readableOrNull, updateProposal } from '../workflows/optimistic-update.ts'
import type { VerifyDeps } from './deps.ts'
import { mayStand, type OpenSpent, openOf, readSpent } from './read-ledger.ts'

export type RecordResult = 'seen' | 'missing' | 'waiting' | 'nothing-to-do'

/** As the item asks for it, soon after the write. Throws while the history cannot be read: then it is tried again. */
export function makeLookForRecord(deps: VerifyDeps): (proposalId: string) => Promise<RecordResult> {
  return async proposalId => {
    const proposal = await deps.store.get(proposalId)
    if (proposal === null || !isWanted(proposal)) return 'nothing-to-do'
    const spent = await readSpent(proposal.id, deps)
    const other = spent.ok ? otherDenial(proposal, openOf(spent.value)) : spent.error
    if (other !== null) {
      await report(proposal.id, other, proposal, deps)
      return 'missing'
    }
    const witness = await deps.witness(proposal.denial, deps.clock(), proposal.id)
    if (witness.kind === 'unreadable')
      throw new RolemedicError('history-unreadable', `CloudTrail's event history cannot be read: ${witness.why}`)
    if (witness.kind === 'confirmed') {
      await keepSeen(proposal, await signSeen(proposal, proposal.patch.digest, deps), deps)
      return 'seen'
    }
    const isLate = deps.clock() >= proposal.applied.atMs + RECORD_WITHIN_MS
    if (!isLate && witness.kind !== 'refuted') return 'waiting'
    await report(proposal.id, unseenWhy(witness), proposal, deps)
    return 'missing'
  }
}

const unseenWhy = (witness: Witness): string =>
  witness.kind === 'spent' ? witness.why : 'CloudTrail has no record of it'

/** The item is not believed: it may name a denial that CloudTrail has, for a moment. */
const otherDenial = ({ denial }: Proposal, { fingerprints }: Pick<OpenSpent, 'fingerprints'>): string | null =>
  fingerprints.every(one => one === fingerprintOf(denial))
    ? null
    : 'the table names another denial than the one that people approved'

const isWanted = (proposal: Proposal): proposal is Applied | Confirmed =>
  isStanding(proposal) && proposal.record === 'wanted'
const isStanding = (proposal: Proposal): proposal is Applied | Confirmed =>
  proposal.status === 'applied' || proposal.status === 'confirmed'

/** After a day, the alarm has come or the record was seen. */
const LOOK_FOR_MS = 24 * 60 * 60_000
/** Who may write to the table could name an account whose history cannot be read. */
const UNREADABLE_FOR_MS = 2 * 60 * 60_000

/**
 * The same without believing the table: what `write` keeps says which low-risk changes it began, and for which denial people signed. Gives
 * the ids that it reported.
 */
export function makeMissingRecords(
  deps: VerifyDeps & { readonly open: () => AsyncIterable<OpenSpent> },
): () => Promise<readonly string[]> {
  const settled = new Set<string>()
  return async () => {
    const reported: string[] = []
    for await (const spent of deps.open()) {
      const { proposalId, atMs, isLow } = spent
      const ageMs = deps.clock() - atMs
      if (!isLow || ageMs < RECORD_WITHIN_MS || ageMs > LOOK_FOR_MS || settled.has(proposalId)) continue
      const { proposal, seen } = await lookedUp(spent, deps)
      if (!seen.ok && seen.error.isTransient && ageMs < UNREADABLE_FOR_MS) continue
      if (!seen.ok && (await mayStand(proposalId, deps))) {
        await report(proposalId, seen.error.why, proposal, deps)
        reported.push(proposalId)
      }
      settled.add(proposalId)
    }
    return reported
  }
}

type Unseen = { readonly why: string; readonly isTransient: boolean }
type Looked = { readonly proposal: Proposal | null; readonly seen: Result<null, Unseen> }

async function lookedUp(spent: OpenSpent, deps: VerifyDeps): Promise<Looked> {
  const unseen = (proposal: Proposal | null, why: string, isTransient = false): Looked => ({
    proposal,
    seen: fail({ why, isTransient }),
  })
  try {
    const proposal = await readableOrNull(deps.store.get(spent.proposalId))
    if (proposal === null) return unseen(null, 'the table does not have the proposal any more')
    if (hasSeen(proposal, spent, await deps.keys.ring())) return { proposal, seen: ok(null) }
    const other = otherDenial(proposal, spent)
    if (other !== null) return unseen(proposal, other)
    const witness = await deps.witness(proposal.denial, deps.clock(), spent.proposalId)
    if (witness.kind === 'unreadable') return unseen(proposal, `the history cannot be read: ${witness.why}`, true)
    if (witness.kind !== 'confirmed') return unseen(proposal, unseenWhy(witness))
    await keepSeen(proposal, await signSeen(proposal, spent.patchDigest, deps), deps)
    return { proposal, seen: ok(null) }
  } catch (error) {
    return unseen(null, `it cannot be looked up: ${String(error).slice(0, 300)}`, true)
  }
}

function hasSeen(proposal: Proposal, { proposalId, patchDigest }: OpenSpent, keys: KeyRing): boolean {
  const signed = isStanding(proposal) ? proposal.recordSeen : undefined
  if (signed === undefined || !verified(RECORD_SEEN, signed, keys).ok) return false
  return signed.statement.proposalId === proposalId && signed.statement.patchDigest === patchDigest
}

async function signSeen({ id, denial }: Proposal, patchDigest: string, deps: VerifyDeps): Promise<SignedRecordSeen> {
  const statement = {
    schema: 'rolemedic.record-seen/1' as const,
    deploymentId: deps.deploymentId,
    proposalId: id,
    patchDigest,
    eventId: denial.id.slice(0, 128),
    atMs: deps.clock(),
  }
  return { statement, signature: await deps.signer.sign(statementBytes(RECORD_SEEN, statement)) }
}

/** Lost where the item has moved on: then it is asked once more. */
const keepSeen = (proposal: Proposal, recordSeen: SignedRecordSeen, { store }: VerifyDeps) =>
  updateProposal(
    proposal,
    current => (isStanding(current) ? ok<Proposal>({ ...current, record: 'seen', recordSeen }) : fail('moved')),
    store,
  )

/** The alarm does not wait for the card. */
async function report(proposalId: string, why: string, proposal: Proposal | null, deps: VerifyDeps): Promise<void> {
  deps.observer.log('error', 'write_unwitnessed', { proposalId, eventId: proposal?.denial.id ?? null, why })
  deps.observer.count('WriteUnwitnessed')
  if (proposal === null) return
  const stored = await updateProposal(
    proposal,
    current => (isStanding(current) ? ok<Proposal>({ ...current, record: 'missing' }) : fail('moved')),
    deps.store,
  )
  if (stored.ok) await refreshCard(proposalId, deps)
}
