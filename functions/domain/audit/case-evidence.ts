/** What an auditor asks of a case beside its outcome: who was denied, what it may do now, and who could have stopped it. */
import { type PolicyDocument, parsePolicy, type Statement, withValues } from '../../../core/iam/index.ts'
import { diffDocuments, type Risk, type Target } from '../../../core/patch/index.ts'
import { type Decision, signedDecisionSchema } from '../authority/index.ts'
import type { AuditEntry } from './audit-record.ts'

/** Slack ids. */
export type CouldHave = {
  /** Approve, reject or revert it. */
  readonly decided: readonly string[]
  /** Approve it alone with break-glass. */
  readonly approvedAlone: readonly string[]
  readonly onCall: readonly string[]
}

export type CaseEvidence = {
  /** Who was denied, as the signed decisions have it: a machine, a person, or why it is unknown. Null: nobody decided. */
  readonly requester: string | null
  /** How that is known. Null: it is not known, or nobody decided. */
  readonly requesterKnownBy: string | null
  /** The run behind the call, as the record of the denial says it: what was proved, then what was claimed. Null: it names none. */
  readonly run: string | null
  /** `shown`: the highest that somebody signed. `atWrite`: as `verify` attested. Null: not recorded. */
  readonly risk: { readonly shown: Risk | null; readonly atWrite: Risk | null }
  /** When the last decision was signed. Null: nobody decided, or the records do not say. */
  readonly couldHave: CouldHave | null
  /** The last use that was seen of the grant. Null: none was. */
  readonly lastUsedAtMs: number | null
}

/** From the lowest. */
const RISKS: readonly Risk[] = ['low', 'elevated', 'high']

/**
 * `entries`: those of one case that are believed, in the order of the chain. A record keeps what was written into it: what this
 * version cannot read answers nothing.
 */
export function caseEvidence(entries: readonly AuditEntry[]): CaseEvidence {
  const decisions = entries.filter(({ kind }) => DECIDED.includes(kind)).flatMap(({ decision }) => decisionIn(decision))
  const last = decisions.at(-1)
  const uses = entries.flatMap(({ life }) =>
    life?.kind === 'used' && isTime(life.lastUsedAtMs) ? life.lastUsedAtMs : [],
  )
  const shown = decisions.map(({ risk }) => risk)
  const atWrite = entries.findLast(({ risk }) => risk !== undefined)?.risk
  return {
    requester: last === undefined ? null : requesterText(last),
    requesterKnownBy: last === undefined ? null : knownBy(last, entries),
    run: /^Run: (.{1,4000})$/m.exec(denialSeenIn(entries))?.[1] ?? null,
    risk: {
      shown: RISKS.findLast(risk => shown.includes(risk)) ?? null,
      atWrite: RISKS.find(risk => risk === atWrite) ?? null,
    },
    couldHave: last === undefined ? null : couldHave(last),
    lastUsedAtMs: uses.length === 0 ? null : Math.max(...uses),
  }
}

export function decisionIn(signed: unknown): readonly Decision[] {
  const read = signedDecisionSchema.safeParse(signed)
  return read.success ? [read.data.decision] : []
}

const isTime = (ms: unknown): ms is number => typeof ms === 'number' && !Number.isNaN(new Date(ms).getTime())

const DECIDED: readonly AuditEntry['kind'][] = ['approved', 'break-glass', 'rejected']

function requesterText({ requester }: Decision): string | null {
  switch (requester?.kind) {
    case 'machine':
      return 'a machine'
    case 'person':
      return requester.userId
    case 'unknown':
      return `not known: ${requester.why}`
    default:
      return null
  }
}

const denialSeenIn = (entries: readonly AuditEntry[]): string =>
  entries.find(({ kind }) => kind === 'denial-seen')?.why ?? ''

/** The record of the denial names CloudTrail's records of the keys behind it. */
function knownBy({ requester }: Decision, entries: readonly AuditEntry[]): string | null {
  const [, keys = null] = /^Keys issued by: ([\w, -]{1,300})$/m.exec(denialSeenIn(entries)) ?? []
  switch (requester?.kind) {
    case 'machine':
      return keys === null
        ? 'no person can enter its role, or the configuration names it'
        : `CloudTrail's records ${keys}`
    case 'person':
      return keys === null
        ? 'AWS or the sign-in names the session, and the configuration or the address says whose it is'
        : `CloudTrail's records ${keys}`
    default:
      return null
  }
}

function couldHave(decision: Decision): CouldHave | null {
  if (!('eligible' in decision)) return null
  const { approvers, breakGlass, onCall = [] } = decision.eligible
  return { decided: approvers, approvedAlone: breakGlass, onCall }
}

type Written = {
  readonly target: Target
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument | null
}

/**
 * What the change newly lets be done, a line each: who may do what on which role, with whole ARNs and without sessions. Nothing of
 * documents that this version cannot read.
 */
export function grantedInWords(changes: readonly Written[]): readonly string[] {
  const lines = changes.flatMap(({ target, before: earlier, after: later }) => {
    const [before, after] = [documentIn(earlier), documentIn(later)]
    if (before === null || after === null) return []
    const { added, extended } = diffDocuments(before, after)
    const widened = extended.map(({ statement, operator, key, values }) => withValues(statement, operator, key, values))
    return [...added, ...widened].filter(({ Effect }) => Effect === 'Allow').map(statement => lineOf(statement, target))
  })
  return [...new Set(lines)]
}

const NOTHING: PolicyDocument = { Version: '2012-10-17', Statement: [] }

function documentIn(recorded: unknown): PolicyDocument | null {
  if (recorded === null) return NOTHING
  const read = parsePolicy(recorded)
  return read.ok ? read.value : null
}

function lineOf({ Principal, Action, Resource, Condition = {} }: Statement, { arn }: Target): string {
  const actions = listed(Action)
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${key} ${operator} ${listed(values)}`),
  )
  const under = conditions.length === 0 ? '' : `, if ${conditions.join(' and ')}`
  if (Principal === undefined) return `${arn} may ${actions} on ${listed(Resource)}${under}`
  const who = typeof Principal === 'string' ? Principal : Object.values(Principal).map(listed).join(', ')
  return `${who} may ${actions} on ${arn}${under}`
}

type Value = string | number | boolean

const listed = (values: Value | readonly Value[] | undefined): string =>
  values === undefined ? '*' : typeof values === 'object' ? values.join(', ') : String(values)
