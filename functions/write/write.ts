/**
 * Writes what two signatures cover, goes on after a crash, and takes away. It believes IAM, its environment, and what it signed itself;
 * what it is asked with is a claim. Order: checks ─► `spent/` ─► write ─► `written/` ─► read back ─► signed outcome ─► message.
 */
import { digestOf } from '../../core/base/canonical-json.ts'
import { RolemedicError } from '../../core/base/fault.ts'
import { ok } from '../../core/base/result.ts'
import { restorable } from '../../core/patch/take-away.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import { authorized, grantedBy, type Own } from '../domain/authority/checks/authority.ts'
import { askSchema, MAX_ASK_CHARS, type WriteAsk, type WriteAskOf } from '../domain/authority/checks/input.ts'
import { type AnyGranted, grantedEarlier, isWithdrawn, mayTakeAway } from '../domain/authority/checks/take-away.ts'
import { BACK_MARK, credentialName, SPENT, type Spent, type WriteOutcome } from '../domain/authority/spent.ts'
import type { WriterSession } from '../domain/authority/writer-session.ts'
import type { WriteDeps } from './deps.ts'
import { untrustedJson } from './json.ts'
import { ledgerRecords, type Records } from './records.ts'
import { NO_REASON, type Problem, REMOVED, type Targets, targetsOf } from './targets.ts'

const MINUTE_MS = 60_000
/** Later than this after `spent/`, a proposal only goes back. */
const FORWARD_FOR_MS = 30 * MINUTE_MS
/** Something was refused, or still stands. */
const NOTABLE: readonly WriteOutcome['result'][] = ['refused', 'left', 'not-taken-away']

type Run = { readonly deps: WriteDeps; readonly own: Own; readonly records: Records }
type End = Pick<WriteOutcome, 'result' | 'code' | 'why' | 'requestIds' | 'notes' | 'left' | 'ended' | 'stillRuns'>
/** What is written, or was begun. */
type Begun = { readonly spent: Spent; readonly writes: readonly DocumentChange[]; readonly targets: Targets }

export type ConsumerDeps = Pick<WriteDeps, 'observer'> & { readonly write: (ask: WriteAsk) => Promise<WriteOutcome> }

/**
 * One message of the write queue. An unreadable one is reported and dropped: another delivery would be just as unreadable. One that fails
 * again (`receives`, as SQS counts) is put aside, as the others of its group wait for it, such as a revert: `verify` asks again.
 */
export async function consume(body: string, { write, observer }: ConsumerDeps, receives = '1'): Promise<void> {
  // `verify` sends it before the change, so that a cold start is over by then (`sqsWriterQueue`).
  if (body === 'wake') return
  const ask = askIn(body)
  if (ask === null) {
    observer.count('Unreadable')
    return observer.log('error', 'message_unreadable', { chars: body.length })
  }
  try {
    await write(ask)
  } catch (error) {
    const about = { kind: ask.ask, proposalId: ask.proposalId }
    observer.log('error', 'work_failed', { ...about, error: String(error).slice(0, 1000) })
    if (receives === '1') throw error
  }
}

export const askIn = (body: string): WriteAsk | null =>
  body.length > MAX_ASK_CHARS ? null : (askSchema.safeParse(untrustedJson(body)).data ?? null)

export function makeWrite(deps: WriteDeps): (ask: WriteAsk) => Promise<WriteOutcome> {
  const records = ledgerRecords(deps)
  return async ask => {
    const { proposalId } = ask
    const own = { ...deps.own, keys: await deps.keys.ring(), nowMs: deps.clock() }
    const end = await endOf(ask, { deps, own, records })
    const facts = { proposalId, ask: ask.ask, asked: digestOf(ask), atMs: deps.clock() }
    const outcome = 'number' in end ? end : await records.append({ ...facts, ...end })
    const { result, code, number } = outcome
    const answer = { kind: ask.ask, proposalId, outcome: result, code, number }
    deps.observer.log(NOTABLE.includes(result) ? 'warn' : 'info', 'work_done', answer)
    await deps.send({ kind: 'outcome', proposalId, number })
    return outcome
  }
}

async function endOf(ask: WriteAsk, run: Run): Promise<End | WriteOutcome> {
  if (ask.ask === 'take-away') return takeAway(ask, run)
  const { exists, whole, statement } = await run.records.spent(ask.proposalId)
  if (exists && !whole) return FOREIGN
  if (await run.records.isClosed(ask.proposalId)) return refused('closed', 'It was taken away for good.')
  if (statement !== null) return resume(statement, run)
  return ask.ask === 'write' ? write(ask, run) : refused('not-spent', 'It was never begun.')
}

async function write({ proposalId, grant, withdraws }: WriteAskOf<'write'>, run: Run): Promise<End> {
  const { deps, own, records } = run
  const granted = authorized(grant, own)
  if (!granted.ok) return end(granted.error.again ? 'again' : 'refused', granted.error)
  if (granted.value.proposalId !== proposalId)
    return refused('other-change', 'the signatures are about another proposal')
  const { writes, decisions } = granted.value
  const targets = targetsOf(deps.writerFor(sessionFor(granted.value)), deps)
  const changed = await targets.asBefore(writes)
  if (changed !== null) return end('refused', changed)
  // After the readings, which take seconds.
  if (await records.isThere('rejected', proposalId)) return refused('rejected', 'It was rejected.')
  const credentials = decisions.flatMap(({ passkey }) => passkey?.enrollment.statement ?? [])
  for (const one of credentials) if (await records.isThere('revoked', credentialName(one))) return REVOKED
  const { deploymentId, configDigest, approvedSets, passkeys } = own
  const facts = { deploymentId, proposalId, grant, configDigest, approvedSets, withdraws, atMs: deps.clock() }
  const hasPasskeys = passkeys.needed !== 'off' || credentials.length > 0
  const spent: Spent = { schema: SPENT.purpose, ...facts, ...(hasPasskeys ? { passkeys } : {}) }
  const isFirst = await records.spend(spent)
  if (!(await records.spent(proposalId)).whole) return FOREIGN
  if (!isFirst) throw new RolemedicError('write-busy', `${proposalId} is written by another worker`)
  return forward({ spent, writes, targets }, writes, run)
}

/** From `spent/`, `written/` and IAM alone. */
async function resume(spent: Spent, run: Run): Promise<End | WriteOutcome> {
  const { deps, own, records } = run
  const { proposalId } = spent
  const marks = await records.marks('written', proposalId)
  const recorded = await records.closing(proposalId, marks)
  if (recorded !== null) return recorded

  const granted = grantedBy(proposalId, spent.grant)
  const { writes, endsAtMs } = granted
  const begun = { spent, writes, targets: targetsOf(deps.writerFor(sessionFor(granted)), deps) }
  if (marks.has(BACK_MARK)) return goBack(begun, GIVEN_UP, run)
  const first = await begun.targets.seen(writes, marks)
  const isRemoved = first.some(({ problem }) => problem?.code === REMOVED)
  if (isRemoved) await deps.sleep(MINUTE_MS)
  const seen = isRemoved ? await begun.targets.seen(writes, marks) : first
  const stopped = seen.find(({ problem }) => problem !== null)?.problem
  if (stopped) return goBack(begun, stopped, run)
  const stillBefore = seen.filter(({ isWritten }) => !isWritten).map(({ write }) => write)
  const toWrite = seen.filter(({ isDone }) => !isDone).map(({ write }) => write)
  if (toWrite.length > 0 && deps.clock() >= spent.atMs + FORWARD_FOR_MS) return goBack(begun, TOO_LATE, run)
  if (toWrite.length > 0 && endsAtMs !== null && endsAtMs <= deps.clock()) return goBack(begun, LIMIT_OVER, run)
  if (toWrite.length > 0 && spent.configDigest !== own.configDigest) return goBack(begun, OTHER_CONFIGURATION, run)
  const changed = await begun.targets.asBefore(stillBefore)
  return changed === null ? forward(begun, toWrite, run) : goBack(begun, changed, run)
}

/** `open`: those of the writes that are still to be made. */
async function forward(begun: Begun, open: readonly DocumentChange[], run: Run): Promise<End> {
  const { spent, writes, targets } = begun
  for (const write of open) {
    const problem = await targets.write(write)
    if (problem !== null) return goBack(begun, problem, run)
    await run.records.mark('written', spent.proposalId, String(writes.indexOf(write)))
  }
  const problem = await targets.readBack(writes)
  if (problem !== null) return goBack(begun, problem, run)
  const ended: string[] = []
  for (const id of spent.withdraws) {
    const { whole, statement } = await run.records.spent(id)
    if (!whole || statement === null || !isWithdrawn(grantedBy(id, statement.grant), writes)) continue
    await run.records.mark('ended', id, `by-${spent.proposalId}`)
    ended.push(id)
  }
  return end('written', { code: null, why: 'It was written and read back.' }, { ...targets.done(), ended })
}

/** A crash from here on does not go forward again. */
async function goBack({ spent, writes, targets }: Begun, problem: Problem, { records }: Run): Promise<End> {
  const { code, why } = end('undone', problem)
  const isFirst = await records.mark('written', spent.proposalId, BACK_MARK, { code, why })
  const because = isFirst ? null : (await records.markOf('written', spent.proposalId, BACK_MARK))?.because
  let someEnded = false
  for (const id of spent.withdraws) someEnded ||= await records.isClosed(id)
  const restored = someEnded ? restorable : ({ before }: DocumentChange) => before
  const left = await targets.takeAllBack(writes, { restored, isExact: true, acceptedMs: 0, isFirst })
  return end(left.length === 0 ? 'undone' : 'left', because ?? problem, { ...targets.done(), left })
}

async function takeAway(ask: WriteAskOf<'take-away'>, { deps, own, records }: Run): Promise<End> {
  const { proposalId, reason, earlier } = ask
  if ((await records.lastMarkedMs('ended', proposalId)) > 0)
    return end('taken-away', { code: 'ended', why: 'It had been taken away for good.' })
  const { statement: spent } = await records.spent(proposalId)
  const granted = spent === null ? grantedEarlier(earlier, proposalId, own) : ok(grantedBy(proposalId, spent.grant))
  if (!granted.ok) return end('refused', granted.error)
  const no = mayTakeAway(granted.value, reason, own)
  if (no !== null) return end('refused', no)
  const acceptedMs = Math.max(spent?.atMs ?? 0, await records.lastMarkedMs('written', proposalId))
  await records.mark('written', proposalId, BACK_MARK)
  const asker = reason.kind === 'revert' ? reason.decision.decision : undefined
  const targets = targetsOf(deps.writerFor(sessionFor(granted.value, asker)), deps)
  const left = await targets.takeAllBack(granted.value.writes, { restored: restorable, isExact: false, acceptedMs })
  const why = left.length > 0 ? left.map(one => `${one.arn}: ${one.why}`).join('; ') : 'Nothing of it is left.'
  if (left.length > 0) return end('not-taken-away', { code: 'left', why }, { ...targets.done(), left })
  await records.mark('ended', proposalId, digestOf(ask).replace('sha256:', ''))
  return end('taken-away', { code: null, why }, targets.done())
}

/** In the name of the last approver, who completed it, or of the person who asked for it to be taken away. */
export function sessionFor(
  { proposalId, patchDigest, decisions }: Pick<AnyGranted, 'proposalId' | 'patchDigest' | 'decisions'>,
  asker: AnyGranted['decisions'][number] = decisions.reduce((last, one) => (one.atMs >= last.atMs ? one : last)),
): WriterSession {
  const { userId, email = null } = asker.by
  return {
    sourceIdentity: email !== null && SOURCE_IDENTITY.test(email) ? email : userId,
    tags: {
      'rolemedic:proposal': proposalId,
      'rolemedic:digest': patchDigest,
      'rolemedic:approvers': [...new Set(decisions.map(({ by }) => by.userId))].join(' ').slice(0, MAX_TAG_VALUE),
    },
  }
}

/** What STS takes. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SOURCE_IDENTITY = /^[\w+=,.@-]{2,64}$/
const MAX_TAG_VALUE = 256

const NOTHING_MORE = { requestIds: [], notes: [], left: [], ended: [] }
const end = (
  result: WriteOutcome['result'],
  { code, why }: { readonly code: string | null; readonly why: string },
  more: Partial<End> = {},
): End => ({ ...NOTHING_MORE, result, code: code?.slice(0, 64) ?? null, why: why.slice(0, 2000) || NO_REASON, ...more })

const refused = (code: string, why: string): End => end('refused', { code, why })
const FOREIGN_WHY =
  'Somebody changed what rolemedic keeps about this proposal, so nothing is done with it. Tell the people who run rolemedic.'
const FOREIGN = refused('spent-foreign', FOREIGN_WHY)
const REVOKED = refused('passkey-revoked', 'A passkey that approved it was removed: approve a new card.')
const GIVEN_UP = { code: 'given-up', why: 'It was being undone.' }
const TOO_LATE = { code: 'resume-too-late', why: 'It was begun more than 30 min ago: approve a new card.' }
const LIMIT_OVER = { code: 'limit-over', why: 'The approved time is over: approve a new card.' }
const OTHER_CONFIGURATION = { code: 'other-configuration', why: 'The configuration changed: approve a new card.' }
