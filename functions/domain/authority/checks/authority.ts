/**
 * What says yes to a write. Each check is one rule with one name; `write` runs all of them before it touches IAM, and `audit verify` runs
 * the same ones over what was written, at its time.
 */

import { digestOf } from '../../../../core/base/canonical-json.ts'
import { type Brand, fail, ok, type Result } from '../../../../core/base/result.ts'
import { limitedAfter } from '../../../../core/patch/limited-document.ts'
import { changeDigest, type DocumentChange, trustLast } from '../../../../core/patch/target.ts'
import type { DecisionNow } from '../decision.ts'
import { BY_ADMINISTRATOR, challengeOf, ENROLLMENT, type Enrollment, isAsserted, type PasskeyRule } from '../passkey.ts'
import { currentKeys, type KeyRing, verified, verifyDecision } from '../statement.ts'
import { outsideGrammar } from './grammar.ts'
import { ATTESTATION, type Attestation, decisionsDigest, type GrantInput } from './grant.ts'

/** What `write` knows by itself, from its environment and its clock. */
export type Own = {
  readonly deploymentId: string
  readonly configDigest: string
  /** Patterns of the approved role sets. */
  readonly approvedSets: readonly string[]
  readonly passkeys: PasskeyRule
  readonly keys: KeyRing
  readonly nowMs: number
}

/** `again`: nothing is spent, and `verify` may attest again. */
export type No = { readonly code: string; readonly why: string; readonly again: boolean }

/** What was granted, as signed. */
export type Granted<D = DecisionNow> = {
  readonly proposalId: string
  readonly patchDigest: string
  readonly decisions: readonly D[]
  /** The earliest end that an approver chose; null: without end. */
  readonly endsAtMs: number | null
  /** In order. */
  readonly writes: readonly DocumentChange[]
}

/** A grant that passed every check. Only `authorized()` makes one. */
export type Authorized = Brand<Granted, 'authorized'>

/** The statements, before anything about them is known to be true. */
type Case = Readonly<{ decisions: readonly DecisionNow[]; attested: Attestation; input: GrantInput; own: Own }>

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
export const MAX_ATTESTATION_AGE_MS = 10 * MINUTE_MS
export const MAX_SKEW_MS = MINUTE_MS
const RISKS = ['low', 'elevated', 'high']

export const no = (code: string, why: string, again = false): No => ({ code, why, again })

/** Each passes or says why not, in this order: the first that refuses is the answer. */
export const CHECKS: { readonly [name: string]: (about: Case) => true | No } = {
  decisionsAreSigned({ input, own }) {
    const keys = currentKeys(own.keys, own.nowMs)
    const forged = input.decisions.map(signed => verifyDecision(signed, keys)).find(read => !read.ok)
    return forged === undefined || no('forged', forged.error)
  },

  attestationIsSigned: ({ input, own }) =>
    verified(ATTESTATION, input.attestation, currentKeys(own.keys, own.nowMs)).ok ||
    no('forged', 'the attestation does not carry a signature of verify'),

  deploymentIsThis: ({ decisions, attested, own }) =>
    [attested, ...decisions].every(one => one.deploymentId === own.deploymentId) ||
    no('other-deployment', 'it was signed for another deployment of rolemedic'),

  decisionsApprove: ({ decisions }) =>
    decisions.every(approves) || no('not-approved', 'a decision among them approves nothing'),

  /** The documents, the decisions and the attestation are about one change of one proposal. */
  patchIsOne({ decisions, attested, input: { changes } }) {
    const statements = [attested, ...decisions]
    const patches = new Set([digestOf(changes.map(changeDigest)), ...statements.map(({ patchDigest }) => patchDigest)])
    const proposals = new Set(statements.map(({ proposalId }) => proposalId))
    const denials = new Set(decisions.map(({ fingerprint }) => fingerprint))
    const isOne = [patches, proposals, denials].every(({ size }) => size === 1)
    return isOne || no('other-change', 'the signatures are not about this change')
  },

  attestationIsOfTheseDecisions: ({ decisions, attested }) =>
    attested.decisions === decisionsDigest(decisions) ||
    no('other-decisions', 'the attestation is about other decisions'),

  nothingIsFromTheFuture: ({ decisions, attested, own }) =>
    [attested, ...decisions].every(({ atMs }) => atMs <= own.nowMs + MAX_SKEW_MS) ||
    no('from-the-future', 'it was signed later than now'),

  decisionsAreYoung: ({ decisions, own }) =>
    decisions.every(({ atMs }) => atMs > own.nowMs - DAY_MS) ||
    no('approval-too-old', 'It was approved more than 24 h ago and never written: approve a new card.'),

  attestationIsFresh({ decisions, attested: { atMs }, own }) {
    const isFresh = atMs > own.nowMs - MAX_ATTESTATION_AGE_MS && decisions.every(one => one.atMs <= atMs + MAX_SKEW_MS)
    return isFresh || no('attestation-old', 'it was looked at too long ago', true)
  },

  configurationIsDeployed: ({ attested, own }) =>
    attested.configDigest === own.configDigest ||
    no('other-configuration', 'it was looked at under another configuration', true),

  endIsAhead({ decisions, own }) {
    const end = endOfGrant(decisions)
    return end === null || end > own.nowMs || no('limit-over', 'The approved time is over: approve a new card.')
  },

  breakGlassIsWhole({ decisions, attested }) {
    for (const { by, reason, eligible, atMs, endsAtMs } of decisions.filter(({ kind }) => kind === 'break-glass')) {
      if (reason === null || reason.trim() === '') return no('no-reason', 'a break-glass gives no reason')
      if (!eligible.breakGlass.includes(by.userId)) return no('not-break-glass', `${by.userId} may not break the glass`)
      if (!attested.breakGlass) return no('no-break-glass', 'the deployed configuration has no break-glass')
      if (endsAtMs === null || endsAtMs > atMs + 4 * 60 * MINUTE_MS)
        return no('break-glass-too-long', 'Break-glass ends after 4 h at most: approve a new card.')
    }
    return true
  },

  approversAreEligible({ decisions }) {
    const approvals = decisions.filter(({ kind }) => kind === 'approve')
    const foreign = approvals.find(({ by, eligible }) => !eligible.approvers.includes(by.userId))
    return foreign === undefined || no('not-an-approver', `${foreign.by.userId} was no approver of this`)
  },

  /** Distinct people, none of whom was denied or may have been, as many as the highest number signed or attested. Break-glass needs no other. */
  enoughPeople(about) {
    const counted = countedOf(about)
    if (counted.some(({ kind }) => kind === 'break-glass')) return true
    const needed = Math.max(...[about.attested, ...about.decisions].map(({ approversNeeded }) => approversNeeded))
    const given = peopleAmong(counted).length
    const why = `It needs ${needed} approvals that count today and has ${given}.`
    return given >= needed || no('not-enough-approvals', why)
  },

  /** Today it has no more risk, findings or openings, and needs no more people, than each counted person saw. */
  nothingGrew(about) {
    const { risk, findings, blastRadius, approversNeeded } = about.attested
    const grew = (why: string) => no('risk-grew', `${why}: approve a new card.`)
    for (const seen of countedOf(about)) {
      const { name } = seen.by
      if (RISKS.indexOf(risk) > RISKS.indexOf(seen.risk))
        return grew(`The risk is ${risk} now, and was ${seen.risk} when ${name} approved it`)
      const isSeen =
        findings.every(one => seen.findings.includes(one)) && blastRadius.every(one => seen.blastRadius.includes(one))
      if (!isSeen) return grew(`The change reaches more now than ${name} saw`)
      if (seen.kind !== 'break-glass' && seen.approversNeeded < approversNeeded)
        return grew(
          `It needs ${approversNeeded} approvals now, and needed ${seen.approversNeeded} when ${name} approved it`,
        )
    }
    return true
  },

  /** Where it is needed, the device of each person signed exactly this; and what is there is right wherever it is. */
  passkeysAreWhole(about) {
    const { passkeys: rule, keys, deploymentId, nowMs } = about.own
    const { requesters } = about.attested
    const counting = inTime(about.decisions)
    for (const decision of about.decisions) {
      const { passkey, by } = decision
      const isNeeded = counting.includes(decision) && needsPasskey(rule, isLow(about), decision, requesters)
      if (passkey === null && isNeeded) return no('no-passkey', `${by.name} gave no passkey: approve a new card.`)
      if (passkey === null) continue
      const { statement: key } = passkey.enrollment
      const isTheirs = key.deploymentId === deploymentId && key.userId === by.userId
      const isEnrolled = isTheirs && verified(ENROLLMENT, passkey.enrollment, currentKeys(keys, nowMs)).ok
      if (!isEnrolled || !isAsserted(passkey, key, challengeOf({ ...decision, passkey: null }), rule.origin))
        return no('forged', `no passkey of ${by.userId} signed this`)
      if (isNeeded && !passkeyCounts(rule, isLow(about), decision.atMs, key))
        return no('passkey-not-counted', `The passkey of ${by.name} does not count for this.`)
    }
    return true
  },

  grammarHolds({ input, own }) {
    const why = outsideGrammar(input.changes, own.approvedSets)
    return why === null || no('outside-grammar', `rolemedic never writes this: ${why}`)
  },
}

export function authorized(input: GrantInput, own: Own): Result<Authorized, No> {
  const decisions = input.decisions.map(({ decision }) => decision)
  const about = { decisions, attested: input.attestation.statement, input, own }
  for (const check of Object.values(CHECKS)) {
    const answer = check(about)
    if (answer !== true) return fail(answer)
  }
  return ok(grantedBy(about.attested.proposalId, input) as Authorized)
}

type DecidedChanges<D> = Pick<GrantInput, 'changes'> & { readonly decisions: readonly { readonly decision: D }[] }

/** Of decisions whose signatures were verified. Identity first and trust last: until the last write, nobody can use what is half open. */
export function grantedBy<D extends Timed>(proposalId: string, signed: DecidedChanges<D>): Granted<D> {
  const decisions = signed.decisions.map(({ decision }) => decision)
  const endsAtMs = endOfGrant(decisions)
  const writes = trustLast(signed.changes).map(change =>
    endsAtMs === null ? change : { ...change, after: limitedAfter(change, endsAtMs) },
  )
  return { proposalId, patchDigest: digestOf(signed.changes.map(changeDigest)), decisions, endsAtMs, writes }
}

export const approves = ({ kind }: Pick<DecisionNow, 'kind'>): boolean => kind === 'approve' || kind === 'break-glass'

export type Timed = Pick<DecisionNow, 'atMs' | 'endsAtMs'>

/** Those whose time was not over when the last one was given. */
const inTime = <T extends Timed>(decisions: readonly T[]): readonly T[] => {
  const lastMs = Math.max(...decisions.map(({ atMs }) => atMs))
  return decisions.filter(({ endsAtMs }) => endsAtMs === null || endsAtMs > lastMs)
}

/** Null: every approver chose no end. */
export function endOfGrant(decisions: readonly Timed[]): number | null {
  const end = Math.min(...inTime(decisions).map(({ endsAtMs }) => endsAtMs ?? Number.POSITIVE_INFINITY))
  return Number.isFinite(end) ? end : null
}

/**
 * Nobody approves what they were denied, or may have been, by any of the decisions or by today's look; nor does another account of theirs.
 * From elevated risk on, nobody counts who was first seen in the approver group less than a day before, or nobody knows when.
 */
function countedOf(about: Case): readonly DecisionNow[] {
  const { decisions, attested } = about
  const denied = new Set([...attested.requesters, ...decisions.flatMap(requestersOf)].map(idName))
  const theirs = peopleAmong(decisions).filter(person => [...person].some(name => denied.has(name)))
  const isOld = ({ by: { memberSinceMs: since }, atMs }: DecisionNow) =>
    since === null || atMs >= (since ?? atMs) + DAY_MS
  return inTime(decisions).filter(
    one => (isLow(about) || isOld(one)) && !theirs.some(all => all.has(idName(one.by.userId))),
  )
}

/** By everything that was signed. */
const isLow = ({ decisions, attested }: Case): boolean => [attested, ...decisions].every(({ risk }) => risk === 'low')

/** Never for what takes away: it is no approval. More than a week is without end. */
export function needsPasskey(
  { needed }: PasskeyRule,
  isLowRisk: boolean,
  { kind, endsAtMs, atMs, requester }: DecisionNow,
  denied: readonly string[],
): boolean {
  const isPerson = requester.kind !== 'machine' || denied.length > 0
  const isEndless = isPerson && (endsAtMs ?? Number.POSITIVE_INFINITY) > atMs + 7 * DAY_MS
  return needed === 'always' || (needed === 'elevated' && (!isLowRisk || kind === 'break-glass' || isEndless))
}

/** From elevated risk on, a day after it was confirmed, or at once if two administrators did: what approvers confirm, a page asked them for. */
export function passkeyCounts(rule: PasskeyRule, isLowRisk: boolean, atMs: number, key: Enrollment): boolean {
  const isSure = key.confirmedBy.filter(name => name.startsWith(BY_ADMINISTRATOR)).length > 1
  const isOld = isLowRisk || isSure || atMs >= key.atMs + DAY_MS
  return isOld && !(rule.isDeviceBound && key.isSynced) && rule.people?.includes(key.userId) !== false
}

function requestersOf({ requester }: DecisionNow): readonly string[] {
  if (requester.kind !== 'unknown') return requester.kind === 'machine' ? [] : [requester.userId]
  return [...(requester.claimed === null ? [] : [requester.claimed]), ...(requester.alsoClaimed ?? [])]
}

/** Two accounts with one user id, one verified e-mail address or one passkey are one person, also through a third. */
export function peopleAmong(decisions: readonly Pick<DecisionNow, 'by' | 'passkey'>[]): readonly ReadonlySet<string>[] {
  let groups: readonly ReadonlySet<string>[] = []
  for (const { by, passkey } of decisions) {
    const names = [idName(by.userId), ...(by.email === null ? [] : [`email ${by.email.toLowerCase()}`])]
    if (passkey !== null) names.push(`passkey ${passkey.enrollment.statement.publicKey}`)
    const same = groups.filter(group => names.some(name => group.has(name)))
    groups = [...groups.filter(group => !same.includes(group)), new Set([...names, ...same.flatMap(one => [...one])])]
  }
  return groups
}

export const idName = (userId: string): string => `id ${userId}`
