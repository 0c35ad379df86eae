/** What `write` keeps, read as anybody may read it: nothing counts that its key did not sign, under the name that it says. */
import * as z from 'zod'
import { fail, ok, type Result, RolemedicError } from '../../core/base/index.ts'
import {
  endOfGrant,
  ledgerKey,
  MARK,
  OUTCOME,
  outcomeKey,
  type Signed,
  type SignedDecisionNow,
  type SignedOutcome,
  SPENT,
  type Spent,
  type StatementKind,
  signedDecisionNowSchema,
  signedShape,
  verified,
  verifyDecision,
} from '../domain/authority/index.ts'
import type { Person } from '../domain/messages/index.ts'
import type { VerifyDeps } from './deps.ts'

type Deps = Pick<VerifyDeps, 'keys' | 'deploymentId'> & {
  readonly ledger: Pick<VerifyDeps['ledger'], 'versions' | 'read' | 'keys'>
}

const MAX_CHARS = 1_500_000

/** The error names what is there instead. */
async function signedAt<T>(
  key: string,
  kind: StatementKind<T>,
  { ledger, keys }: Deps,
): Promise<Result<Signed<T>, string>> {
  const [first] = await ledger.versions(key)
  if (first === undefined) return fail(`${key} is not there`)
  if (first.isDeleteMarker) return fail(`${key} has a delete marker`)
  const text = await ledger.read(key, first.id)
  if (text.length > MAX_CHARS) return fail(`${key} is too long`)
  const read = z.safeParse(signedShape(kind), jsonIn(text))
  if (!read.success) return fail(`${key} is not what write stores there`)
  const { error } = { error: null, ...verified(kind, read.data, await keys.ring()) }
  return error === null ? ok(read.data) : fail(`${key}: ${error}`)
}

/** An object that the storage does not give hides no other. */
function unread(error: unknown): Result<never, string> {
  if (error instanceof RolemedicError && error.code === 'ledger-unreadable') return fail(error.message)
  throw error
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export async function readOutcome(number: number, deps: Deps): Promise<Result<SignedOutcome, string>> {
  const read = await signedAt(outcomeKey(deps.deploymentId, number), OUTCOME, deps)
  if (!read.ok) return read
  const { statement } = read.value
  return statement.deploymentId === deps.deploymentId && statement.number === number
    ? read
    : fail(`outcome ${number} is of another place`)
}

export async function readSpent(proposalId: string, deps: Deps): Promise<Result<Spent, string>> {
  const key = ledgerKey('spent', deps.deploymentId, proposalId)
  const read = await signedAt(key, SPENT, deps)
  if (!read.ok) return read
  const { statement } = read.value
  return statement.deploymentId === deps.deploymentId && statement.proposalId === proposalId
    ? ok(statement)
    : fail(`${key} is of another place`)
}

/** What `decide` kept of a rejection, also of one that came beside an approval. Null: nothing, or not what it signed. */
export async function readRejection(proposalId: string, deps: Deps): Promise<SignedDecisionNow | null> {
  const { ledger, keys, deploymentId } = deps
  const key = ledgerKey('rejected', deploymentId, proposalId)
  const first = (await ledger.versions(key)).find(({ isDeleteMarker }) => !isDeleteMarker)
  const text = first === undefined ? '' : await ledger.read(key, first.id).catch(unread)
  const { data } = z.safeParse(signedDecisionNowSchema, jsonIn(String(text).slice(0, MAX_CHARS)))
  if (data === undefined) return null
  const { kind, ...of } = data.decision
  const isHere = kind === 'reject' && of.proposalId === proposalId && of.deploymentId === deploymentId
  return isHere && verifyDecision(data, await keys.ring()).ok ? data : null
}

/** Whether `write` has taken the grant away for good. */
export async function isEnded(proposalId: string, deps: Deps): Promise<boolean> {
  const keys: string[] = []
  for await (const key of deps.ledger.keys(ledgerKey('ended', deps.deploymentId, proposalId, ''))) keys.push(key)
  return hasEnd(proposalId, keys, deps)
}

/** Who may put objects may put many: with its own behind them, the grant counts as open, and `write` says once more that it has ended. */
const MAX_MARKS_READ = 20

async function hasEnd(proposalId: string, keys: readonly string[], deps: Deps): Promise<boolean> {
  for (const key of keys.slice(0, MAX_MARKS_READ)) {
    const mark = await signedAt(key, MARK, deps).catch(unread)
    if (mark.ok && mark.value.statement.key === key && mark.value.statement.proposalId === proposalId) return true
  }
  return false
}

/** Who completed the change `by` that ended the grant. Null: another end, or none, is kept. */
export async function endedBy(proposalId: string, by: string, deps: Deps): Promise<Person | null> {
  const key = ledgerKey('ended', deps.deploymentId, proposalId, `by-${by}`)
  const [mark, spent] = await Promise.all([signedAt(key, MARK, deps).catch(unread), readSpent(by, deps).catch(unread)])
  if (!mark.ok || mark.value.statement.key !== key || !spent.ok) return null
  const signed = spent.value.grant.decisions.map(({ decision }) => decision)
  const { userId, name } = signed.reduce((last, one) => (one.atMs >= last.atMs ? one : last)).by
  return { id: userId, name }
}

/** What is kept of a `spent/`: its documents may be large. */
export type OpenSpent = {
  readonly proposalId: string
  readonly patchDigest: string
  readonly atMs: number
  readonly endsAtMs: number | null
  /** Of the queue of `write`. */
  readonly group: string
  /** Of the denials in the decisions: one denial, as `write` checked. */
  readonly fingerprints: readonly string[]
  /** Nobody who signed saw more than low risk. */
  readonly isLow: boolean
}

/** In one run: the marks of years would take longer than a function has. */
export const MAX_ENDS_READ = 200

/**
 * Each `spent/` without an `ended/` that `write` signed: what others put there hides no grant. What they say never changes: each is read
 * once in the life of a process. Those that nothing says to have ended come first; of the others, each run reads some.
 */
export function openSpent(deps: Deps & Pick<VerifyDeps, 'observer'>): () => AsyncIterable<OpenSpent> {
  const kept = new Map<string, OpenSpent>()
  const over = new Set<string>()
  return async function* () {
    const { ledger, deploymentId, observer } = deps
    const foreign = (proposalId: string, why: string) => {
      observer.log('error', 'spent_foreign', { proposalId, why })
      observer.count('SpentForeign')
    }
    const marks = new Map<string, string[]>()
    for await (const key of ledger.keys(ledgerKey('ended', deploymentId, ''))) {
      const proposalId = key.split('/')[2] ?? ''
      if (over.has(proposalId)) continue
      const own = marks.get(proposalId) ?? []
      marks.set(proposalId, own)
      own.push(key)
    }
    const [unmarked, marked]: [string[], string[]] = [[], []]
    for await (const key of ledger.keys(ledgerKey('spent', deploymentId, ''))) {
      const proposalId = key.split('/')[2] ?? ''
      if (!over.has(proposalId)) (marks.has(proposalId) ? marked : unmarked).push(proposalId)
    }
    for (const proposalId of [...unmarked, ...marked.slice(0, MAX_ENDS_READ)]) {
      const own = marks.get(proposalId) ?? []
      if (await hasEnd(proposalId, own, deps)) {
        over.add(proposalId)
        continue
      }
      const [planted] = own
      if (planted !== undefined) foreign(proposalId, `${planted} is not what write stores there`)
      const known = kept.get(proposalId)
      if (known !== undefined) {
        yield known
        continue
      }
      const spent = await readSpent(proposalId, deps).catch(unread)
      if (spent.ok) {
        const open = openOf(spent.value)
        kept.set(proposalId, open)
        yield open
        continue
      }
      foreign(proposalId, spent.error)
    }
  }
}

export function openOf({ proposalId, atMs, grant: { decisions, attestation, changes } }: Spent): OpenSpent {
  const signed = decisions.map(({ decision }) => decision)
  const { patchDigest, risk } = attestation.statement
  return {
    ...{ proposalId, patchDigest, atMs },
    endsAtMs: endOfGrant(signed),
    group: changes[0]?.target.arn ?? proposalId,
    fingerprints: signed.map(({ fingerprint }) => fingerprint),
    isLow: [risk, ...signed.map(one => one.risk)].every(one => one === 'low'),
  }
}

/** Whether anything of it may stand: unless `write` signed that everything was undone. */
export async function mayStand(proposalId: string, deps: Deps): Promise<boolean> {
  const prefix = ledgerKey('written', deps.deploymentId, proposalId, 'outcome-')
  for await (const key of deps.ledger.keys(prefix)) {
    const outcome = await readOutcome(Number(key.slice(prefix.length)), deps).catch(unread)
    if (outcome.ok && outcome.value.statement.proposalId === proposalId && outcome.value.statement.result === 'undone')
      return false
  }
  return true
}
