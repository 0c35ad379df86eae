import { describe, expect, it } from 'vitest'
import type { Denial, DenialReason, TextHints, Tool } from '../../../core/denial/denial.ts'
import { NO_TEXT_HINTS } from '../../../core/denial/message/text-hints.ts'
import { diagnose } from '../../../core/diagnosis/diagnose.ts'
import type { Cause, Diagnosis } from '../../../core/diagnosis/diagnosis.ts'
import { withLastStep } from '../../../core/diagnosis/text/last-step.ts'
import { linkedService } from '../../../core/diagnosis/text/linked-role.ts'
import { tokenRefused } from '../../../core/diagnosis/text/token.ts'
import { likelyServices } from '../../../core/diagnosis/wording/likely-services.ts'
import { ownedRole } from '../../../core/diagnosis/wording/owned-roles.ts'
import { policiesStep } from '../../../core/diagnosis/wording/policies-step.ts'
import { removeRoleSetting } from '../../../core/diagnosis/wording/tools.ts'
import { ABSENT_KEY, present } from '../../../core/iam/conditions/context.ts'
import { AWS_DENIED, by, textContext } from '../../fixtures/diagnosis.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app-task'
const diagnosis = (cause: Cause, more: Partial<Diagnosis> = {}): Diagnosis => ({
  ...{ verdict: 'not-ours', cause, summary: 'x.', evidence: [], unknowns: [], gaps: [], nextSteps: [] },
  passedService: null,
  ...more,
})
const lastOf = (cause: Cause, more: Parameters<typeof textContext>[0] = {}) =>
  withLastStep(textContext(more), diagnosis(cause)).nextSteps.at(-1)
const layer = (reason: DenialReason, more: Parameters<typeof textContext>[0] = {}) =>
  lastOf('explicit-deny', { reason, ...more })?.command

describe('the last step of an answer to a text', () => {
  it.each<Cause>(['explicit-deny', 'boundary-gap', 'session-policy-gap', 'scp-gap', 'rcp-gap', 'vpce-gap'])(
    'shows the policy for %s',
    cause => {
      expect(lastOf(cause, { reason: 'no-vpce-policy' })?.text).toBe('The policies of the VPC endpoints.')
    },
  )

  it.each<[DenialReason, string]>([
    [
      'explicit-deny-scp',
      'aws organizations list-policies-for-target --target-id 111122223333 --filter SERVICE_CONTROL_POLICY',
    ],
    ['no-rcp', 'aws organizations list-policies-for-target --target-id 111122223333 --filter RESOURCE_CONTROL_POLICY'],
    ['explicit-deny-boundary', 'aws iam get-role --role-name deployer --query Role.PermissionsBoundary'],
    ['explicit-deny-trust', 'aws iam get-role --role-name app-task --query Role.AssumeRolePolicyDocument'],
    [
      'no-vpce-policy',
      "aws ec2 describe-vpc-endpoints --query 'VpcEndpoints[].[VpcEndpointId,ServiceName,PolicyDocument]'",
    ],
    [
      'no-session-policy',
      'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole > events.json',
    ],
    ['explicit-deny-identity', 'aws iam get-account-authorization-details > account.json'],
    ['explicit-deny', 'aws iam get-account-authorization-details > account.json'],
  ])('shows the layer of %s', (reason, command) => {
    expect(layer(reason)).toBe(command)
  })

  it('shows the boundary of a user, with a name that is safe to type', () => {
    const user = { kind: 'user', name: 'ann' } as const
    expect(layer('no-boundary', by(user))).toBe('aws iam get-user --user-name ann --query User.PermissionsBoundary')
    expect(layer('no-boundary', by({ ...user, name: 'a b' }))).toContain('--user-name NAME ')
  })

  it('shows the policy of the organization that AWS names', () => {
    const reasonPolicyArn = 'arn:aws:organizations::999999999999:policy/o-abc123/service_control_policy/p-guard001'
    expect(layer('no-scp', { reasonPolicyArn })).toBe('aws organizations describe-policy --policy-id p-guard001')
    expect(layer('no-scp', { reasonPolicyArn: `${reasonPolicyArn}; id` })).toContain('list-policies-for-target')
  })

  it('takes the account of the caller, else that of the role, else a placeholder', () => {
    const target = (more: Parameters<typeof textContext>[0]) =>
      /--target-id (\S+)/.exec(layer('no-scp', more) ?? '')?.[1]
    const resource = 'arn:aws:iam::444455556666:role/app-task'
    expect(target({ resource })).toBe('111122223333')
    expect(target({ resource, ...by({ accountId: null }) })).toBe('444455556666')
    expect(target({ resource: null, ...by({ accountId: null }) })).toBe('ACCOUNT_ID')
    expect(target({ resource: 'arn:aws:iam::xxxx:role/a', ...by({ accountId: null }) })).toBe('ACCOUNT_ID')
  })

  it('shows the accounts of a role that cannot be passed to another', () => {
    expect(lastOf('cross-account-pass-role')).toMatchObject({
      text: 'Whether a role app-task is in the account of the call as well.',
      command: 'aws iam get-role --role-name app-task',
    })
    expect(lastOf('cross-account-pass-role', { resource: null })).toMatchObject({
      text: 'In which account the call is made: the role has to be in the same one.',
      command: 'aws sts get-caller-identity',
    })
  })

  it.each<[Cause, string]>([
    ['role-not-found', 'The roles that there are.'],
    ['role-name-mismatch', 'The roles that there are.'],
    ['reserved-role', 'The roles that there are.'],
    ['unknown', 'As whom the call is made.'],
    ['trust-gap', 'As whom the call is made.'],
  ])('for %s is: %s', (cause, text) => {
    expect(lastOf(cause)?.text).toBe(text)
  })

  it('is not added where a step with a command ends the answer, or a change is offered', () => {
    const steps = [{ text: 'Look.', command: 'aws sts get-caller-identity', owner: null }]
    const withSteps = diagnosis('unknown', { nextSteps: steps })
    expect(withLastStep(textContext(), withSteps).nextSteps).toEqual(steps)
    const offered = diagnosis('identity-gap', { verdict: 'proved', gaps: [{ kind: 'identity', roles: [ROLE] }] })
    expect(withLastStep(textContext(), offered)).toBe(offered)
  })

  it('asks for the policies where a gap is not patched', () => {
    const open = diagnosis('identity-gap', { verdict: 'likely', gaps: [{ kind: 'identity', roles: [ROLE] }] })
    expect(withLastStep(textContext(), open).nextSteps.map(({ command }) => command)).toEqual([
      'aws iam get-account-authorization-details > account.json',
    ])
  })
})

describe('an answer to a text alone', () => {
  const answer = (more: Parameters<typeof textContext>[0]) => {
    const context = textContext(more)
    return diagnose(context.denial, context.snapshot, { config: context.config, nowMs: context.nowMs, filesOf: [] })
  }

  it('names the policy type that AWS names', () => {
    expect(answer({ reason: 'no-identity-policy' }).summary).toBe(
      'Role deployer may not pass role app-task (iam:PassRole): AWS says that no identity-based policy allows it. The policies themselves were not read.',
    )
    expect(answer({ reason: 'none-given' }).summary).toBe(
      'Role deployer may not pass role app-task (iam:PassRole): the text does not say which policy refuses it.',
    )
    expect(answer({ reason: 'none-given', action: 'sts:AssumeRole' }).summary).toContain(
      'the text does not say whether the role’s trust policy or the caller’s own policies refuse it, or whether the role exists.',
    )
  })

  it('says to decode a message, to copy all of a truncated one, or to look up an id', () => {
    const textsOf = (more: Parameters<typeof textContext>[0]) => answer(more).nextSteps.map(({ text }) => text)
    const encodedMessage = { blob: 'abc', cut: false }
    expect(textsOf({ encodedMessage })[0]).toBe('Decode the message.')
    expect(textsOf({ encodedMessage: { ...encodedMessage, cut: true } })[0]).toBe(
      'The encoded message is truncated: copy all of it from the output of the failed command.',
    )
    expect(textsOf({ authorizationId: 'id-1' })[0]).toBe(
      'Look up the authorization id id-1 in the IAM console, within 24 hours.',
    )
    expect(textsOf({ encodedMessage, awsEvaluation: AWS_DENIED })[0]).not.toBe('Decode the message.')
  })

  it('says who must allow: the trust policy, and the caller’s policies where both sides decide', () => {
    const textOf = (more: Parameters<typeof textContext>[0]) =>
      answer({ action: 'sts:AssumeRole', reason: 'none-given', ...more }).nextSteps[0]?.text
    expect(textOf({})).toContain('; if only the account is listed, the policies of role deployer must allow')
    expect(textOf({ resource: 'arn:aws:iam::444455556666:role/x' })).toContain(
      ', and the policies of role deployer must allow',
    )
    expect(textOf({ resource: 'arn:aws:iam::444455556666:role/x' })).toContain('(in account 444455556666)')
  })

  it('names what AWS says as the cause, and nothing else', () => {
    const causeOf = (reason: Denial['reason']) => answer({ reason })
    expect(causeOf('no-identity-policy')).toMatchObject({ cause: 'identity-gap', verdict: 'not-enough-evidence' })
    expect(causeOf('no-trust-policy')).toMatchObject({ cause: 'trust-gap', verdict: 'not-enough-evidence' })
    expect(causeOf('none-given')).toMatchObject({ cause: 'unknown', verdict: 'not-enough-evidence' })
  })

  it('names an external id and MFA where the text does, and not otherwise', () => {
    const textsOf = (hints: Partial<TextHints>) =>
      answer({ action: 'sts:AssumeRole', reason: 'none-given', hints: { ...NO_TEXT_HINTS, ...hints } })
        .nextSteps.map(({ text }) => text)
        .join()
    expect(textsOf({ externalId: true })).toContain('sts:ExternalId')
    expect(textsOf({ mfa: true })).toContain('aws:MultiFactorAuthPresent')
    expect(textsOf({})).not.toMatch(/ExternalId|MultiFactor/)
  })
})

describe('a role that is named like nothing', () => {
  const causeOf = (name: string) => {
    const context = textContext({ resource: `arn:aws:iam::111122223333:role/${name}` })
    return diagnose(context.denial, context.snapshot, { config: context.config, nowMs: context.nowMs, filesOf: [] })
  }

  it.each(['null', 'undefined', 'None', 'app/null'])('is a variable that is not set: %s', name => {
    const { cause, nextSteps } = causeOf(name)
    expect({ cause, first: nextSteps[0]?.text }).toEqual({
      cause: 'role-not-found',
      first: expect.stringMatching(/^Set the variable that names the role/),
    })
  })

  it.each(['nullable', 'none', 'undefined-deploy'])('is a role like any other: %s', name => {
    expect(causeOf(name).cause).not.toBe('role-not-found')
  })
})

describe('the likeliest services', () => {
  const of = (eventSource: string | null, name: string) =>
    likelyServices(
      textContext({ call: { eventSource, eventName: null }, resource: `arn:aws:iam::111122223333:role/${name}` })
        .denial,
    )

  it.each([
    ['what the calls of the service send', 'ecs.amazonaws.com', 'x', ['ecs-tasks.amazonaws.com', 'ecs.amazonaws.com']],
    [
      'what the name says, then the commonest',
      null,
      'orders-glue',
      ['glue.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com'],
    ],
    ['the commonest', null, 'x', ['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'ec2.amazonaws.com']],
  ])('are %s, and three at most', (_, eventSource, name, services) => {
    expect(of(eventSource, name)).toEqual(services)
  })
})

describe('a role that a tool owns', () => {
  const stepOf = (name: string, tool: Tool | null = null) =>
    ownedRole(textContext({ ...by({ name }), hints: { ...NO_TEXT_HINTS, tool } }).denial, 'iam:PassRole on x')?.step
  it.each([
    [
      'cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1',
      'npx cdk bootstrap aws://111122223333/eu-west-1 --cloudformation-execution-policies POLICY_ARN',
    ],
    [
      'cdk-team1-deploy-role-111122223333-eu-west-1',
      'npx cdk bootstrap aws://111122223333/eu-west-1 --qualifier team1',
    ],
    ['AWSControlTowerExecution', 'aws controltower list-landing-zones'],
    ['amplify-shop-dev-182931-authRole', 'amplify override project && amplify push'],
    ['dev-apiRouteTmskrbHandlerRole-bdmeovvh', 'npx sst deploy'],
  ])('is changed with the tool: %s', (name, command) => {
    expect(stepOf(name)?.command).toBe(command)
  })

  it.each(['pipeline-deploy', 'prod-CiRole-deployer', 'cdk-deployer', 'MyAWSControlTowerExecution', 'amplifier'])(
    'is not %s',
    name => {
      expect(stepOf(name)).toBeUndefined()
    },
  )
})

describe('a token that AWS refused', () => {
  const summaryOf = (action: 'sts:AssumeRoleWithSAML' | 'sts:AssumeRoleWithWebIdentity') =>
    tokenRefused(textContext({ action, ...by({ kind: 'unknown' }) }))?.summary

  it('is an assertion for SAML', () => {
    expect(summaryOf('sts:AssumeRoleWithSAML')).toContain('AWS refused the SAML assertion: most likely')
    expect(summaryOf('sts:AssumeRoleWithWebIdentity')).toContain('AWS refused the token: most likely')
    expect(tokenRefused(textContext({ action: 'sts:AssumeRole' }))).toBeNull()
  })

  it.each([
    ['aws', 'the sign-in, https://signin.aws.amazon.com/saml.'],
    ['aws-cn', 'the sign-in, https://signin.amazonaws.cn/saml.'],
    ['aws-us-gov', 'the sign-in, https://signin.amazonaws-us-gov.com/saml.'],
    ['aws-eusc', 'the sign-in.'],
  ])('is for the sign-in of its partition: %s', (partition, address) => {
    const diagnosis = tokenRefused(
      textContext({ action: 'sts:AssumeRoleWithSAML', partition, ...by({ kind: 'unknown' }) }),
    )
    expect(diagnosis?.nextSteps.map(({ text }) => text).join()).toContain(`SAML:aud is the address of ${address}`)
  })
})

describe('the service of a service-linked role', () => {
  const serviceOf = (more: Parameters<typeof textContext>[0]) => linkedService(textContext(more).denial)
  const SENT = { 'iam:awsservicename': present('ecs.amazonaws.com') }

  it('is in the ARN, else in what the call sends', () => {
    const resource = 'arn:aws:iam::111122223333:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForX'
    expect(serviceOf({ resource, context: SENT })).toBe('es.amazonaws.com')
    expect(serviceOf({ resource: null, context: SENT })).toBe('ecs.amazonaws.com')
    expect(serviceOf({ resource: null, context: { 'iam:awsservicename': ABSENT_KEY } })).toBeNull()
    expect(serviceOf({ resource: null })).toBeNull()
  })
})

describe('the policies to pass in', () => {
  const stepOf = (filesOf: readonly string[] | null, resource = ROLE) =>
    policiesStep({ ...textContext({ resource }), filesOf })[0]

  it('are those of the accounts that no file is of', () => {
    expect(stepOf(null)).toBeUndefined()
    expect(stepOf(['111122223333'])).toBeUndefined()
    expect(stepOf(['444455556666'])).toMatchObject({
      text: 'Pass the file of 111122223333 as well: the --account file is of account 444455556666.',
      command: 'aws iam get-account-authorization-details > account-111122223333.json',
    })
    expect(stepOf(['444455556666', '555566667777'], 'arn:aws:iam::999999999999:role/x')?.text).toBe(
      'Pass the file of 111122223333 and 999999999999 as well: the --account files are of accounts 444455556666 and 555566667777.',
    )
  })
})

describe('the setting of a tool', () => {
  it('is named for each tool', () => {
    for (const tool of ['serverless', 'sam', 'amplify'] as const)
      expect(removeRoleSetting(tool)).toBe('use a profile without role_arn and source_profile')
    expect(removeRoleSetting('terraform')).toContain('assume_role block')
    expect(removeRoleSetting(null)).toBe('remove the role from the configuration of the call')
  })
})
