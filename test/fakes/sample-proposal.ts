import type { Denial } from '../../functions/domain/denial/denial.ts'
import type { Diagnosis } from '../../functions/domain/diagnosis/diagnosis.ts'
import type { Verification } from '../../functions/domain/patch/verification/verification.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'

export const HOUR = 3_600_000
export const MINUTE = 60_000
/** 2026-11-24 12:00 UTC. */
export const NOON = 1_795_521_600_000
export const DIGEST = `sha256:${'1a'.repeat(32)}`
export const OTHER_DIGEST = `sha256:${'2b'.repeat(32)}`

export const DENIAL: Denial = {
  id: '6f1c2f0e-0000-4000-8000-000000000001',
  source: 'cloudtrail',
  timeMs: NOON - 2 * MINUTE,
  accountId: '111122223333',
  region: 'eu-west-1',
  partition: 'aws',
  action: 'iam:PassRole',
  principal: {
    kind: 'role',
    arn: 'arn:aws:sts::111122223333:assumed-role/deployer/ci-4711',
    roleArn: 'arn:aws:iam::111122223333:role/deployer',
    pathKnown: true,
    accountId: '111122223333',
    name: 'deployer',
    sessionName: 'ci-4711',
    uniqueId: 'AROAEXAMPLE:ci-4711',
  },
  resource: 'arn:aws:iam::111122223333:role/app-task',
  reason: 'no-identity-policy',
  reasonPolicyArn: null,
  authorizationId: null,
  encodedMessage: null,
  call: { eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' },
  via: null,
  passes: [],
  claims: null,
  context: {},
  awsEvaluation: null,
  message: 'User: … is not authorized to perform: iam:PassRole',
}

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
  controls: { evaluated: 12, changed: 0 },
  risk: 'low',
  approvers: 1,
  guardrails: [],
  counterexample: null,
}

/** Low risk, proved, open since noon, with eight hours to decide. */
export function sampleProposal(changed: Partial<Proposal> = {}): Proposal {
  return {
    id: 'p-1',
    version: 1,
    fingerprint: '0123456789abcdef',
    status: 'open',
    denial: DENIAL,
    diagnosis: DIAGNOSIS,
    patch: {
      digest: DIGEST,
      changes: [
        {
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
          digest: `sha256:${'3c'.repeat(32)}`,
          required: true,
        },
      ],
    },
    followUps: [],
    verification: VERIFICATION,
    refusal: null,
    repeats: { count: 1, firstSeenMs: NOON - 2 * MINUTE, lastSeenMs: NOON - 2 * MINUTE },
    previous: null,
    card: { channel: 'C0DEPLOYS', ts: '1795521600.000100' },
    approvals: [],
    rejection: null,
    applied: null,
    reverted: null,
    revertRequest: null,
    leaseUntilMs: null,
    failure: null,
    deploy: null,
    createdAtMs: NOON,
    expiresAtMs: NOON + 8 * HOUR,
    updatedAtMs: NOON,
    remindersSent: 0,
    dueAtMs: NOON + 30 * MINUTE,
    ...changed,
  }
}
