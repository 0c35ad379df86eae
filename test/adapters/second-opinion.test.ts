import {
  AccessAnalyzerClient,
  CheckAccessNotGrantedCommand,
  CheckNoNewAccessCommand,
  ValidatePolicyCommand,
} from '@aws-sdk/client-accessanalyzer'
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { present } from '../../core/iam/conditions/context.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, type Patch, patchDigest } from '../../core/patch/patch.ts'
import { secondOpinion } from '../../functions/adapters/aws/iam/second-opinion.ts'
import { DEFAULT_CONFIG } from '../../functions/domain/config/config.ts'

const analyzer = mockClient(AccessAnalyzerClient)
const iam = mockClient(IAMClient)
const DEPLOYER = 'arn:aws:iam::111122223333:role/deployer'
const theirs: Statement = { Sid: 'Theirs', Effect: 'Allow', Action: 's3:*', Resource: '*' }
const ours: Statement = {
  Sid: 'Rolemedic0a1b2c3d',
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: 'arn:aws:iam::111122223333:role/task',
}
const target = {
  kind: 'role-inline-policy' as const,
  accountId: '111122223333',
  name: 'deployer',
  policyName: 'rolemedic',
  arn: DEPLOYER,
}
const before = { Version: '2012-10-17', Statement: [theirs] }
const after = { Version: '2012-10-17', Statement: [theirs, ours] }
const change = { target, before, after, required: true, digest: changeDigest({ target, before, after }) }
const patch: Patch = { changes: [change], digest: patchDigest([change]) }
const request: AccessRequest = {
  action: 'iam:PassRole',
  resource: 'arn:aws:iam::111122223333:role/task',
  principalArn: 'arn:aws:sts::111122223333:assumed-role/deployer/ci',
  roleArn: DEPLOYER,
  context: { 'iam:passedtoservice': present('ecs-tasks.amazonaws.com'), 'aws:userid': present('AROA:ci') },
}

function ask(
  on: { accessAnalyzer?: boolean; policySimulator?: boolean } = { accessAnalyzer: true, policySimulator: true },
) {
  const config = {
    ...DEFAULT_CONFIG,
    forbiddenActions: ['iam:CreateUser'],
    secondOpinion: { accessAnalyzer: false, policySimulator: false, ...on },
  }
  const deps = {
    config,
    accessAnalyzer: new AccessAnalyzerClient({ region: 'us-east-1' }),
    iam: () => new IAMClient({ region: 'us-east-1' }),
  }
  return secondOpinion(deps).ask(patch, [request])
}

const outcomes = async () => Object.fromEntries((await ask()).map(({ id, outcome }) => [id, outcome]))

beforeEach(() => {
  analyzer.reset()
  iam.reset()
  analyzer.on(ValidatePolicyCommand).resolves({ findings: [] })
  analyzer
    .on(CheckNoNewAccessCommand)
    .resolves({ result: 'FAIL', reasons: [{ statementIndex: 1, description: 'new' }] })
  analyzer.on(CheckAccessNotGrantedCommand).resolves({ result: 'PASS' })
  iam.on(SimulatePrincipalPolicyCommand).resolves({
    EvaluationResults: [{ EvalActionName: 'iam:PassRole', EvalDecision: 'allowed' }],
  })
})

describe('the second opinion', () => {
  it('passes when new access comes from the statement of the patch alone', async () => {
    expect(await outcomes()).toEqual({
      'access-analyzer-validate': 'pass',
      'access-analyzer-new-access': 'pass',
      'access-analyzer-forbidden': 'pass',
      'policy-simulator': 'pass',
    })
  })

  it('is asked about the statements of the patch, not about those of others', async () => {
    await ask()
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [ours] })
    expect(analyzer.commandCalls(ValidatePolicyCommand)[0]?.args[0].input).toEqual({
      policyDocument: document,
      policyType: 'IDENTITY_POLICY',
    })
    expect(analyzer.commandCalls(CheckAccessNotGrantedCommand)[0]?.args[0].input).toEqual({
      policyDocument: document,
      access: [{ actions: ['iam:CreateUser'] }],
      policyType: 'IDENTITY_POLICY',
    })
    expect(iam.commandCalls(SimulatePrincipalPolicyCommand)[0]?.args[0].input).toEqual({
      PolicySourceArn: DEPLOYER,
      ActionNames: ['iam:PassRole'],
      ResourceArns: ['arn:aws:iam::111122223333:role/task'],
      PolicyInputList: [document],
      ContextEntries: [
        {
          ContextKeyName: 'iam:passedtoservice',
          ContextKeyValues: ['ecs-tasks.amazonaws.com'],
          ContextKeyType: 'string',
        },
      ],
    })
  })

  it('refuses new access from elsewhere, a forbidden action, an invalid policy and an explicit deny', async () => {
    analyzer
      .on(CheckNoNewAccessCommand)
      .resolves({ result: 'FAIL', reasons: [{ statementIndex: 0, description: 'wider' }] })
    analyzer.on(CheckAccessNotGrantedCommand).resolves({ result: 'FAIL', message: 'grants iam:CreateUser' })
    analyzer.on(ValidatePolicyCommand).resolves({
      findings: [
        { findingType: 'ERROR', findingDetails: 'no such action', issueCode: 'X', learnMoreLink: 'x', locations: [] },
      ],
    })
    iam
      .on(SimulatePrincipalPolicyCommand)
      .resolves({ EvaluationResults: [{ EvalActionName: 'x', EvalDecision: 'explicitDeny' }] })
    expect(new Set(Object.values(await outcomes()))).toEqual(new Set(['refuse']))
  })

  it('warns of a security finding and of an implicit deny', async () => {
    analyzer.on(ValidatePolicyCommand).resolves({
      findings: [
        {
          findingType: 'SECURITY_WARNING',
          findingDetails: 'PassRole with star',
          issueCode: 'X',
          learnMoreLink: 'x',
          locations: [],
        },
      ],
    })
    iam
      .on(SimulatePrincipalPolicyCommand)
      .resolves({ EvaluationResults: [{ EvalActionName: 'x', EvalDecision: 'implicitDeny' }] })
    expect(await outcomes()).toMatchObject({ 'access-analyzer-validate': 'warn', 'policy-simulator': 'warn' })
  })

  it('only warns when AWS cannot be asked', async () => {
    const refused = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' })
    analyzer.onAnyCommand().rejects(refused)
    iam.onAnyCommand().rejects(refused)
    const findings = await ask()
    expect(findings.map(({ outcome }) => outcome)).toEqual(['warn', 'warn', 'warn', 'warn'])
    expect(findings[0]?.detail).toBe('AWS could not be asked: AccessDeniedException: not authorized')
  })

  it('asks nothing that the configuration leaves off', async () => {
    expect(await ask({})).toEqual([])
    expect((await ask({ policySimulator: true })).map(({ id }) => id)).toEqual(['policy-simulator'])
  })
})
