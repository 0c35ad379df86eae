/**
 * The page that asks for the approver's passkey. Its address is a nonce and no authority: anyone who opens it reads what the card says, and
 * only the passkey of the person who pressed signs. What it signs is made again from what was pressed, and is the same or nothing.
 */
import type { Patch } from '../../core/patch/index.ts'
import { type Assertion, challengeOf } from '../domain/authority/index.ts'
import { type ApprovalPage, type Card, cardOf, difference, type PageAnswer, targetName } from '../domain/card/index.ts'
import { type Proposal, patchDiffers } from '../domain/proposal/index.ts'
import { type StepUp, stepUp } from '../domain/stored/index.ts'
import { decidingMode, withoutFaults } from '../workflows/approval/account-mode.ts'
import { approvalSummaryOf } from '../workflows/approval/approval-summary.ts'
import { answerPress, type DecideDeps } from './decide.ts'
import { type AskedPasskey, CHANGED } from './passkey.ts'

const OVER = 'This page was opened too late, or has been used: press the button on the card again.'

export async function approvalPage(nonce: string, deps: DecideDeps): Promise<PageAnswer> {
  const asked = await askedBy(nonce, deps)
  if (asked === null) return { kind: 'no', why: OVER }
  const { value } = asked
  const answered = await answerPress({ kind: 'click', ...value.request }, { ...givenIn(value), signed: null }, deps)
  if (answered.asks === undefined) return { kind: 'no', why: answered.message ?? CHANGED }
  const { statement, next } = answered.asks
  const { patch } = next
  if (patch.digest !== statement.patchDigest || patchDiffers(patch) !== null) return { kind: 'no', why: CHANGED }
  const { kind, by, endsAtMs, reason, ticket, pullRequest } = statement
  const decided = { kind, by: by.name, endsAtMs, reason, ticket, pullRequest }
  const facts = { ...decided, challenge: challengeOf(statement), expiresAtMs: value.expiresAtMs }
  return { kind: 'page', page: { ...facts, card: await cardNow(offeredIn(next), deps), changes: changesIn(patch) } }
}

/** Once: the nonce is used before the decision is stored. `ok`: it is on record. */
export async function approveWithPasskey(
  nonce: string,
  { userHandle, ...signed }: Assertion & { readonly credentialId: string; readonly userHandle: string | null },
  deps: DecideDeps,
): Promise<{ readonly ok: boolean; readonly message: string }> {
  const asked = await askedBy(nonce, deps)
  if (asked === null) return { ok: false, message: OVER }
  const { value, version } = asked
  const { by } = value.request.click
  if (userHandle !== null && userHandle !== Buffer.from(by.id).toString('base64url'))
    return { ok: false, message: `This is the passkey of somebody else: ${by.name} pressed the button.` }
  const request = { kind: 'click' as const, ...value.request }
  const given = { ...givenIn(value), signed }
  const dry = await answerPress(request, { ...given, signed: null }, deps)
  if (dry.asks === undefined) return { ok: false, message: dry.message ?? CHANGED }
  if (!(await deps.store.putMarker(stepUp(nonce), version, { ...value, isUsed: true })))
    return { ok: false, message: OVER }
  const answered = await answerPress(request, given, deps)
  if (answered.isStored !== true) return { ok: false, message: answered.message ?? CHANGED }
  await answered.notify()
  return { ok: true, message: answered.message ?? 'Your approval is on record: the card shows it.' }
}

const givenIn = ({ atMs, digest }: StepUp) => ({ atMs, digest })

async function askedBy(nonce: string, { store, clock }: Pick<DecideDeps, 'store' | 'clock'>) {
  if (!/^[0-9a-f]{32}$/.test(nonce)) return null
  const found: { readonly version: number; readonly value: StepUp } | null = await store.getMarker(stepUp(nonce))
  return found === null || found.value.isUsed || found.value.expiresAtMs <= clock() ? null : found
}

async function cardNow(proposal: Proposal, { config, chat, units, clock }: DecideDeps): Promise<Card> {
  const nowMs = clock()
  const [summary, mode] = await Promise.all([
    approvalSummaryOf(proposal, config, chat, nowMs),
    decidingMode(proposal, { config, units: withoutFaults(units) }),
  ])
  return cardOf(proposal, { config, nowMs, mode, ...summary })
}

/** As it is before this approval. */
const offeredIn = (next: AskedPasskey['next']): Proposal =>
  next.status === 'approved' || next.status === 'open'
    ? {
        ...{ remindersSent: 0, renewal: null },
        ...next,
        status: 'open',
        approvals: next.approvals.slice(0, -1),
      }
    : next

const changesIn = ({ changes }: Patch): ApprovalPage['changes'] =>
  changes
    .filter(({ required }) => required)
    .map(({ target, before, after }) => ({
      title: targetName(target),
      lines: difference(before, after, Number.POSITIVE_INFINITY),
    }))
