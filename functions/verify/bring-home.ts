/**
 * An answer of `write` comes home. The message is a hint: what counts is the signed outcome, and for a write what `write` kept before it.
 * Then the item moves, the log has the outcome, the request is evaluated again, and the card shows it.
 */
import { fail, never, ok, type Refusal, type Result } from '../../core/base/index.ts'
import { entryFor } from '../domain/audit/index.ts'
import { grantedBy, type SignedOutcome } from '../domain/authority/index.ts'
import { ROLEMEDIC } from '../domain/messages/index.ts'
import {
  type Applying,
  applying,
  foundWritten,
  type Proposal,
  type Reverting,
  reverting,
  revertLeased,
} from '../domain/proposal/index.ts'
import { LEASE_MS, type VerifyDeps } from './deps.ts'
import { type Lease, type NotLeased, unlockTargets, withLease } from './lease.ts'
import {
  endApplied,
  endPartlyApplied,
  endUnwritten,
  outcomeInWords,
  recordUnwritten,
  type Standing,
  type VerifyResult,
} from './outcomes.ts'
import { readOutcome, readRejection, readSpent } from './read-ledger.ts'
import { endNotReverted, endReverted, type RevertResult, recordEnded } from './revert.ts'

export type HomeResult = VerifyResult | RevertResult

type HomeDeps = VerifyDeps & { readonly again: (proposalId: string) => Promise<VerifyResult> }

export function makeBringHome(deps: HomeDeps): (proposalId: string, number: number) => Promise<HomeResult> {
  return async (proposalId, number) => {
    const item = deps.store.get(proposalId)
    // What cannot be read is thrown below, once the outcome is known to be ours.
    item.catch(() => null)
    const read = await readOutcome(number, deps)
    if (!read.ok || read.value.statement.proposalId !== proposalId) {
      deps.observer.log('error', 'outcome_foreign', {
        proposalId,
        number,
        why: read.ok ? 'another proposal' : read.error,
      })
      deps.observer.count('OutcomeForeign')
      return 'nothing-to-do'
    }
    const seen = await item
    if (STANDS.includes(read.value.statement.result) && (seen === null || HIDING.includes(seen.status))) {
      deps.observer.log('error', 'item_forged', { proposalId, status: seen?.status ?? null, why: HIDDEN })
      deps.observer.count('Forged')
    }
    if (seen === null) return 'nothing-to-do'
    const result = await moved(seen, read.value, deps)
    if (ENDS.includes(result) && seen.patch !== null) await unlockTargets(targetsOf(seen), proposalId, deps)
    if (result !== 'asked' && read.value.statement.ask !== 'take-away') await recordRejection(seen, deps)
    return result
  }
}

const STANDS: readonly SignedOutcome['statement']['result'][] = ['written', 'left']
/** Nothing that `write` may still take comes to these: `verify` reopens or closes it only afterwards. */
const HIDING: readonly Proposal['status'][] = ['drafted', 'expired', 'closed']
const HIDDEN = 'write has written it, and no card shows it: rolemedic revert takes it away'

/** The proposal has moved on, and `write` has nothing of it any more. */
const ENDS: readonly HomeResult[] = ['applied', 'failed', 'stale', 'reverted', 'kept']

/** Somebody rejected it beside those who approved: the item has only what they decided. */
async function recordRejection(seen: Proposal, deps: HomeDeps): Promise<void> {
  const rejection = await readRejection(seen.id, deps)
  if (rejection === null) return
  const { by, atMs, reason, patchDigest: digest } = rejection.decision
  // The change that they saw may have been replaced since.
  const changes = digest === seen.patch?.digest ? {} : { changes: [] }
  const why = { why: reason || 'rejected', by: { id: by.userId, name: by.name }, digest, decision: rejection }
  await deps.audit.append(entryFor(seen, { kind: 'rejected', atMs, ...why, ...changes }, deps.botVersion))
}

async function moved(seen: Proposal, outcome: SignedOutcome, deps: HomeDeps): Promise<HomeResult> {
  switch (outcome.statement.result) {
    case 'again':
      return isAnswer(seen, outcome) ? deps.again(seen.id) : 'nothing-to-do'
    case 'refused':
      return seen.status === 'reverting' ? takenAway(seen, outcome, deps) : unwritten(seen, outcome, deps)
    case 'undone':
      return unwritten(seen, outcome, deps)
    case 'written':
    case 'left':
      return written(seen, outcome, deps)
    case 'taken-away':
    case 'not-taken-away':
      return takenAway(seen, outcome, deps)
    default:
      return never(outcome.statement.result)
  }
}

/** It answers the last question: an older answer says nothing about this one. */
const isAnswer = (proposal: Proposal, { statement }: SignedOutcome): boolean =>
  (proposal.status === 'applying' || proposal.status === 'reverting') && proposal.asked?.digest === statement.asked

const NO_TARGETS = () => []
const targetsOf = ({ patch }: Proposal) => (patch?.changes ?? []).map(({ target }) => target)

async function unwritten(seen: Proposal, outcome: SignedOutcome, deps: VerifyDeps): Promise<HomeResult> {
  // What was begun ends once, whichever question that answers.
  const isOver = (current: Proposal) => outcome.statement.result === 'undone' || isAnswer(current, outcome)
  const acquire = (current: Proposal): Result<Applying, NotLeased> =>
    current.status === 'applying' && isOver(current) ? leased(current, deps) : fail('nothing-to-do')
  const refusal: Refusal = {
    code: outcome.statement.code ?? 'refused',
    message: outcomeInWords(outcome.statement, targetsOf(seen)),
    owner: null,
  }
  const kind = STALE.includes(refusal.code) || BUSY.test(refusal.code) ? 'stale' : 'failed'
  const end = (lease: Lease<Applying>) => endUnwritten(lease, kind, refusal, deps, outcome)
  const result = await withLease(seen, acquire, NO_TARGETS, deps, end)
  // A late ask was begun and undone after the item had ended: only the log is told.
  if (result === 'nothing-to-do' && outcome.statement.result === 'undone')
    await recordUnwritten(seen, kind, refusal, deps, outcome)
  return result
}

/** What a new card may set right. Else IAM refused, or somebody tampered, and a person must act. */
const STALE: readonly string[] = [
  'drift',
  'risk-grew',
  'limit-over',
  'approval-too-old',
  'earlier-version',
  'not-enough-approvals',
  'removed',
  'resume-too-late',
  'other-configuration',
]
/** AWS asked several times to try it later. */
const BUSY =
  /^(?:Throttling|TooManyRequests|RequestLimitExceeded|ServiceUnavailable|ConcurrentModification|EntityTemporarilyUnmodifiable|Conflict|ServiceFailure|InternalServer)/

/** It stands, whatever the item says: nobody may hide that from people. */
async function written(seen: Proposal, outcome: SignedOutcome, deps: VerifyDeps): Promise<HomeResult> {
  const spent = await readSpent(seen.id, deps)
  if (!spent.ok) {
    deps.observer.log('error', 'spent_foreign', { proposalId: seen.id, why: spent.error })
    deps.observer.count('SpentForeign')
    return 'nothing-to-do'
  }
  const { writes, endsAtMs, patchDigest: digest, decisions } = grantedBy(spent.value.proposalId, spent.value.grant)
  const { risk } = spent.value.grant.attestation.statement
  const standing: Standing = { outcome, writes, endsAtMs, risk, digest, fingerprint: decisions[0]?.fingerprint }
  const acquire = (current: Proposal): Result<Applying, NotLeased> => {
    switch (current.status) {
      case 'applying':
      case 'approved':
        return leased(current, deps)
      case 'open':
      case 'rejected':
      case 'failed':
      case 'stale':
        return leased(foundWritten(current, deps.clock()), deps)
      default:
        return fail('nothing-to-do')
    }
  }
  const end = outcome.statement.result === 'written' ? endApplied : endPartlyApplied
  return withLease(seen, acquire, NO_TARGETS, deps, lease => end(lease, standing, deps))
}

function leased(current: Parameters<typeof applying>[0], { clock }: VerifyDeps): Result<Applying, NotLeased> {
  const made = applying(current, LEASE_MS, clock())
  return made.ok ? made : fail('busy')
}

async function takenAway(seen: Proposal, outcome: SignedOutcome, deps: VerifyDeps): Promise<HomeResult> {
  const isDone = outcome.statement.result === 'taken-away'
  const acquire = (current: Proposal): Result<Reverting, NotLeased> => {
    if (current.status === 'reverting' && (isDone || isAnswer(current, outcome))) return held(current, deps)
    // `write` ended it by itself, when its time was over.
    if (isDone && (current.status === 'applied' || current.status === 'confirmed'))
      return held(reverting(current, ROLEMEDIC, deps.clock()), deps)
    return fail('nothing-to-do')
  }
  const result = await withLease(seen, acquire, NO_TARGETS, deps, lease =>
    isDone ? endReverted(lease, outcome, deps) : endNotReverted(lease, outcome, deps),
  )
  if (result === 'nothing-to-do' && isDone) await recordEnded(seen, outcome, deps)
  return result
}

function held(current: Reverting, { clock }: VerifyDeps): Result<Reverting, NotLeased> {
  const made = revertLeased(current, LEASE_MS, clock())
  return made.ok ? ok(made.value) : fail('busy')
}
