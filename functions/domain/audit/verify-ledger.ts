/**
 * What `write` keeps beside the log, held against the log: each write is allowed by the checks of `write` at its own time and has one
 * outcome, each outcome is in the log and has the marks that came before it, and each outcome in the log is there.
 */
import { dirname } from 'node:path/posix'
import * as z from 'zod'
import { digestOf, fail, MINUTE_MS, ok, type Result } from '../../../core/base/index.ts'
import {
  authorized,
  BACK_MARK,
  credentialName,
  isOfNow,
  type KeyRing,
  ledgerKey,
  MARK,
  MAX_SKEW_MS,
  type Mark,
  OUTCOME,
  OUTCOME_MARK,
  outcomeKey,
  type PasskeyRule,
  type SignedOutcome,
  SPENT,
  type Spent,
  signedDecisionSchema,
  signedShape,
  verified,
  verifyDecision,
} from '../authority/index.ts'
import {
  type AddFinding,
  checkVersions,
  DEPLOYMENT_PART,
  FOREIGN_NAME,
  type LedgerObject,
  shaped,
  signedIn,
  unreadKind,
} from './ledger/ledger-object.ts'
import {
  checkPasskeyRecords,
  PASSKEY_PREFIXES,
  type PasskeyOfWrite,
  type PasskeyRecordsCheck,
} from './ledger/passkey-records.ts'
import type { ChainFinding, Member } from './verify-chain.ts'

/** The folders beside `audit/`. */
export const LEDGER_PREFIXES = ['spent/', 'written/', 'ended/', 'outcomes/', 'rejected/'] as const

export type LedgerToCheck =
  | {
      readonly objects: readonly LedgerObject[]
      /** When they began to be listed. */
      readonly nowMs: number
      /** Why those of `enroll` could not be read. */
      readonly passkeysUnread?: string
      /** A copy in which there is no `revoked/`: as of a bucket without removals. */
      readonly noRevoked?: true
    }
  /** Why they could not be read. */
  | { readonly unread: string }

export type LedgerCheck =
  | { readonly checked: false; readonly why: string }
  | {
      readonly checked: true
      readonly objects: number
      /** Proposals whose write was begun. */
      readonly spent: number
      readonly outcomes: number
      /** Still within the hour in which an outcome, and its record, are due. */
      readonly pending: number
      /** By whose devices: for each write, the people who signed exactly it. Only of writes that the checks allow. */
      readonly passkeys: readonly LedgerPasskey[]
      /** Whether what `enroll` keeps says the same of these devices. */
      readonly enrolled: PasskeyRecordsCheck
    }

export type LedgerPasskey = { readonly proposalId: string; readonly userId: string; readonly credential: string }

/** `write` goes forward for 30 minutes and back from then on, and `sweep` asks every minute. */
const DUE_MS = 60 * MINUTE_MS
/** `write` reads all targets between its checks and `spent/`. */
const READING_MS = 5 * MINUTE_MS

type Found = { readonly key: string; readonly deployment: string }
type FoundSpent = Found & { readonly spent: Spent }
type FoundMark = Found & { readonly mark: Mark; readonly folder: 'written' | 'ended'; readonly name: string }
type FoundOutcome = Found & { readonly outcome: SignedOutcome['statement'] }
type FoundRejection = Found & { readonly proposalId: string; readonly atMs: number }

type Contents = {
  readonly spent: Map<string, FoundSpent>
  readonly outcomes: Map<string, FoundOutcome>
  readonly marks: FoundMark[]
  readonly rejections: FoundRejection[]
}

const PROPOSAL = '[A-Za-z0-9][\\w.-]{0,63}'
const NAMES = {
  spent: new RegExp(`^spent/(${DEPLOYMENT_PART})/(${PROPOSAL})$`),
  rejected: new RegExp(`^rejected/(${DEPLOYMENT_PART})/(${PROPOSAL})$`),
  outcomes: new RegExp(`^outcomes/(${DEPLOYMENT_PART})/(\\d{12})$`),
  written: new RegExp(`^written/(${DEPLOYMENT_PART})/(${PROPOSAL})/(\\d{1,2}|back|outcome-\\d{1,12})$`),
  ended: new RegExp(`^ended/(${DEPLOYMENT_PART})/(${PROPOSAL})/(by-${PROPOSAL}|[0-9a-f]{64})$`),
} as const

/** What the log says of what `write` and `decide` keep, taken record by record. */
export class LedgerInLog {
  readonly findings: ChainFinding[] = []
  /** By the key of the outcome: the records that carry it. */
  readonly outcomes = new Map<string, Logged[]>()
  readonly rejections: LoggedRejection[] = []
  /** Proposals that a version wrote which kept no `spent/`. */
  readonly writtenEarlier = new Set<string>()
  readonly #keys: KeyRing

  constructor(keys: KeyRing) {
    this.#keys = keys
  }

  take({ stored, record: { sequence, entry } }: Member): void {
    const { kind, proposalId } = entry
    if (kind === 'rejected') this.#takeRejection(sequence, entry.decision)
    if (entry.outcome === undefined) {
      if (proposalId !== null && (kind === 'applied' || kind === 'apply-failed')) this.writtenEarlier.add(proposalId)
      return
    }
    const read = z.safeParse(signedShape(OUTCOME), entry.outcome)
    const statement = read.success ? verified(OUTCOME, read.data, this.#keys) : fail('it is none')
    if (statement.ok && statement.value.proposalId === proposalId) {
      const key = outcomeKey(statement.value.deploymentId, statement.value.number)
      const found = this.outcomes.get(key) ?? []
      found.push({ sequence, digest: digestOf(statement.value) })
      this.outcomes.set(key, found)
      return
    }
    const why = statement.ok ? 'it is of another proposal' : 'it carries no valid signature of write'
    const detail = `${kind}: the outcome in it is not one of write: ${why}`
    this.findings.push({ kind: 'forged', place: stored.place, sequence, detail })
  }

  #takeRejection(sequence: number, given: unknown): void {
    const read = signedDecisionSchema.safeParse(given)
    const decision = read.success ? verifyDecision(read.data, this.#keys) : fail('it is none')
    if (!decision.ok || !isOfNow(decision.value) || decision.value.kind !== 'reject') return
    const { deploymentId, proposalId, atMs } = decision.value
    this.rejections.push({ sequence, deploymentId, proposalId, atMs })
  }
}

type Logged = { readonly sequence: number; readonly digest: string }
type LoggedRejection = {
  readonly sequence: number
  readonly deploymentId: string
  readonly proposalId: string
  readonly atMs: number
}

/** `log`: null where there are no keys. */
export function checkLedger(
  given: LedgerToCheck,
  log: LedgerInLog | null,
  keys: KeyRing | null,
): { readonly check: LedgerCheck; readonly findings: readonly ChainFinding[] } {
  const unchecked = (why: string) => ({ check: { checked: false, why } as const, findings: [] })
  if ('unread' in given) return unchecked(given.unread)
  if (keys === null || log === null) return unchecked('it needs the public keys')
  const { nowMs, passkeysUnread, noRevoked = false } = given
  const isOfEnroll = ({ key }: LedgerObject) => PASSKEY_PREFIXES.some(prefix => key.startsWith(prefix))
  const objects = given.objects.filter(one => !isOfEnroll(one))
  if (objects.length > 0 && !keys.some(({ use }) => use === 'outcomes'))
    return unchecked('the public keys contain none of write: export them again')
  const findings: ChainFinding[] = []
  const add: AddFinding = (kind, place, detail, sequence) =>
    void findings.push({ kind, place, sequence: sequence ?? null, detail })

  const contents = readContents(objects, keys, add)
  for (const one of log.findings) findings.push(one)
  const byProposal = Map.groupBy(contents.outcomes.values(), ({ deployment, outcome }) =>
    ledgerKey('spent', deployment, outcome.proposalId),
  )
  const rejectedAtMs = rejectedAt(contents, log)
  const about: About = { ...contents, log, byProposal, rejectedAtMs, keys, nowMs, add }
  const taken = new Set(objects.map(({ key }) => key))
  checkChainOfOutcomes(about, taken)
  for (const [key, at] of log.outcomes) checkLogged(key, at, about, taken)
  checkRejections(about, taken)
  let pending = 0
  for (const one of contents.spent.values()) pending += checkSpent(one, about)
  for (const one of contents.outcomes.values()) pending += checkOutcome(one, about)
  checkMarksBefore(about, taken)
  for (const one of contents.marks) checkMark(one, about)
  const { spent, outcomes } = contents
  const used = [...spent.values()].flatMap(one => passkeysOf(one, about))
  const passkeys = used.map(({ proposalId, enrollment }) => {
    return { proposalId, userId: enrollment.userId, credential: credentialName(enrollment) }
  })
  const enrolled =
    passkeysUnread === undefined
      ? checkPasskeyRecords({ objects: given.objects.filter(isOfEnroll), noRevoked }, used, keys, add)
      : ({ checked: false, why: passkeysUnread } as const)
  const check = {
    checked: true,
    objects: objects.length,
    spent: spent.size,
    outcomes: outcomes.size,
    pending,
    ...{ passkeys, enrolled },
  } as const
  return { check, findings }
}

type About = Contents & {
  readonly log: LedgerInLog
  readonly rejectedAtMs: ReadonlyMap<string, number>
  readonly byProposal: ReadonlyMap<string, readonly FoundOutcome[]>
  readonly keys: KeyRing
  readonly nowMs: number
  readonly add: AddFinding
}

function readContents(objects: readonly LedgerObject[], keys: KeyRing, add: AddFinding): Contents {
  const contents: Contents = { spent: new Map(), outcomes: new Map(), marks: [], rejections: [] }
  for (const object of objects) {
    const folder = (Object.keys(NAMES) as (keyof typeof NAMES)[]).find(name => NAMES[name].test(object.key))
    const [, deployment = '', id = '', name = ''] = folder === undefined ? [] : (NAMES[folder].exec(object.key) ?? [])
    if (folder === undefined) {
      add('foreign', object.key, FOREIGN_NAME)
      continue
    }
    checkVersions(object, add)
    const at: Found = { key: object.key, deployment }
    const read = readObject(folder, { object, at, id, name }, keys, contents)
    if (!read.ok) add(unreadKind(object), object.key, read.error)
  }
  return contents
}

type Named = { readonly object: LedgerObject; readonly at: Found; readonly id: string; readonly name: string }

/** The error: what is there is not what `write` or `decide` signed for this place. */
function readObject(
  folder: keyof typeof NAMES,
  { object, at, id, name }: Named,
  keys: KeyRing,
  contents: Contents,
): Result<unknown, string> {
  const { key, deployment } = at
  switch (folder) {
    case 'spent': {
      const isHere = (one: Spent) => one.deploymentId === deployment && one.proposalId === id
      const read = signedIn(object, SPENT, isHere, keys)
      return read.ok ? ok(contents.spent.set(key, { ...at, spent: read.value })) : read
    }
    case 'outcomes': {
      const isHere = (one: SignedOutcome['statement']) =>
        one.deploymentId === deployment && outcomeKey(deployment, one.number) === key
      const read = signedIn(object, OUTCOME, isHere, keys)
      return read.ok ? ok(contents.outcomes.set(key, { ...at, outcome: read.value })) : read
    }
    case 'written':
    case 'ended': {
      const isHere = (one: Mark) => one.key === key && one.deploymentId === deployment && one.proposalId === id
      const read = signedIn(object, MARK, isHere, keys)
      return read.ok ? ok(contents.marks.push({ ...at, folder, name, mark: read.value })) : read
    }
    default:
      return readRejection(object, at, id, keys, contents)
  }
}

function readRejection(object: LedgerObject, at: Found, id: string, keys: KeyRing, { rejections }: Contents) {
  const read = shaped(object, signedDecisionSchema)
  if (!read.ok) return read
  const decision = verifyDecision(read.value, keys)
  if (!decision.ok) return decision
  const { value } = decision
  if (value.kind !== 'reject' || value.proposalId !== id || !isOfNow(value) || value.deploymentId !== at.deployment)
    return fail('it was signed for another place')
  return ok(rejections.push({ ...at, proposalId: id, atMs: value.atMs }))
}

/** When each proposal was first rejected, by what `decide` signed. By the key of its `spent/`. */
function rejectedAt({ rejections }: Contents, log: LedgerInLog): ReadonlyMap<string, number> {
  const first = new Map<string, number>()
  const note = (key: string, atMs: number) => first.set(key, Math.min(atMs, first.get(key) ?? atMs))
  for (const { deployment, proposalId, atMs } of rejections) note(ledgerKey('spent', deployment, proposalId), atMs)
  for (const { deploymentId, proposalId, atMs } of log.rejections)
    note(ledgerKey('spent', deploymentId, proposalId), atMs)
  return first
}

/** `decide` keeps a rejection for `write` before the item or the log has it. */
function checkRejections(about: About, taken: ReadonlySet<string>): void {
  for (const { sequence, deploymentId, proposalId, atMs } of about.log.rejections) {
    const key = ledgerKey('rejected', deploymentId, proposalId)
    if (!taken.has(key) && !isYoung(atMs, about))
      about.add('removed', key, `record ${sequence} of the log carries this rejection, and nothing keeps it for write`)
  }
}

/** Numbers have no gap, and each outcome names the one before. */
function checkChainOfOutcomes({ outcomes, add }: About, taken: ReadonlySet<string>): void {
  for (const [deployment, own] of Map.groupBy(outcomes.values(), one => one.deployment)) {
    let previous: FoundOutcome | null = null
    for (const one of own.toSorted((a, b) => a.outcome.number - b.outcome.number)) {
      const from: number = (previous?.outcome.number ?? 0) + 1
      const missing = firstMissing(deployment, from, one.outcome.number, taken)
      const digest = previous === null ? null : digestOf(previous.outcome)
      if (missing !== null)
        add('removed', missing, `outcome ${one.outcome.number} is there, and this one before it is gone`)
      else if (one.outcome.previous !== digest) add('changed', one.key, 'it was chained to another outcome before it')
      previous = one
    }
  }
}

/** Bounded: each number that is taken is an object that was read. */
function firstMissing(deployment: string, from: number, to: number, taken: ReadonlySet<string>): string | null {
  for (let number = from; number < to; number += 1) {
    const key = outcomeKey(deployment, number)
    if (!taken.has(key)) return key
  }
  return null
}

/** Each outcome in the log is there, and is the same. */
function checkLogged(key: string, logged: readonly Logged[], about: About, taken: ReadonlySet<string>): void {
  const kept = about.outcomes.get(key)
  const digest = kept === undefined ? null : digestOf(kept.outcome)
  for (const { sequence, digest: recorded } of logged) {
    if (recorded === digest) continue
    const at = `record ${sequence} of the log carries`
    // An object that cannot be believed has a finding of its own.
    if (kept !== undefined) about.add('changed', key, `${at} another outcome of this number`)
    else if (!taken.has(key)) about.add('removed', key, `${at} this outcome, and it is gone`)
  }
}

const CLOSING: readonly string[] = ['written', 'undone', 'left']
const GOING_BACK: readonly string[] = ['undone', 'left', 'taken-away', 'not-taken-away']

const outcomesOf = ({ byProposal }: About, deployment: string, proposalId: string): readonly FoundOutcome[] =>
  byProposal.get(ledgerKey('spent', deployment, proposalId)) ?? []

/** 1: its outcome is still due. */
function checkSpent({ key, deployment, spent }: FoundSpent, about: About): number {
  const refusal = refusalOf(spent, about)
  if (refusal !== null) about.add('unauthorized', key, `the checks of write refuse it at its time: ${refusal}`)
  const own = outcomesOf(about, deployment, spent.proposalId)
  const closing = own.filter(({ outcome }) => CLOSING.includes(outcome.result))
  if (closing.length > 1) {
    const [first, second] = closing.map(({ outcome }) => outcome.number)
    about.add('duplicate', key, `it has the outcomes ${first} and ${second}, and was written once`)
  }
  if (closing.length > 0 || own.some(({ outcome }) => outcome.result === 'taken-away')) return 0
  if (isYoung(spent.atMs, about)) return 1
  about.add('no-outcome', key, 'it was begun more than an hour ago, and no outcome says how it ended')
  return 0
}

/** Of a write for which none was needed, and none was given. */
const NO_PASSKEYS: PasskeyRule = { needed: 'off', origin: '', isDeviceBound: false, people: null }

const isYoung = (atMs: number, { nowMs }: About): boolean => atMs > nowMs - DUE_MS

/** The checks ran shortly before `spent/` was made, and after the attestation. */
function refusalOf(spent: Spent, { keys, rejectedAtMs }: About): string | null {
  const { deploymentId, proposalId, grant, configDigest, approvedSets, passkeys = NO_PASSKEYS, atMs } = spent
  const { statement } = grant.attestation
  if (statement.proposalId !== proposalId) return 'the signatures are about another proposal'
  const rejectedMs = rejectedAtMs.get(ledgerKey('spent', deploymentId, proposalId))
  if (rejectedMs !== undefined && rejectedMs < atMs - READING_MS - MAX_SKEW_MS) return 'it had been rejected'
  const at = (nowMs: number) => authorized(grant, { deploymentId, configDigest, approvedSets, passkeys, keys, nowMs })
  const late = at(atMs)
  if (late.ok || statement.atMs >= atMs) return late.ok ? null : late.error.why
  const early = at(Math.max(atMs - READING_MS, statement.atMs))
  return early.ok ? null : late.error.why
}

type UsedPasskey = PasskeyOfWrite & { readonly proposalId: string }

/** The checks of `write` verify each passkey that is there. */
function passkeysOf({ key, spent }: FoundSpent, about: About): readonly UsedPasskey[] {
  if (refusalOf(spent, about) !== null) return []
  const { proposalId, atMs } = spent
  return spent.grant.decisions.flatMap(({ decision: { passkey } }) =>
    passkey === null ? [] : [{ key, proposalId, atMs, enrollment: passkey.enrollment.statement }],
  )
}

/** 1: its record is still due. */
function checkOutcome({ key, deployment, outcome }: FoundOutcome, about: About): number {
  const { proposalId, result, code } = outcome
  const closes = CLOSING.includes(result)
  const takesAway = result === 'taken-away' || result === 'not-taken-away'
  const begun = about.spent.has(ledgerKey('spent', deployment, proposalId))
  if (!begun && (closes || (takesAway && !about.log.writtenEarlier.has(proposalId))))
    about.add('no-spent', key, `it says ${result}, and nothing says that ${proposalId} was begun`)
  // A grant that was taken away twice has one record.
  const same = result === 'taken-away' ? outcomesOf(about, deployment, proposalId) : []
  const isLogged =
    about.log.outcomes.has(key) || same.some(one => one.outcome.result === result && about.log.outcomes.has(one.key))
  if (isLogged || !(closes || result === 'taken-away') || code === 'ended') return 0
  if (isYoung(outcome.atMs, about)) return 1
  about.add('not-in-log', key, `it says ${result}, and no record of the log carries it`)
  return 0
}

/** `write` keeps the marks of an outcome before it signs it. One that was signed since then may be listed without them. */
function checkMarksBefore(about: About, taken: ReadonlySet<string>): void {
  const ended = new Set([...taken].filter(key => key.startsWith('ended/')).map(key => dirname(key)))
  for (const { deployment, outcome } of about.outcomes.values()) {
    if (outcome.atMs > about.nowMs - MAX_SKEW_MS) continue
    const { proposalId, result, code, number } = outcome
    const back = ledgerKey('written', deployment, proposalId, BACK_MARK)
    const own = ledgerKey('ended', deployment, proposalId)
    const before = [
      ...(CLOSING.includes(result) ? [ledgerKey('written', deployment, proposalId, `${OUTCOME_MARK}${number}`)] : []),
      ...(GOING_BACK.includes(result) && code !== 'ended' ? [back] : []),
      ...outcome.ended.map(id => ledgerKey('ended', deployment, id, `by-${proposalId}`)),
    ]
    const gone = before.filter(key => !taken.has(key))
    for (const key of result === 'taken-away' && !ended.has(own) ? [...gone, own] : gone)
      about.add('removed', key, `outcome ${number} was signed after this mark was made, and it is gone`)
  }
}

/** Each mark belongs to a write, or to an outcome that took one away. */
function checkMark({ key, deployment, folder, name, mark }: FoundMark, about: About): void {
  if (isYoung(mark.atMs, about)) return
  const own = outcomesOf(about, deployment, mark.proposalId).map(({ outcome }) => outcome)
  if (folder === 'written') {
    const begun = about.spent.has(ledgerKey('spent', deployment, mark.proposalId))
    const takenAway = own.some(({ result }) => result === 'taken-away' || result === 'not-taken-away')
    if (!begun && !(name === 'back' && takenAway))
      about.add('no-spent', key, `nothing says that ${mark.proposalId} was begun`)
    return
  }
  const by = name.startsWith('by-') ? name.slice('by-'.length) : null
  const isTold =
    by === null
      ? own.some(({ result }) => result === 'taken-away')
      : about.spent.get(ledgerKey('spent', deployment, by))?.spent.withdraws.includes(mark.proposalId) === true
  if (!isTold) about.add('no-outcome', key, 'no outcome says that it was taken away')
}
