/** Which records of the kinds that are signed carry a signature, and whether it is by the right key and over this content. */
import { digestOf, HOUR_MS } from '../../../core/base/index.ts'
import {
  type Decision,
  type DecisionKind,
  isOfNow,
  type KeyRing,
  signatureSchema,
  signedDecisionSchema,
  verifyDecision,
} from '../authority/index.ts'
import { signerOfRecord } from './audit-chain.ts'
import { noteInWords } from './audit-entry.ts'
import { type AuditEntry, type AuditKind, type AuditRecord, isOfVerify } from './audit-record.ts'
import type { ChainFinding, Member } from './verify-chain.ts'

export type SignatureCheck =
  | { readonly checked: false }
  | {
      readonly checked: true
      /** Decisions of people with a valid signature of `decide`, and records with a valid one of `verify` or `apply`. */
      readonly decisions: number
      readonly records: number
      /** Of these records: who signed, by the key. `apply` is the function before `verify` and `write`. */
      readonly recordsBy: { readonly verify: number; readonly apply: number }
      /** Of the kinds that are signed, written before the first signature: by a version that did not sign. */
      readonly unsignedBefore: number
    }

/** What a person decided: the record carries their decision. */
const DECIDED: { readonly [kind in AuditKind]?: DecisionKind } = {
  approved: 'approve',
  'break-glass': 'break-glass',
  rejected: 'reject',
  'revert-intended': 'revert',
  reverted: 'revert',
  'revert-failed': 'revert',
}

/** What a person said of a grant that was written. */
const SAID = { kept: 'keep', ratified: 'ratify', 'not-ratified': 'not-ratify' } as const

/** Null: the record is not of what a person said. */
function statedIn({ life }: AuditEntry) {
  switch (life?.kind) {
    case 'kept':
    case 'ratified':
    case 'not-ratified':
      return life
    default:
      return null
  }
}

/** Whom the log names where no person decided: a time-limited grant ended. */
const NO_PERSON = 'rolemedic'

type Judged = { readonly valid: number; readonly missing: string | null; readonly wrong: string | null }

/** Takes records in the order of the log. */
export class SignatureChecker {
  readonly findings: ChainFinding[] = []
  readonly #keys: KeyRing
  readonly #decided = new Map<string, number>()
  readonly #recordsBy = { verify: 0, apply: 0 }
  #decisions = 0
  #records = 0
  #unsignedBefore = 0

  constructor(keys: KeyRing) {
    this.#keys = keys
  }

  /** True: a signature is wrong or missing. */
  take({ stored, record }: Member): boolean {
    const before = this.findings.length
    const signer = signerIn(record, this.#keys)
    const signature = judgeSignature(record, signer, this.#keys)
    const decision = judgeDecision(record, this.#keys, this.#decided)
    for (const { missing, wrong } of [decision, signature]) {
      const at = { place: stored.place, sequence: stored.sequence }
      if (wrong !== null) this.findings.push({ kind: 'forged', ...at, detail: `${record.entry.kind}: ${wrong}` })
      if (missing === null) continue
      if (this.#decisions + this.#records === 0) this.#unsignedBefore += 1
      else this.findings.push({ kind: 'unsigned', ...at, detail: `${record.entry.kind}: ${missing}` })
    }
    this.#decisions += decision.valid
    this.#records += signature.valid
    if (signer !== null) this.#recordsBy[signer] += 1
    return this.findings.length > before
  }

  get check(): SignatureCheck {
    return {
      ...{ checked: true, decisions: this.#decisions, records: this.#records },
      ...{ recordsBy: this.#recordsBy, unsignedBefore: this.#unsignedBefore },
    }
  }
}

/** What a person decided or `verify` recorded, without their signature: versions before signatures recorded all like this. */
export const lacksSignature = ({ entry, signature }: AuditRecord): boolean =>
  (signature === undefined && isOfVerify(entry)) || lacksDecision(entry)

function lacksDecision(entry: AuditEntry): boolean {
  const { kind, given } = decisionOf(entry)
  return kind !== undefined && given === undefined && entry.by?.id !== NO_PERSON
}

/** The kind of decision that a record follows from, and the one that is with it. */
function decisionOf(entry: AuditEntry): { readonly kind?: DecisionKind | undefined; readonly given?: unknown } {
  const stated = entry.kind === 'confirmed' ? statedIn(entry) : null
  if (stated !== null) return { kind: SAID[stated.kind], given: stated.decision }
  return { kind: DECIDED[entry.kind], given: entry.decision }
}

const VALID: Judged = { valid: 1, missing: null, wrong: null }
const NEEDS_NONE: Judged = { valid: 0, missing: null, wrong: null }
const missing = (what: string): Judged => ({ valid: 0, missing: what, wrong: null })
const wrong = (what: string): Judged => ({ valid: 0, missing: null, wrong: what })

const signerIn = (record: AuditRecord, keys: KeyRing) =>
  signatureSchema.safeParse(record.signature).success ? signerOfRecord(record, keys) : null

function judgeSignature(record: AuditRecord, signer: ReturnType<typeof signerIn>, keys: KeyRing): Judged {
  const { signature, entry } = record
  if (signature === undefined) return isOfVerify(entry) ? missing('it is not signed') : NEEDS_NONE
  if (signer !== null) return VALID
  const key = keys.find(({ keyId, use }) => keyId === signature?.keyId && (use === 'attestations' || use === 'audit'))
  if (key === undefined) return wrong('its signature is by none of the public keys of verify')
  return wrong(`its signature is not one of ${key.use === 'audit' ? 'apply' : 'verify'} over this record`)
}

/** `decided`: by statement, as a signature has several forms, the record that a decision of an earlier one is in. */
function judgeDecision({ sequence, entry }: AuditRecord, keys: KeyRing, decided: Map<string, number>): Judged {
  const { kind, given } = decisionOf(entry)
  if (given === undefined) return lacksDecision(entry) ? missing('no signed decision is with it') : NEEDS_NONE
  const parsed = signedDecisionSchema.safeParse(given)
  if (!parsed.success) return wrong('what is with it is not a signed decision')
  const verified = verifyDecision(parsed.data, keys)
  if (!verified.ok) return wrong(verified.error)
  const differs =
    kind === undefined ? 'records of this kind follow from no decision' : difference(entry, verified.value, kind)
  if (differs !== null) return wrong(differs)
  // Each approval counts once; a revert has several records of its one decision.
  const digest = digestOf(verified.value)
  const before = kind === 'revert' ? undefined : decided.get(digest)
  if (before !== undefined) return wrong(`the decision is that of record ${before}`)
  decided.set(digest, sequence)
  return VALID
}

/** How the record of an ordinary approval begins, before the reason and the ticket. */
const APPROVED = /^approved(?: for (\d{1,3}) h)?(?:; not counted, as a new member of the approver group)?$/

/** Null: the decision says what the record says. */
function difference(entry: AuditEntry, decision: Decision, kind: DecisionKind): string | null {
  const { by, proposalId, patchDigest, atMs, reason } = decision
  const who = `the ${decision.kind} by ${by.userId}`
  if (decision.kind !== kind) return `${who} is not a decision of this kind`
  if (proposalId !== entry.proposalId) return `${who} is about proposal ${proposalId}`
  if (by.userId !== entry.by?.id) return `${who} is not by the person that the record names`
  if (patchDigest !== entry.digest) return `${who} is about another change`
  if (kind !== 'revert' && atMs !== entry.atMs) return `${who} was made at another time`
  if (kind === 'approve') {
    const ticket = isOfNow(decision) ? decision.ticket : null
    const note = noteInWords({ reason, ticket })
    if (!entry.why.endsWith(note)) return `${who} gives another reason or ticket`
    const [whole, hours] = APPROVED.exec(entry.why.slice(0, entry.why.length - note.length)) ?? []
    const endsAtMs = hours === undefined ? null : atMs + Number(hours) * HOUR_MS
    return whole !== undefined && endsAtMs === decision.endsAtMs ? null : `${who} says another time`
  }
  if (kind !== 'revert' && reason && reason !== entry.why) return `${who} gives another reason`
  return null
}
