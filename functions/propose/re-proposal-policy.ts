/** Whether a occurrence calls for a new proposal, and under which id: every denial has one proposal at a time, and a chain of them over time. */
import { digestOf } from '../domain/base/canonical-json.ts'
import { never } from '../domain/base/result.ts'
import { HOUR_MS } from '../domain/base/time.ts'
import type { Config } from '../domain/config/config.ts'
import { type Closed, deniedAtMs, type Occurrence, type Proposal } from '../domain/proposal/proposal.ts'
import { PROPAGATION_MS } from '../domain/proposal/transitions.ts'

export type Call =
  /** A proposal is under way: the denial counts as its repeat. */
  | { readonly kind: 'stands' }
  /** What was decided or found a short time ago still holds. */
  | { readonly kind: 'quiet' }
  /** Worth a look: a new card only if something else comes out. */
  | { readonly kind: 'look-again' }
  | { readonly kind: 'propose' }

/** The same id for the same place in the chain, so that a redelivered message finds what it made before. */
export function proposalId(fingerprint: string, previous: Proposal | null): string {
  return `p-${digestOf({ fingerprint, previous: previous?.id ?? null }).slice('sha256:'.length, 'sha256:'.length + 20)}`
}

export function callFor(standing: Proposal | null, occurrence: Occurrence, config: Config, nowMs: number): Call {
  if (standing === null) return { kind: 'propose' }
  switch (standing.status) {
    case 'drafted':
    case 'open':
    case 'approved':
    case 'applying':
    case 'reverting':
      return { kind: 'stands' }
    case 'applied':
    case 'confirmed':
      return deniedAfter(occurrence, standing.applied.atMs + PROPAGATION_MS) ? { kind: 'propose' } : { kind: 'quiet' }
    case 'rejected':
      return again(occurrence, standing.rejection.atMs, quietMs(config), nowMs)
    case 'closed':
      return closed(standing, occurrence, config, nowMs)
    // What was approved was no longer right: the denial is still there, and is looked into from what is true now.
    case 'stale':
      return { kind: 'propose' }
    case 'reverted':
    case 'expired':
    case 'failed':
      return deniedAfter(occurrence, standing.repeats.lastSeenMs) ? { kind: 'propose' } : { kind: 'quiet' }
    default:
      return never(standing)
  }
}

/** A person said no, or a card told whom to ask: for as long as an approval may take, it is not said again. */
const quietMs = (config: Config): number => config.approvalExpiryHours * HOUR_MS

function again(occurrence: Occurrence, sinceMs: number, quietForMs: number, nowMs: number): Call {
  if (!deniedAfter(occurrence, sinceMs)) return { kind: 'quiet' }
  return nowMs >= sinceMs + quietForMs ? { kind: 'propose' } : { kind: 'quiet' }
}

/** Nothing could be approved. Recorded without a card (it was allowed by then), or told on a card. */
function closed(standing: Closed, occurrence: Occurrence, config: Config, nowMs: number): Call {
  // Told by a deploy in words; CloudTrail's own record of it knows more.
  if (standing.denial.source === 'message' && occurrence.denial.source === 'cloudtrail') return { kind: 'look-again' }
  if (!deniedAfter(occurrence, standing.createdAtMs)) return { kind: 'quiet' }
  if (standing.card === null) return { kind: 'propose' }
  return nowMs >= standing.createdAtMs + quietMs(config) ? { kind: 'propose' } : { kind: 'look-again' }
}

const deniedAfter = (occurrence: Occurrence, atMs: number): boolean => deniedAtMs(occurrence) > atMs
