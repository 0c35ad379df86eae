/**
 * What follows a decision, in this order: record it, announce it, begin the work. Every step is idempotent: `decide` asks `verify` for
 * them, as Slack waits for `decide`, and `sweep` repeats them after a crash.
 */
import { type AuditStep, entryFor, noteInWords } from '../../domain/audit/index.ts'
import { breakGlassNotice } from '../../domain/card/index.ts'
import type { Config } from '../../domain/config/index.ts'
import {
  type Applied,
  type Approval,
  approvalsOf,
  brokenGlassOf,
  type Confirmed,
  noteOf,
  type Proposal,
  postedCardOf,
  type Reverted,
  ratificationOf,
  youthOf,
} from '../../domain/proposal/index.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Renderer } from '../../ports/renderer.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { type RefreshCardDeps, refreshCard } from '../card/refresh-card.ts'
import { type OwnApprovalsDeps, rememberApprovals } from '../home/own-approvals.ts'
import { type SignedOnlyDeps, signedOnly } from './signed-only.ts'

export type MakeKnownDeps = OwnApprovalsDeps & {
  readonly audit: Pick<AuditLog, 'append'>
  readonly chat: Pick<Chat, 'post' | 'permalink'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly config: Config
  readonly botVersion: string
}

export type CarryOutDeps = MakeKnownDeps & { readonly queue: WorkQueue }

export async function carryOutDecision(proposal: Proposal, deps: CarryOutDeps): Promise<void> {
  await makeKnown(proposal, deps)
  await sendWork(proposal, deps.queue)
}

async function makeKnown(proposal: Proposal, deps: MakeKnownDeps): Promise<void> {
  // It was announced long before.
  if (ratificationOf(proposal) !== null) return recordDecision(proposal, deps)
  if (proposal.status === 'applied' || proposal.status === 'confirmed') return recordKept(proposal, deps)
  // A revert is decided long after the approvals were recorded. Its own entries are written with the revert.
  if (proposal.status === 'reverting') return
  await Promise.all([recordDecision(proposal, deps), rememberApprovals(proposal, deps)])
  await announceBreakGlass(proposal, deps)
}

export type PressedDeps = MakeKnownDeps &
  SignedOnlyDeps &
  RefreshCardDeps & {
    readonly verify: (proposalId: string) => Promise<string>
    readonly revert: (proposalId: string) => Promise<string>
  }

/** What Slack does not wait for: `verify` does it after each press. */
export function makePressed(deps: PressedDeps): (proposalId: string) => Promise<string> {
  const { store, observer } = deps
  return async proposalId => {
    const proposal = await store.get(proposalId)
    if (proposal === null) return 'nothing-to-do'
    await makeKnown(await signedOnly(proposal, deps), deps)
    // What was decided does not wait for a card; `sweep` shows it again.
    const showing = refreshCard(proposalId, deps).catch(error =>
      observer.log('warn', 'card_not_refreshed', { proposalId, error: String(error) }),
    )
    try {
      if (proposal.status === 'approved') return await deps.verify(proposalId)
      return proposal.status === 'reverting' ? await deps.revert(proposalId) : 'shown'
    } finally {
      await showing
    }
  }
}

/** For a grant that exists, only the last decision is new. */
export async function recordKept(
  proposal: Applied | Confirmed,
  { audit, botVersion }: Pick<MakeKnownDeps, 'audit' | 'botVersion'>,
): Promise<void> {
  for (const step of [...keptSteps(proposal), ...ratificationSteps(proposal)])
    await audit.append(entryFor(proposal, step, botVersion))
}

/** What was said of a break-glass, by those who signed it. */
function ratificationSteps(proposal: Proposal): readonly AuditStep[] {
  const { by = [], declined = null } = ratificationOf(proposal) ?? {}
  const steps = by.map(one => ({ ...one, kind: 'ratified' as const, why: 'ratified' }))
  const all =
    declined === null ? steps : [...steps, { ...declined, kind: 'not-ratified' as const, why: declined.reason }]
  return all.flatMap(({ by: person, atMs, signed, kind, why }) =>
    signed === null
      ? []
      : [
          {
            kind: 'confirmed' as const,
            n: atMs,
            of: `${kind}-${person.id}`,
            atMs,
            by: person,
            why,
            life: { kind, decision: signed },
          },
        ],
  )
}

/** Without a signature, because nobody made these decisions. */
function keptSteps({ use }: Applied | Confirmed | Reverted): readonly AuditStep[] {
  const kept = use?.kept ?? null
  if (kept === null || kept.signed === null) return []
  const { by, atMs, signed: decision } = kept
  const life = { kind: 'kept', decision } as const
  return [{ kind: 'confirmed', n: atMs, of: 'kept', atMs, by, why: 'still needed', life }]
}

export async function recordDecision(
  proposal: Proposal,
  { audit, botVersion }: Pick<MakeKnownDeps, 'audit' | 'botVersion'>,
): Promise<void> {
  for (const step of decisionSteps(proposal)) await audit.append(entryFor(proposal, step, botVersion))
}

/** True when the chat is informed before anything else follows. */
export const isAnnounced = (proposal: Proposal, { breakGlass }: Pick<Config, 'breakGlass'>): boolean =>
  breakGlass !== null && proposal.status !== 'reverting' && brokenGlassOf(proposal) !== null

/** The audit entries that must exist in this state of the proposal. */
export function decisionSteps(proposal: Proposal): readonly AuditStep[] {
  const approvals = approvalsOf(proposal).map((approval, n) => approvalStep(approval, n, proposal.changed?.times))
  switch (proposal.status) {
    case 'rejected': {
      const { by, atMs, reason, signed: decision } = proposal.rejection
      // Without a signature, because nobody decided it.
      return decision === null
        ? approvals
        : [...approvals, { kind: 'rejected', atMs, by, why: reason || 'rejected', decision }]
    }
    case 'expired':
      return [...approvals, { kind: 'expired', atMs: proposal.expiresAtMs, why: 'nobody decided in time' }]
    // Somebody may have decided to keep it before.
    case 'applied':
    case 'confirmed':
    case 'reverted':
      return [...approvals, ...keptSteps(proposal), ...ratificationSteps(proposal)]
    // If `verify` found it, the record already exists under the same key.
    case 'stale':
      return [...approvals, { kind: 'stale', atMs: proposal.updatedAtMs, why: proposal.failure.message }]
    default:
      return approvals
  }
}

/** Approvals count from the last change of the content. `times`: how often the content has changed. */
function approvalStep(approval: Approval, n: number, times: number | undefined): AuditStep {
  const { atMs, by, reason, signed: decision } = approval
  const content = times === undefined ? {} : { of: contentName(times) }
  const limit = approval.limitHours === null ? '' : ` for ${approval.limitHours} h`
  const seen = decision?.decision.risk ?? 'high'
  const young = youthOf(approval, seen) === null ? '' : '; not counted, as a new member of the approver group'
  return reason === null
    ? {
        kind: 'approved',
        n,
        ...content,
        atMs,
        by,
        why: `approved${limit}${young}${noteInWords(noteOf(approval))}`,
        decision,
      }
    : { kind: 'break-glass', n, ...content, atMs, by, why: reason, decision }
}

/** Part of the keys of audit records, for content that is not the first. */
export const contentName = (times: number): string => `content-${times}`

/** Before the work begins: a break-glass approval is never carried out without an announcement. */
async function announceBreakGlass(proposal: Proposal, deps: MakeKnownDeps): Promise<void> {
  const { chat, renderer, config } = deps
  const approval = brokenGlassOf(proposal)
  if (approval === null || config.breakGlass === null) return
  const notice = breakGlassNotice(proposal, approval, config, await pageOf(proposal, chat))
  const message = await renderer.notice(notice)
  await chat.post(config.breakGlass.announceChannel, message, `${proposal.id}/break-glass`)
}

/** If the address cannot be read, the announcement goes out without it. */
async function pageOf(proposal: Proposal, chat: Pick<Chat, 'permalink'>): Promise<string | null> {
  const card = postedCardOf(proposal)
  if (card === null) return null
  try {
    const page = await chat.permalink(card)
    return page.known ? page.value : null
  } catch {
    return null
  }
}

/** Sent by `decide`, which is answered before anything of it is done. */
export async function sendPressed(proposal: Proposal, queue: WorkQueue): Promise<void> {
  const { id, version } = proposal
  const deduplicationId = `pressed/${id}/${version}`
  await queue.send({ kind: 'pressed', proposalId: id }, { group: groupOf(proposal), deduplicationId })
}

/** One entity changes at a time, so work on the same target waits. */
export async function sendWork(proposal: Proposal, queue: WorkQueue): Promise<void> {
  const { id, status, version } = proposal
  if (status === 'approved' || status === 'applying') await sendVerify(proposal, queue)
  const group = groupOf(proposal)
  if (status === 'reverting')
    await queue.send({ kind: 'revert', proposalId: id }, { group, deduplicationId: `revert/${id}/${version}` })
  // The denial persists, so it gets a new card with the current facts.
  if (status === 'stale') {
    const { fingerprint } = proposal
    await queue.send({ kind: 'propose', fingerprint }, { deduplicationId: `propose/${fingerprint}/after/${id}` })
  }
}

/** To write it, or to finish what a crash left undone after it was written. */
export async function sendVerify(proposal: Proposal, queue: WorkQueue): Promise<void> {
  const { id, version } = proposal
  const deduplicationId = `verify/${id}/${version}`
  await queue.send({ kind: 'verify', proposalId: id }, { group: groupOf(proposal), deduplicationId })
}

const groupOf = ({ id, patch }: Proposal): string => patch?.changes[0]?.target.arn ?? id
