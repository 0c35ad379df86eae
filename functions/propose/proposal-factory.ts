import { HOUR_MS } from '../../core/base/index.ts'
import { runOfDenial } from '../../core/denial/index.ts'
import { readingDigest } from '../../core/timeline/index.ts'
import { codePlaceOf } from '../../iac/repository/index.ts'
import type { AppliedMode, Config } from '../domain/config/index.ts'
import {
  type Change,
  type Closed,
  type Correction,
  type Drafted,
  deniedAtMs,
  failureOf,
  type NoChange,
  OBSERVED,
  type Occurrence,
  type Previous,
  type Proposal,
  REPAIR_MS,
  type TemplateFindings,
} from '../domain/proposal/index.ts'
import type { Analysis } from '../workflows/denial/analyze-denial.ts'

/** A drafted proposal for the analysis. Noise is closed at once: it is recorded and gets no card. */
export function drafted(
  id: string,
  analysis: Analysis,
  {
    occurrence,
    previous,
    deploy = null,
    template = null,
    correction = null,
    config,
    mode,
    nowMs,
  }: {
    occurrence: Occurrence
    previous: Proposal | null
    deploy?: Proposal['deploy']
    template?: TemplateFindings | null
    correction?: Correction | null
    config: Config
    mode: AppliedMode
    nowMs: number
  },
): Drafted | Closed {
  const run = runOfDenial(analysis.denial, analysis.chain ?? null)
  const common = {
    id,
    version: 1,
    fingerprint: occurrence.fingerprint,
    denial: analysis.denial,
    diagnosis: analysis.diagnosis,
    requester: analysis.requester,
    ...(run === null ? {} : { run }),
    repeats: repeatsOf(occurrence),
    previous: previous === null ? null : earlier(previous, analysis),
    deploy,
    ...(template === null ? {} : { template }),
    ...(correction === null ? {} : { correction }),
    reading: readingDigest(analysis.snapshot),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + config.approvalExpiryHours * HOUR_MS,
    updatedAtMs: nowMs,
  }
  const content = contentOf(analysis)
  if (content.patch === null && isNoise(analysis, previous))
    return { ...common, ...content, status: 'closed', card: null, dueAtMs: null }
  const place = content.patch === null ? null : codePlaceOf(content.patch, analysis.snapshot, config)
  if (mode.mode === 'observe')
    return { ...common, ...observed(content, mode), status: 'closed', card: null, dueAtMs: null }
  const code = place === null ? {} : { code: place }
  return { ...common, ...code, ...content, status: 'drafted', dueAtMs: nowMs + REPAIR_MS }
}

/** The change or its refusal. A patch without verification is never stored for approval. */
export function contentOf({ patch, verified, verification, followUps, refusal }: Analysis): Change | NoChange {
  if (patch !== null && verified !== null && verification !== null && refusal === null)
    return { patch, verification, followUps }
  return { patch: null, verification, refusal: refusal ?? NOT_VERIFIED }
}

/** In observe: recorded with what a card would have said, without asking anyone. */
function observed(content: Change | NoChange, { setting }: AppliedMode): NoChange {
  const because = `the mode is observe (${setting})`
  const message =
    content.patch === null
      ? `Observed, no card: ${because}. ${content.refusal.message}`
      : `Observed, no card: ${because}. A card would have offered a change of ${content.verification.risk} risk.`
  const owner = content.patch === null ? content.refusal.owner : null
  const verification = content.patch === null ? null : content.verification
  return { patch: null, verification, refusal: { code: OBSERVED, message, owner } }
}

const NOT_VERIFIED = { code: 'not-verified', message: 'The change could not be verified.', owner: null }

/**
 * True when the current policies allow the request, so that it was denied before a grant took effect or its role was seen
 * everywhere. If it is denied again although the policies allow it, something unread denies it, and it gets a card.
 */
function isNoise({ diagnosis }: Analysis, previous: Proposal | null): boolean {
  if (diagnosis.cause === 'transient') return true
  if (diagnosis.cause !== 'already-allowed') return false
  return previous === null || previous.diagnosis.cause !== 'already-allowed'
}

function earlier(previous: Proposal, { patch, withdrawn }: Analysis): Previous {
  const digest = previous.patch?.digest
  const why = failureOf(previous)?.message
  return {
    id: previous.id,
    status: previous.status,
    ...(digest === undefined ? {} : { digest }),
    ...(why === undefined ? {} : { why }),
    ...(patch !== null && withdrawn.some(({ proposalId }) => proposalId === previous.id) ? { withdrawn: true } : {}),
  }
}

export function repeatsOf(occurrence: Occurrence): Proposal['repeats'] {
  const lastSeenMs = deniedAtMs(occurrence)
  return { count: occurrence.count, firstSeenMs: Math.min(occurrence.firstSeenMs, lastSeenMs), lastSeenMs }
}
