import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../core/patch/patch.ts'
import type { ProposalOf, Status } from '../../functions/domain/proposal/proposal.ts'
import { sent } from '../fixtures/passed-service.ts'
import { type Changed, DENIAL, sampleProposal } from './sample-proposal.ts'
import { withSignatures } from './signing.ts'

const TRUST: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}
const DEPLOYER = 'arn:aws:iam::111122223333:role/deployer'

const change = (one: Omit<PolicyChange, 'digest' | 'required'>): PolicyChange => ({
  ...one,
  digest: changeDigest(one),
  required: true,
})

/**
 * An inline policy that does not exist yet, and a trust policy that gains a statement. The trust change is listed first and
 * must be written last.
 */
export const TRUST_CHANGE = change({
  target: {
    kind: 'role-trust-policy',
    accountId: '111122223333',
    name: 'app-task',
    policyName: null,
    arn: 'arn:aws:iam::111122223333:role/app-task',
  },
  before: TRUST,
  after: {
    ...TRUST,
    Statement: [
      ...TRUST.Statement,
      { Sid: 'Rolemedic01234567', Effect: 'Allow', Principal: { AWS: DEPLOYER }, Action: 'sts:AssumeRole' },
    ],
  },
})

export const IDENTITY_CHANGE = change({
  target: {
    kind: 'role-inline-policy',
    accountId: '111122223333',
    name: 'deployer',
    policyName: 'rolemedic',
    arn: DEPLOYER,
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
})

/** ECS receives the role, and that is certain. */
const SETTLED = {
  ...DENIAL,
  passes: [
    {
      arn: 'arn:aws:iam::111122223333:role/app-task',
      parameter: 'taskRoleArn',
      service: sent('ecs-tasks.amazonaws.com'),
    },
  ],
}

type DecidableStatus = Exclude<Status, 'drafted' | 'expired' | 'closed'>

export function proposalWith<const S extends DecidableStatus = 'open'>(
  changes: readonly PolicyChange[],
  changed?: Changed<S>,
): ProposalOf<S> {
  const sample = sampleProposal((changed ?? {}) as Changed<S>)
  const patch = { changes, digest: patchDigest(changes) }
  return withSignatures({ ...sample, denial: SETTLED, patch, ...changed } as unknown as ProposalOf<S>)
}
