import type { Config } from '../domain/config/config.ts'
import { deniedAtMs, type Occurrence, type Proposal } from '../domain/proposal/proposal.ts'
import { REPAIR_MS } from '../domain/proposal/transitions.ts'
import type { Analysis } from '../workflows/denial/analyze-denial.ts'

const HOUR_MS = 3_600_000

/** The examination as a proposal, before anybody was told of it. */
export function drafted(
  id: string,
  examination: Analysis,
  {
    occurrence,
    previous,
    deploy = null,
    config,
    nowMs,
  }: { occurrence: Occurrence; previous: Proposal | null; deploy?: Proposal['deploy']; config: Config; nowMs: number },
): Proposal {
  const { diagnosis, followUps, verification, verified } = examination
  const refusal = examination.refusal ?? (verified === null ? NOT_VERIFIED : null)
  const base: Proposal = {
    id,
    version: 1,
    fingerprint: occurrence.fingerprint,
    status: 'drafted',
    denial: examination.denial,
    diagnosis,
    // What was not verified is never stored as something to approve.
    patch: refusal === null ? examination.patch : null,
    followUps,
    verification,
    refusal,
    repeats: repeatsOf(occurrence),
    previous: previous === null ? null : earlier(previous),
    card: null,
    approvals: [],
    rejection: null,
    applied: null,
    reverted: null,
    revertRequest: null,
    leaseUntilMs: null,
    failure: null,
    deploy,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + config.approvalExpiryHours * HOUR_MS,
    updatedAtMs: nowMs,
    remindersSent: 0,
    dueAtMs: nowMs + REPAIR_MS,
  }
  return isNoise(examination, previous) ? { ...base, status: 'closed', dueAtMs: null } : base
}

const NOT_VERIFIED = { code: 'not-verified', message: 'The change could not be verified.', owner: null }

/**
 * The policies read now allow the request: a denial from before a grant took effect. Recorded; a card only when it is
 * denied again although the policies allow it, as then something is at work that could not be seen.
 */
function isNoise({ diagnosis }: Analysis, previous: Proposal | null): boolean {
  if (diagnosis.cause !== 'already-allowed') return false
  return previous === null || previous.diagnosis.cause !== 'already-allowed'
}

function earlier(previous: Proposal): Proposal['previous'] {
  const digest = previous.patch?.digest
  const why = previous.failure?.message
  return {
    id: previous.id,
    status: previous.status,
    ...(digest === undefined ? {} : { digest }),
    ...(why === undefined ? {} : { why }),
  }
}

export function repeatsOf(occurrence: Occurrence): Proposal['repeats'] {
  const lastSeenMs = deniedAtMs(occurrence)
  return { count: occurrence.count, firstSeenMs: Math.min(occurrence.firstSeenMs, lastSeenMs), lastSeenMs }
}
