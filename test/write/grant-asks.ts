/** What `verify` would ask `write` for: signed decisions, a signed attestation and the documents that they are about. */
import { digestOf } from '../../core/base/canonical-json.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, type DocumentChange, type Target } from '../../core/patch/target.ts'
import {
  ATTESTATION,
  type Attestation,
  decisionsDigest,
  type GrantInput,
} from '../../functions/domain/authority/checks/grant.ts'
import { OBSERVATION, type Observation, type WriteAskOf } from '../../functions/domain/authority/checks/input.ts'
import type { DecisionNow, SignedDecisionNow } from '../../functions/domain/authority/decision.ts'
import {
  decisionBytes,
  type KeyUse,
  type Signed,
  type StatementKind,
  statementBytes,
} from '../../functions/domain/authority/statement.ts'
import { signatureOf } from '../fakes/signing.ts'

export const NOON = Date.parse('2026-03-02T12:00:00Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DEPLOYMENT = '0f0e0d0c-1111-4222-8333-444455556666'
export const CONFIG_DIGEST = `sha256:${'c'.repeat(64)}`

const ACCOUNT = '111122223333'
export const CALLER: Target = {
  kind: 'role-inline-policy',
  accountId: ACCOUNT,
  name: 'deployer',
  policyName: 'rolemedic',
  arn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
}
export const TRUST: Target = {
  kind: 'role-trust-policy',
  accountId: ACCOUNT,
  name: 'app-task',
  policyName: null,
  arn: `arn:aws:iam::${ACCOUNT}:role/app-task`,
}

export const policy = (...Statement: readonly Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
export const passRole = (sid = '0a1b2c3d', role = 'app-task'): Statement => ({
  Sid: `Rolemedic${sid}`,
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: `arn:aws:iam::${ACCOUNT}:role/${role}`,
  Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
})
const TASKS: Statement = {
  Effect: 'Allow',
  Principal: { Service: 'ecs-tasks.amazonaws.com' },
  Action: 'sts:AssumeRole',
}
export const letIn = (sid = '4e5f6071'): Statement => ({
  Sid: `Rolemedic${sid}`,
  Effect: 'Allow',
  Principal: { AWS: CALLER.arn },
  Action: 'sts:AssumeRole',
})

/** One document that rolemedic alone writes, and one that others may write. */
export const TWO_CHANGES: readonly DocumentChange[] = [
  { target: TRUST, before: policy(TASKS), after: policy(TASKS, letIn()) },
  { target: CALLER, before: null, after: policy(passRole()) },
]
export const ONE_CHANGE: readonly DocumentChange[] = TWO_CHANGES.slice(1)
export const digestOfChanges = (changes: readonly DocumentChange[]): string => digestOf(changes.map(changeDigest))

/** Of the first reading of the approver group. */
const OLD = { memberSinceMs: null }
export const ANA = { ...OLD, chat: 'slack', userId: 'U0ANA', teamId: 'T0OURS', name: 'Ana', email: 'ana@example.com' }
export const BEN = { ...OLD, chat: 'slack', userId: 'U0BEN', teamId: 'T0OURS', name: 'Ben', email: 'ben@example.com' }

export function decided(
  facts: Partial<DecisionNow> = {},
  changes: readonly DocumentChange[] = ONE_CHANGE,
): DecisionNow {
  return {
    schema: 'rolemedic.decision/3',
    deploymentId: DEPLOYMENT,
    kind: 'approve',
    proposalId: 'p-1',
    patchDigest: digestOfChanges(changes),
    fingerprint: 'f'.repeat(32),
    requester: { kind: 'machine' },
    by: ANA,
    risk: 'low',
    approversNeeded: 1,
    endsAtMs: null,
    reason: null,
    configDigest: CONFIG_DIGEST,
    atMs: NOON - 2 * MINUTE,
    findings: ['unseen-layers'],
    blastRadius: ['deployer can pass app-task to ecs-tasks.amazonaws.com'],
    shownDigest: `sha256:${'5'.repeat(64)}`,
    ticket: null,
    pullRequest: null,
    eligible: { approvers: [ANA.userId, BEN.userId], breakGlass: [ANA.userId] },
    passkey: null,
    ...facts,
  }
}

export const signDecision = (decision: DecisionNow, use: KeyUse = 'decisions'): SignedDecisionNow => ({
  decision,
  signature: signatureOf(use, decisionBytes(decision)),
})
export const signStatement = <T>(kind: StatementKind<T>, statement: T, use: KeyUse = kind.use): Signed<T> => ({
  statement,
  signature: signatureOf(use, statementBytes(kind, statement)),
})

export type GrantFacts = {
  readonly changes?: readonly DocumentChange[]
  readonly decisions?: readonly Partial<DecisionNow>[]
  readonly attestation?: Partial<Attestation>
  /** Which keys sign. */
  readonly by?: { readonly decisions?: KeyUse; readonly attestation?: KeyUse }
}

export function attested(
  decisions: readonly DecisionNow[],
  facts: Partial<Attestation> = {},
  use?: KeyUse,
): Signed<Attestation> {
  const [first] = decisions
  return signStatement(
    ATTESTATION,
    {
      schema: 'rolemedic.attestation/1',
      deploymentId: DEPLOYMENT,
      proposalId: first?.proposalId ?? 'p-1',
      decisions: decisionsDigest(decisions),
      patchDigest: first?.patchDigest ?? '',
      risk: 'low',
      findings: ['unseen-layers'],
      blastRadius: first?.blastRadius ?? [],
      approversNeeded: 1,
      requesters: [],
      breakGlass: false,
      configDigest: CONFIG_DIGEST,
      atMs: NOON - MINUTE,
      ...facts,
    },
    use,
  )
}

export function granted({
  changes = ONE_CHANGE,
  decisions = [{}],
  attestation = {},
  by = {},
}: GrantFacts = {}): GrantInput {
  const all = decisions.map(facts => decided(facts, changes))
  return {
    decisions: all.map(one => signDecision(one, by.decisions)),
    attestation: attested(all, attestation, by.attestation),
    changes,
  }
}

export const writeAsk = (facts: GrantFacts = {}, withdraws: readonly string[] = []): WriteAskOf<'write'> => {
  const grant = granted(facts)
  const { proposalId } = grant.attestation.statement
  return { schema: 'rolemedic.ask/1', ask: 'write', proposalId, grant, withdraws }
}
export const resumeAsk = (proposalId = 'p-1'): WriteAskOf<'resume'> => ({
  schema: 'rolemedic.ask/1',
  ask: 'resume',
  proposalId,
})

type TakeAway = WriteAskOf<'take-away'>
export const takeAwayAsk = (facts: Partial<TakeAway> = {}): TakeAway => ({
  schema: 'rolemedic.ask/1',
  ask: 'take-away',
  proposalId: 'p-1',
  reason: { kind: 'end' },
  earlier: null,
  askedAtMs: NOON,
  ...facts,
})
export const revertOf = (changes: readonly DocumentChange[], facts: Partial<DecisionNow> = {}): TakeAway['reason'] => ({
  kind: 'revert',
  decision: signDecision(decided({ kind: 'revert', by: BEN, atMs: NOON, ...facts }, changes)),
})
export const observed = (changes: readonly DocumentChange[], atMs: number, facts: Partial<Observation> = {}) =>
  signStatement<Observation>(OBSERVATION, {
    schema: 'rolemedic.observation/1',
    deploymentId: DEPLOYMENT,
    proposalId: 'p-1',
    patchDigest: digestOfChanges(changes),
    observed: 'covered',
    atMs,
    ...facts,
  })
