/** A day of a busy team, 24 November 2026 in UTC: five deployers are denied seven roles of one product, each pair once. */

import type { Denial } from '../../core/denial/denial.ts'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../core/patch/patch.ts'
import { type AuditStep, entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { PlannedWrite, Proposal } from '../../functions/domain/proposal/proposal.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { sent } from '../fixtures/passed-service.ts'
import { DENIAL, MINUTE, NOON, sampleProposal } from './sample-proposal.ts'

const ADA = { id: 'U0ONCALL1', name: 'ada' }
const JANE = { id: 'U0ONCALL2', name: 'jane' }
const ACCOUNT = '111122223333'
const MIDNIGHT = NOON - 12 * 60 * MINUTE

const DEPLOYERS = ['pipeline-deploy', 'preview-deploy', 'nightly-deploy', 'hotfix-deploy', 'release-deploy']
/** Each role with the service that receives it, and the call that passes it. */
const ROLES = [
  {
    role: 'orders-task',
    service: 'ecs-tasks',
    source: 'ecs',
    call: 'RegisterTaskDefinition',
    parameter: 'taskRoleArn',
  },
  {
    role: 'orders-exec',
    service: 'ecs-tasks',
    source: 'ecs',
    call: 'RegisterTaskDefinition',
    parameter: 'executionRoleArn',
  },
  { role: 'orders-worker', service: 'lambda', source: 'lambda', call: 'CreateFunction20150331', parameter: 'role' },
  { role: 'orders-report', service: 'lambda', source: 'lambda', call: 'CreateFunction20150331', parameter: 'role' },
  { role: 'orders-import', service: 'lambda', source: 'lambda', call: 'CreateFunction20150331', parameter: 'role' },
  { role: 'orders-flow', service: 'states', source: 'states', call: 'CreateStateMachine', parameter: 'roleArn' },
  { role: 'orders-export', service: 'states', source: 'states', call: 'CreateStateMachine', parameter: 'roleArn' },
] as const
/** The number of roles that each deployer is denied, in the order of DEPLOYERS. */
const DENIED = [7, 6, 5, 4, 2]

type Passed = (typeof ROLES)[number]
type Outcome = 'confirmed' | 'rejected' | 'reverted'

/** 24 cases: 16 grants in IAM, 6 rejected, 2 reverted. */
export async function longLog(folder: string): Promise<void> {
  const audit = auditFolder({ folder })
  const policies = new Map<string, readonly Statement[]>()
  const pairs = DEPLOYERS.flatMap((deployer, n) => ROLES.slice(0, DENIED[n]).map(passed => ({ deployer, passed })))
  const steps = Array.from({ length: pairs.length }, (_, n) => {
    // Seven does not divide 24, so every pair occurs once, and the denials of a deployer are not consecutive.
    const pair = pairs[(n * 7) % pairs.length]
    if (pair === undefined) throw new Error('every pair is there')
    return caseOf(n, pair.deployer, pair.passed, policies)
  })
  for (const { proposal, step } of steps.flat().sort((a, b) => a.step.atMs - b.step.atMs))
    await audit.append(entryFor(proposal, step, '0.1.0'))
}

function caseOf(
  n: number,
  deployer: string,
  passed: Passed,
  policies: Map<string, readonly Statement[]>,
): readonly { readonly proposal: Proposal; readonly step: AuditStep }[] {
  const outcome: Outcome = n % 4 === 3 ? 'rejected' : n % 6 === 5 ? 'reverted' : 'confirmed'
  const startMs = MIDNIGHT + (8 + n * 55) * MINUTE
  const minutes = 2 + ((n * 7) % 23)
  const at = (minute: number, second = 0) => startMs + minute * MINUTE + second * 1000
  const denial = denialOf(n, deployer, passed, startMs - MINUTE)
  const before = policies.get(deployer) ?? []
  const after = [...before, statementOf(denial, passed)]
  if (outcome === 'confirmed') policies.set(deployer, after)
  const change = changeOf(deployer, before.length === 0 ? null : documentOf(before), documentOf(after))
  const patch = { changes: [change], digest: patchDigest([change]) }
  const proposal = sampleProposal({ id: `p-${String(n + 1).padStart(2, '0')}`, denial, patch })
  const why = `No identity policy of role ${deployer} allows iam:PassRole on ${passed.role} for ${passed.service}.amazonaws.com.`
  return [
    { kind: 'denial-seen' as const, atMs: at(0), why },
    { kind: 'proposed' as const, atMs: at(0), why },
    ...decided(outcome, change, why, n, seconds => at(minutes, seconds)),
  ].map(step => ({ proposal, step }))
}

function decided(
  outcome: Outcome,
  change: PolicyChange,
  why: string,
  n: number,
  at: (seconds: number) => number,
): readonly AuditStep[] {
  if (outcome === 'rejected')
    return [{ kind: 'rejected', atMs: at(0), by: JANE, why: 'the deploy was started by mistake' }]
  const requestIds = [`request-${n}`]
  const applied: readonly AuditStep[] = [
    { kind: 'approved', atMs: at(0), by: ADA, why: 'approved' },
    { kind: 'apply-intended', atMs: at(2), why },
    { kind: 'applied', atMs: at(5), why: 'written and read back; the denied request is now allowed', requestIds },
  ]
  const { target, before, after } = change
  const changes: readonly PlannedWrite[] = [{ target, before: after, after: before }]
  const undone = 'what was written was removed'
  return outcome === 'reverted'
    ? [
        ...applied,
        { kind: 'revert-intended', atMs: at(600), by: ADA, why: 'asked for by a person', changes },
        { kind: 'reverted', atMs: at(603), by: ADA, why: undone, changes, requestIds },
      ]
    : [...applied, { kind: 'confirmed', atMs: at(1800), why: 'the request was not denied again' }]
}

function denialOf(n: number, deployer: string, passed: Passed, timeMs: number): Denial {
  const resource = `arn:aws:iam::${ACCOUNT}:role/${passed.role}`
  const sessionName = `deploy-${4700 + n}`
  const service = sent(`${passed.service}.amazonaws.com`)
  return {
    ...DENIAL,
    id: `6f1c2f0e-0000-4000-8000-${String(n + 1).padStart(12, '0')}`,
    timeMs,
    resource,
    principal: {
      ...DENIAL.principal,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${deployer}/${sessionName}`,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/${deployer}`,
      name: deployer,
      sessionName,
      uniqueId: `AROAEXAMPLE:${sessionName}`,
    },
    call: { eventSource: `${passed.source}.amazonaws.com`, eventName: passed.call },
    passes: [{ arn: resource, parameter: passed.parameter, service }],
  }
}

function statementOf(denial: Denial, { role, service }: Passed): Statement {
  return {
    Sid: `Rolemedic${fingerprintOf(denial).slice(0, 8)}`,
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: `arn:aws:iam::${ACCOUNT}:role/${role}`,
    Condition: { StringEquals: { 'iam:PassedToService': `${service}.amazonaws.com` } },
  }
}

const documentOf = (statements: readonly Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
})

function changeOf(deployer: string, before: PolicyDocument | null, after: PolicyDocument): PolicyChange {
  const arn = `arn:aws:iam::${ACCOUNT}:role/${deployer}`
  const target = {
    kind: 'role-inline-policy' as const,
    accountId: ACCOUNT,
    name: deployer,
    policyName: 'rolemedic',
    arn,
  }
  const change = { target, before, after }
  return { ...change, digest: changeDigest(change), required: true }
}
