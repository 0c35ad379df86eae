/**
 * Writes what two signatures cover, goes on after a crash, and takes away. It believes IAM, its environment, and what it signed itself;
 * what it is asked with is a claim. Order: checks ─► `spent/` ─► write ─► `written/` ─► read back ─► signed outcome ─► message.
 */
import { digestOf } from '../../core/base/canonical-json.ts'
import { fail, never, ok, RolemedicError } from '../../core/base/result.ts'
import { samePolicy } from '../../core/iam/policy/same-policy.ts'
import { restorable } from '../../core/patch/take-away.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import { authorized, type Granted, grantedBy, type Own } from '../domain/authority/checks/authority.ts'
import type { WriteAsk, WriteAskOf } from '../domain/authority/checks/input.ts'
import { grantedEarlier, isWithdrawn, mayTakeAway } from '../domain/authority/checks/take-away.ts'
import type { AnyDecision } from '../domain/authority/decision.ts'
import type { Spent, WriteOutcome } from '../domain/authority/spent.ts'
import { sessionFor, type WriterSession } from '../domain/authority/writer-session.ts'
import type { WriteDeps } from './deps.ts'
import { ledgerRecords, type Records } from './records.ts'
import { drifted, type Problem, type Targets, targetsOf } from './targets.ts'

const MINUTE_MS = 60_000
/** Later than this after `spent/`, a proposal only goes back. */
const FORWARD_FOR_MS = 30 * MINUTE_MS

type Run = { readonly deps: WriteDeps; readonly own: Own; readonly records: Records }
type End = Pick<WriteOutcome, 'result' | 'code' | 'why' | 'requestIds' | 'notes' | 'left' | 'ended'>
/** What is written, or was begun. */
type Begun = { readonly spent: Spent; readonly writes: readonly DocumentChange[]; readonly targets: Targets }

export function makeWrite(deps: WriteDeps): (ask: WriteAsk) => Promise<WriteOutcome> {
  const signed = { last: null }
  return async ask => {
    const keys = await deps.keys.ring()
    const records = ledgerRecords(deps, keys, signed)
    const { proposalId } = ask
    const end = await endOf(ask, { deps, own: { ...deps.own, keys, nowMs: deps.clock() }, records })
    const isNew = !('number' in end)
    const facts = { proposalId, ask: ask.ask, asked: digestOf(ask), atMs: deps.clock() }
    const outcome = isNew ? await records.append({ ...facts, ...end }) : end
    if (isNew && closes(outcome)) await records.mark(proposalId, `${OUTCOME_MARK}${outcome.number}`)
    const { result, code, number } = outcome
    deps.observer.log(result === 'refused' || result === 'left' ? 'warn' : 'info', 'outcome_signed', {
      ...{ proposalId, ask: ask.ask, result, code, number },
    })
    await deps.send({ kind: 'outcome', proposalId, number })
    return outcome
  }
}

/** With it, what `spent/` began is over. */
const closes = ({ result }: WriteOutcome): boolean => ['written', 'undone', 'left'].includes(result)
const OUTCOME_MARK = 'outcome-'
const BACK_MARK = 'back'

async function endOf(ask: WriteAsk, run: Run): Promise<End | WriteOutcome> {
  switch (ask.ask) {
    case 'write':
      return (await run.records.storedSpent(ask.proposalId)).exists ? resume(ask.proposalId, run) : write(ask, run)
    case 'resume':
      return resume(ask.proposalId, run)
    case 'take-away':
      return takeAway(ask, run)
    default:
      return never(ask)
  }
}

async function write({ proposalId, grant, withdraws }: WriteAskOf<'write'>, run: Run): Promise<End> {
  const { deps, own, records } = run
  if (await records.isClosed(proposalId)) return CLOSED
  const granted = authorized(grant, own)
  if (!granted.ok) return end(granted.error.again ? 'again' : 'refused', granted.error)
  if (granted.value.proposalId !== proposalId)
    return end('refused', { code: 'other-change', why: 'the signatures are about another proposal' })
  if (await records.isRejected(proposalId)) return end('refused', { code: 'rejected', why: 'It was rejected.' })
  const { writes, decisions } = granted.value
  const { patchDigest } = grant.attestation.statement
  const targets = targetsOf(deps.writerFor(sessionOf({ proposalId, patchDigest, decisions })), deps)
  const changed = await targets.asBefore(writes)
  if (changed !== null) return end('refused', changed)
  const { deploymentId, configDigest, approvedSets } = own
  const facts = { deploymentId, proposalId, grant, configDigest, approvedSets, withdraws, atMs: deps.clock() }
  const spent: Spent = { schema: 'rolemedic.spent/1', ...facts }
  const isFirst = await records.spend(spent)
  if (!(await records.storedSpent(proposalId)).whole) return FOREIGN
  if (!isFirst) throw new RolemedicError('write-busy', `${proposalId} is written by another worker`)
  return forward({ spent, writes, targets }, writes, run)
}

/** From `spent/`, `written/` and IAM alone. */
async function resume(proposalId: string, run: Run): Promise<End | WriteOutcome> {
  const { deps, own, records } = run
  const kept = await records.storedSpent(proposalId)
  if (!kept.exists) return end('refused', { code: 'not-spent', why: 'It was never begun.' })
  if (!kept.whole || kept.statement === null) return FOREIGN
  if (await records.isClosed(proposalId)) return CLOSED
  const spent = kept.statement
  const marks = await records.marks(proposalId)
  const recorded = await recordedOutcome(spent, marks, records)
  if (recorded !== null) return recorded

  const granted = grantedBy(proposalId, spent.grant)
  const { writes, endsAtMs } = granted
  const targets = targetsOf(deps.writerFor(sessionOf(granted)), deps)
  const begun = { spent, writes, targets }
  if (marks.has(BACK_MARK)) return goBack(begun, { code: 'given-up', why: 'It was being undone.' }, run)
  const isMarked = (write: DocumentChange) => marks.has(String(writes.indexOf(write)))
  const first = await statesOf(begun, isMarked)
  if (first.some(({ state }) => state === 'removed')) await deps.sleep(MINUTE_MS)
  const states = first.some(({ state }) => state === 'removed') ? await statesOf(begun, isMarked) : first
  const stopped = states.find(({ state }) => state === 'removed' || state === 'drift')
  if (stopped !== undefined) return goBack(begun, stopped.problem ?? removedOf(stopped.write), run)
  const unwritten = states.filter(({ state }) => state === 'open').map(one => one.write)
  const open = states.filter(({ state }) => state === 'open' || state === 'unprovisioned').map(one => one.write)
  if (open.length > 0 && own.nowMs >= spent.atMs + FORWARD_FOR_MS) return goBack(begun, TOO_LATE, run)
  if (open.length > 0 && endsAtMs !== null && endsAtMs <= own.nowMs) return goBack(begun, LIMIT_OVER, run)
  if (open.length > 0 && spent.configDigest !== own.configDigest) return goBack(begun, OTHER_CONFIGURATION, run)
  const changed = await targets.asBefore(unwritten)
  return changed === null ? forward(begun, open, run) : goBack(begun, changed, run)
}

/** Signed before a crash: it is sent once more, and not signed again. */
async function recordedOutcome(spent: Spent, marks: ReadonlySet<string>, records: Records) {
  const numbers = [...marks]
    .filter(one => one.startsWith(OUTCOME_MARK))
    .map(one => Number(one.slice(OUTCOME_MARK.length)))
  for (const number of numbers.filter(Number.isSafeInteger)) {
    const outcome = await records.outcomeAt(number)
    if (outcome?.proposalId === spent.proposalId && closes(outcome)) return outcome
  }
  return records.outcomeSince(spent, closes)
}

type Seen = {
  readonly write: DocumentChange
  readonly state: 'done' | 'open' | 'unprovisioned' | 'removed' | 'drift'
  readonly problem: Problem | null
}

async function statesOf(
  { writes, targets }: Begun,
  isMarked: (write: DocumentChange) => boolean,
): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  for (const write of writes) {
    const now = await targets.live(write)
    const marked = isMarked(write)
    if (!now.ok) seen.push({ write, state: 'drift', problem: now.error })
    else if (samePolicy(now.value, write.after)) {
      // A set may have its document and not be provisioned.
      const state = marked || write.target.kind !== 'permission-set-inline-policy' ? 'done' : 'unprovisioned'
      seen.push({ write, state, problem: null })
    } else if (!samePolicy(now.value, write.before)) seen.push({ write, state: 'drift', problem: drifted(write) })
    else seen.push({ write, state: marked ? 'removed' : 'open', problem: null })
  }
  return seen
}

/** `open`: those of the writes that are still to be made. */
async function forward(begun: Begun, open: readonly DocumentChange[], run: Run): Promise<End> {
  const { spent, writes, targets } = begun
  const accepted = (write: DocumentChange) => run.records.mark(spent.proposalId, String(writes.indexOf(write)))
  const problem = (await targets.writeAll(open, accepted)) ?? (await targets.readBack(writes))
  if (problem !== null) return goBack(begun, problem, run)
  const ended: string[] = []
  for (const id of spent.withdraws) {
    const { whole, statement } = await run.records.storedSpent(id)
    if (!whole || statement === null || !isWithdrawn(grantedBy(id, statement.grant), writes)) continue
    await run.records.end(id, `by-${spent.proposalId}`)
    ended.push(id)
  }
  return end('written', { code: null, why: 'It was written and read back.' }, { ...notedBy(targets), ended })
}

/** A crash from here on does not go forward again. */
async function goBack({ spent, writes, targets }: Begun, problem: Problem, { records }: Run): Promise<End> {
  await records.mark(spent.proposalId, BACK_MARK)
  let someEnded = false
  for (const id of spent.withdraws) someEnded ||= await records.isClosed(id)
  const left = await targets.undo(writes, someEnded ? restorable : ({ before }) => before)
  return end(left.length === 0 ? 'undone' : 'left', problem, { ...notedBy(targets), left })
}

async function takeAway(ask: WriteAskOf<'take-away'>, run: Run): Promise<End> {
  const { deps, own, records } = run
  const { proposalId, reason, earlier } = ask
  if (await records.isEnded(proposalId))
    return end('taken-away', { code: 'ended', why: 'It had been taken away for good.' })
  const { statement: spent } = await records.storedSpent(proposalId)
  const granted =
    spent === null ? grantedWithoutSpent(proposalId, earlier, own) : ok(grantedBy(proposalId, spent.grant))
  if (!granted.ok) return end('refused', granted.error)
  const no = mayTakeAway(granted.value, reason, own)
  if (no !== null) return end('refused', no)
  await records.mark(proposalId, BACK_MARK)
  const asker = reason.kind === 'revert' ? reason.decision.decision : undefined
  const targets = targetsOf(deps.writerFor(sessionOf(granted.value, asker)), deps)
  const left = await targets.takeAway(granted.value.writes, restorable, spent?.atMs ?? 0)
  const noted = { ...notedBy(targets), left }
  if (left.length > 0)
    return end('not-taken-away', { code: 'left', why: left.map(one => `${one.arn}: ${one.why}`).join('; ') }, noted)
  await records.end(proposalId, digestOf(ask).replace('sha256:', ''))
  return end('taken-away', { code: null, why: 'Nothing of it is left.' }, noted)
}

const grantedWithoutSpent = (proposalId: string, earlier: WriteAskOf<'take-away'>['earlier'], own: Own) =>
  earlier === null
    ? fail({ code: 'not-spent', why: 'nothing says that it was written' })
    : grantedEarlier(earlier, proposalId, own)

/** In the name of the last approver, who completed it, or of the person who asked for it to be taken away. */
function sessionOf(
  { proposalId, patchDigest, decisions }: Pick<Granted, 'proposalId' | 'patchDigest' | 'decisions'>,
  asker: AnyDecision = decisions.reduce((last, one) => (one.atMs >= last.atMs ? one : last)),
): WriterSession {
  const approvers = decisions.map(({ by }) => by.userId)
  return sessionFor(
    { proposalId, digest: patchDigest, approvers },
    { userId: asker.by.userId, email: asker.by.email ?? null },
  )
}

const notedBy = ({ done: { requestIds, notes } }: Targets) => ({
  requestIds: requestIds.filter(id => id !== '' && id.length <= 128).slice(0, 100),
  notes: notes.slice(0, 100).map(note => note.slice(0, 500)),
})

const end = (
  result: WriteOutcome['result'],
  { code, why }: { readonly code: string | null; readonly why: string },
  more: Partial<End> = {},
): End => ({
  ...{ result, code: code?.slice(0, 64) ?? null, why: why === '' ? 'no reason was given' : why.slice(0, 2000) },
  ...{ requestIds: [], notes: [], left: [], ended: [] },
  ...more,
})

const CLOSED = end('refused', { code: 'closed', why: 'It was taken away for good.' })
const FOREIGN = end('refused', {
  code: 'spent-foreign',
  why: 'Somebody changed what rolemedic keeps about this proposal, so nothing is done with it. Tell the people who run rolemedic.',
})
const TOO_LATE = { code: 'resume-too-late', why: 'It was begun more than 30 min ago: approve a new card.' }
const LIMIT_OVER = { code: 'limit-over', why: 'The approved time is over: approve a new card.' }
const OTHER_CONFIGURATION = { code: 'other-configuration', why: 'The configuration changed: approve a new card.' }
const removedOf = ({ target }: DocumentChange): Problem => ({
  code: 'removed',
  why: `what was written to ${target.name} was removed by someone else; it is not written again`,
})
