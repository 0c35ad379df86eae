import type { RichText } from '../../core/base/rich-text.ts'
import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts'
import { changeDigest, type Patch, type PolicyChange, patchDigest } from '../../core/patch/patch.ts'
import type { Verification } from '../../core/patch/verification/verification.ts'
import type { SignedDecision } from '../../functions/domain/authority/earlier-decision.ts'
import type { AppliedMode } from '../../functions/domain/config/mode.ts'
import type {
  Approval,
  Change,
  Common,
  NoChange,
  Open,
  Outcome,
  Proposal,
  ProposalOf,
  Status,
} from '../../functions/domain/proposal/proposal.ts'
import { DENIAL } from '../fixtures/denial.ts'
import { withSignatures } from './signing.ts'

export const HOUR = 3_600_000
export const MINUTE = 60_000
/** 2026-11-24 12:00 UTC. */
export const NOON = 1_795_521_600_000
export { DENIAL }
export const OTHER_DIGEST = `sha256:${'2b'.repeat(32)}`

const DIAGNOSIS: Diagnosis = {
  verdict: 'proved',
  cause: 'identity-gap',
  summary: 'No identity policy of deployer allows iam:PassRole on app-task.',
  evidence: [],
  unknowns: [],
  gaps: [{ kind: 'identity', roles: ['arn:aws:iam::111122223333:role/app-task'] }],
  nextSteps: [],
  passedService: {
    services: ['ecs-tasks.amazonaws.com'],
    evidence: 'published',
    mayBeAbsent: false,
    disputed: [],
  },
}

export const VERIFICATION: Verification = {
  before: 'denied',
  after: 'allowed',
  controls: { evaluated: 1, changed: 0 },
  proof: { outcome: 'nothing-else', detail: null },
  risk: 'low',
  approvers: 1,
  guardrails: [],
  counterexample: null,
}

const COMMON: Common = {
  id: 'p-1',
  version: 1,
  fingerprint: '0123456789abcdef',
  denial: DENIAL,
  diagnosis: DIAGNOSIS,
  requester: { kind: 'machine' },
  repeats: { count: 1, firstSeenMs: NOON - 2 * MINUTE, lastSeenMs: NOON - 2 * MINUTE },
  previous: null,
  deploy: null,
  createdAtMs: NOON,
  expiresAtMs: NOON + 8 * HOUR,
  updatedAtMs: NOON,
}

const DOCUMENTS: Pick<PolicyChange, 'target' | 'before' | 'after'> = {
  target: {
    kind: 'role-inline-policy',
    accountId: '111122223333',
    name: 'deployer',
    policyName: 'rolemedic',
    arn: 'arn:aws:iam::111122223333:role/deployer',
  },
  before: null,
  after: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Rolemedic01234567',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::111122223333:role/app-task',
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    ],
  },
}
const CHANGES: readonly PolicyChange[] = [{ ...DOCUMENTS, digest: changeDigest(DOCUMENTS), required: true }]
export const DIGEST = patchDigest(CHANGES)

const CHANGE: Change = { patch: { digest: DIGEST, changes: CHANGES }, followUps: [], verification: VERIFICATION }

const NO_CHANGE: NoChange = {
  patch: null,
  verification: null,
  refusal: { code: 'explicit-deny', message: 'An SCP denies it.', owner: 'owner of the organization' },
}

/** An approver in the form that a card receives. */
export const approver = (id: string): RichText => [{ kind: 'person', id, name: null }]
export const CARD = { conversation: 'C0DEPLOYS', message: '1795521600.000100' }
const DUE_MS = NOON + 30 * MINUTE
/** Without a signature, which the creator of the proposal adds. */
export type Unsigned<T> = T extends unknown ? Omit<T, 'signed'> & { readonly signed?: SignedDecision | null } : never
export const APPROVAL: Unsigned<Approval> = {
  by: { id: 'U0ONCALL1', name: 'Ana' },
  atMs: NOON + MINUTE,
  limitHours: null,
  reason: null,
}
export const OUTCOME: Outcome = { changes: CHANGE.patch.changes, atMs: NOON, endsAtMs: null, answer: 'allowed' }
/** Identity Center gives it to the accounts of a permission set, and the request is denied until then. */
export const ROLLS_OUT: Outcome = {
  ...{ ...OUTCOME, answer: 'denied' },
  changes: OUTCOME.changes.map(one => ({ ...one, target: { ...one.target, kind: 'permission-set-inline-policy' } })),
}
export const BY_ANA = { by: APPROVAL.by, atMs: NOON + 2 * MINUTE }
const FAILURE = { code: 'drift', message: 'the policy was changed', owner: null }

/** Low risk, proved, open since noon, with eight hours to decide. */
const undecided = { ...COMMON, ...CHANGE, card: CARD, approvals: [] }
const decided = { ...undecided, approvals: [APPROVAL] }

const SAMPLES: { readonly [S in Status]: WithUnsigned<ProposalOf<S>> } = {
  drafted: { ...COMMON, ...CHANGE, status: 'drafted', dueAtMs: DUE_MS },
  open: { ...undecided, status: 'open', remindersSent: 0, renewal: null, dueAtMs: DUE_MS },
  approved: { ...decided, status: 'approved', dueAtMs: DUE_MS },
  applying: { ...decided, status: 'applying', leaseUntilMs: null, asked: null, dueAtMs: DUE_MS },
  applied: { ...decided, status: 'applied', applied: OUTCOME, failure: null, dueAtMs: DUE_MS },
  confirmed: { ...decided, status: 'confirmed', applied: OUTCOME, dueAtMs: DUE_MS },
  reverting: {
    ...decided,
    status: 'reverting',
    applied: OUTCOME,
    revertRequest: BY_ANA,
    leaseUntilMs: null,
    asked: null,
    dueAtMs: DUE_MS,
  },
  reverted: { ...decided, status: 'reverted', applied: OUTCOME, reverted: BY_ANA, dueAtMs: DUE_MS },
  rejected: { ...undecided, status: 'rejected', rejection: { ...BY_ANA, reason: 'not needed' }, dueAtMs: DUE_MS },
  expired: { ...undecided, status: 'expired', dueAtMs: DUE_MS },
  failed: { ...decided, status: 'failed', failure: FAILURE, dueAtMs: DUE_MS },
  stale: { ...decided, status: 'stale', failure: FAILURE, dueAtMs: DUE_MS },
  closed: { ...COMMON, ...NO_CHANGE, status: 'closed', card: CARD, dueAtMs: null },
}

type DecidedMember = 'approvals' | 'rejection' | 'revertRequest'
type WithUnsigned<P> = P extends unknown
  ? Omit<P, DecidedMember> & {
      readonly [M in keyof P & DecidedMember]: P[M] extends readonly (infer One)[]
        ? readonly Unsigned<One>[]
        : Unsigned<P[M]>
    }
  : never
type Each<P> = P extends Proposal ? Partial<Omit<WithUnsigned<P>, 'status'>> : never
export type Changed<S extends Status> = { readonly status?: S } & NoInfer<Each<ProposalOf<S>>>

/** A sample of one status, by default open. `patch: null` gives information instead of a change. */
export function sampleProposal(): Open
export function sampleProposal<const S extends Status = 'open'>(changed: Changed<S>): ProposalOf<S>
export function sampleProposal(changed: { readonly status?: Status; readonly patch?: Patch | null } = {}): Proposal {
  const sample: object = SAMPLES[changed.status ?? 'open']
  const content = changed.patch === null ? { ...sample, followUps: undefined, ...NO_CHANGE } : sample
  return withSignatures(JSON.parse(JSON.stringify({ ...content, ...changed })) as Proposal)
}

/** The proposal with the status that the test expects. */
export function inStatus<S extends Status>(
  proposal: Proposal | null | undefined,
  ...statuses: readonly S[]
): ProposalOf<S> {
  const found = statuses.some(status => status === proposal?.status)
  if (!proposal || !found)
    throw new Error(`the proposal is ${proposal?.status ?? 'missing'}, not ${statuses.join(' or ')}`)
  return proposal as ProposalOf<S>
}

/** The proposal in another status. Keeps what both statuses share; the rest comes from the sample. */
export function movedTo<const S extends Status>(current: Proposal, changed: Changed<S> & { status: S }): ProposalOf<S> {
  const sample: { readonly [member: string]: unknown } = SAMPLES[changed.status]
  const kept = Object.entries(current).filter(([member]) => Object.hasOwn(sample, member))
  return withSignatures({ ...sample, ...Object.fromEntries(kept), ...changed } as unknown as ProposalOf<S>)
}

/** The mode of a configuration that sets none. */
export const APPROVE: AppliedMode = { mode: 'approve', setting: 'mode', unread: null }
