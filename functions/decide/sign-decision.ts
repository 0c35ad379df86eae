/** Puts the signature of `decide` on what a person decided: nothing else that is stored allows a write. */

import { digestOf, never, ok, type Result } from '../../core/base/index.ts'
import { fingerprintOf } from '../../core/denial/index.ts'
import {
  type DecisionKind,
  type DecisionNow,
  decisionBytes,
  MAX_WHY_CHARS,
  nowDecisionOf,
  type Passkey,
  type WithPullRequest,
} from '../domain/authority/index.ts'
import { CHAT, type Config } from '../domain/config/index.ts'
import {
  type AcceptedDecision,
  approvalsNeededUntil,
  type Click,
  type Decidable,
  type Eligibility,
  endsAt,
  type Requester,
  seenOf,
  shownDigestOf,
  shownOf,
} from '../domain/proposal/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Signer } from '../ports/signer.ts'
import { eligiblePeople } from '../workflows/approval/eligible-people.ts'
import type { AskedPasskey } from './passkey.ts'

/** What the person's own device signs of it; null: it needs none. The error ends the press. */
export type AskPasskey<E> = (asked: AskedPasskey) => Promise<Result<Passkey | null, E>>

export type SignDeps = {
  readonly signer: Signer
  readonly config: Config
  readonly deploymentId: string
  readonly chat: Pick<Chat, 'emailOf' | 'groupMembers'>
  readonly teamId: string | null
}

const MAX_NAME_CHARS = 200

export async function signDecision<E>(
  made: AcceptedDecision,
  click: Click,
  eligibility: Eligibility,
  { signer, config, deploymentId, chat, teamId }: SignDeps,
  askPasskey: AskPasskey<E>,
): Promise<Result<AcceptedDecision, E>> {
  const { verification } = made.next
  const [eligible, email] = await Promise.all([eligiblePeople(made.next, config, chat), chat.emailOf(click.by.id)])
  const facts = factsOf(made, click)
  const until = made.kind === 'approved' ? facts.endsAtMs : made.next.updatedAtMs
  const statement = nowDecisionOf({
    ...facts,
    deploymentId,
    proposalId: made.next.id,
    patchDigest: made.next.patch.digest,
    fingerprint: fingerprintOf(made.next.denial),
    requester: bounded(eligibility.requester),
    by: {
      chat: CHAT,
      userId: click.by.id,
      teamId,
      name: (click.by.name || click.by.id).slice(0, MAX_NAME_CHARS),
      email: email.known ? email.value : null,
      ...(eligibility.memberSinceMs === undefined ? {} : { memberSinceMs: eligibility.memberSinceMs }),
    },
    risk: verification.risk,
    ...seenOf(verification),
    shownDigest: shownDigestOf(shownOf(made.next)),
    approversNeeded: approvalsNeededUntil(until, made.next, eligibility.requester, eligibility.permanent),
    configDigest: digestOf(config),
    eligible,
    passkey: null,
  })
  const passkey = await askPasskey({ statement, next: made.next })
  if (!passkey.ok) return passkey
  const decision = nowDecisionOf({ ...statement, passkey: passkey.value })
  return ok(withSigned(made, { decision, signature: await signer.sign(decisionBytes(decision)) }))
}

type Signed = NonNullable<Decidable['approvals'][number]['signed']>

function withSigned(made: AcceptedDecision, signed: Signed): AcceptedDecision {
  switch (made.kind) {
    case 'approved':
      return { ...made, next: { ...made.next, ...signedLast(made.next, signed) } }
    case 'rejected':
      return { ...made, next: { ...made.next, rejection: { ...made.next.rejection, signed } } }
    case 'reverting':
      return { ...made, next: { ...made.next, revertRequest: { ...made.next.revertRequest, signed } } }
    case 'kept': {
      const { use } = made.next
      return {
        ...made,
        next: { ...made.next, use: { ...use, kept: use.kept === null ? null : { ...use.kept, signed } } },
      }
    }
    case 'ratified': {
      const { ratification } = made.next
      const by = ratification.by.map((one, index) => (index === ratification.by.length - 1 ? { ...one, signed } : one))
      return { ...made, next: { ...made.next, ratification: { ...ratification, by } } }
    }
    case 'not-ratified': {
      const { ratification } = made.next
      const declined = ratification.declined === null ? null : { ...ratification.declined, signed }
      return { ...made, next: { ...made.next, ratification: { ...ratification, declined } } }
    }
    default:
      return never(made)
  }
}

/** Chat and IAM say at any length why somebody could not be named. */
const bounded = (requester: Requester): Requester =>
  requester.kind === 'unknown' ? { ...requester, why: requester.why.slice(0, MAX_WHY_CHARS) } : requester

type Facts = Pick<DecisionNow, 'atMs' | 'endsAtMs' | 'reason' | 'ticket'> & {
  readonly kind: DecisionKind
  readonly pullRequest: WithPullRequest | null
}

function factsOf(made: AcceptedDecision, click: Click): Facts {
  return { ...decidedIn(made, click), ticket: made.kind === 'approved' ? givenIn(click.ticket) : null }
}

const givenIn = (text: string | null | undefined): string | null => text?.trim() || null

function decidedIn(made: AcceptedDecision, click: Click): Omit<Facts, 'ticket'> {
  switch (made.kind) {
    case 'approved': {
      const last = made.next.approvals.at(-1)
      if (last === undefined) throw new Error('an approval without its own entry')
      const end = endsAt(last)
      const kind = made.breakGlass ? 'break-glass' : 'approve'
      const pullRequest = last.pullRequest === true ? 'with' : null
      return {
        kind,
        atMs: last.atMs,
        endsAtMs: Number.isFinite(end) ? end : null,
        reason: last.reason ?? givenIn(click.reason),
        pullRequest,
      }
    }
    case 'rejected': {
      const { atMs, reason } = made.next.rejection
      const pullRequest = made.next.rejection.pullRequest === true ? 'only' : null
      return { kind: 'reject', atMs, endsAtMs: null, reason, pullRequest }
    }
    case 'reverting':
      return { kind: 'revert', atMs: made.next.revertRequest.atMs, endsAtMs: null, reason: null, pullRequest: null }
    case 'kept':
      return { kind: 'keep', atMs: made.next.updatedAtMs, endsAtMs: null, reason: null, pullRequest: null }
    case 'ratified':
      return { kind: 'ratify', atMs: made.next.updatedAtMs, endsAtMs: null, reason: null, pullRequest: null }
    case 'not-ratified': {
      const reason = made.next.ratification.declined?.reason ?? null
      return { kind: 'not-ratify', atMs: made.next.updatedAtMs, endsAtMs: null, reason, pullRequest: null }
    }
    default:
      return never(made)
  }
}

function signedLast({ approvals }: Decidable, signed: Signed) {
  return { approvals: approvals.map((one, index) => (index === approvals.length - 1 ? { ...one, signed } : one)) }
}
