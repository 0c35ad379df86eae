import { parse as parseHcl } from '@cdktf/hcl2json'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { parseMessage } from '../../../core/denial/parse-denial.ts'
import type { HandOver } from '../../../core/patch/drafting/hand-over.ts'
import { CODE_FORMATS, commentAs, handOverAs } from '../../../core/patch/export/code.ts'
import { snapshotReader } from '../../../functions/adapters/files/account-snapshot.ts'
import { DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { type Analysis, analyze } from '../../../functions/workflows/denial/analyze-denial.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-run'

async function answer(message: string, files: readonly { name: string; text: string }[] = []): Promise<Analysis> {
  const parsed = parseMessage(message)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  const reader = snapshotReader({ files })
  return analyze(parsed.denial, { reader, config: DEFAULT_CONFIG, nowMs: 0, asked: true, given: reader.given })
}

async function handed(message: string): Promise<HandOver> {
  const { handOver } = await answer(message)
  if (handOver === null) throw new Error('nothing to hand over')
  return handOver
}

const denied = (caller: string, action: string, more = '') =>
  `User: ${caller} is not authorized to perform: ${action} on resource: ${ROLE}${more}`
const CREATE = 'An error occurred (AccessDeniedException) when calling the CreateFunction operation: '

describe('what is handed to an administrator', () => {
  it('is the exact statement for the service that receives the role, under a name that nothing else has', async () => {
    const found = await handed(`${CREATE}${denied('arn:aws:iam::111122223333:user/jane', 'iam:PassRole')}`)
    if (found.kind !== 'caller') throw new Error('not of the caller')
    const { target, before, after } = found.change
    expect(before).toBeNull()
    expect(target).toMatchObject({ kind: 'user-inline-policy', accountId: '111122223333', name: 'jane' })
    expect(target.policyName).toMatch(/^rolemedic-[0-9a-f]{8}$/)
    expect(after.Statement).toEqual([
      {
        Sid: expect.stringMatching(/^Rolemedic[0-9a-f]{8}$/),
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: ROLE,
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
    ])
  })

  it('is a policy to attach where the caller’s own cannot be written', async () => {
    const found = await handed(
      `${CREATE}${denied('arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/jane', 'iam:PassRole')}`,
    )
    expect(found).toMatchObject({ kind: 'caller', change: { target: { kind: 'managed-policy', policyName: null } } })
    expect(handOverAs('cli', found)).toContain('aws iam create-policy --policy-name rolemedic-')
  })

  it('is nothing for a role whose name the text hides, and no command for a caller whose name it hides', async () => {
    // Names as in https://github.com/service-cloud-voice/examples-from-doc/issues/34
    for (const role of ['arn:aws:iam::111122223333:role/xxxxxx', 'arn:aws:iam::xxxxxxxxxxxx:role/XXX']) {
      const hidden = denied('arn:aws:iam::111122223333:user/jane', 'iam:PassRole').replace(ROLE, role)
      expect((await answer(`${CREATE}${hidden}`)).handOver).toBeNull()
    }
    expect(await handed(`${CREATE}${denied('arn:aws:iam::111122223333:user/XXXX', 'iam:PassRole')}`)).toMatchObject({
      change: { target: { kind: 'managed-policy', policyName: null } },
    })
  })

  it('asks for the account of the role where AWS recommends it for the service', async () => {
    expect(await handed(`EMR service role ${ROLE} is invalid`)).toEqual({
      kind: 'trust',
      role: ROLE,
      statement: {
        Effect: 'Allow',
        Principal: { Service: 'elasticmapreduce.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
    })
  })

  it.each([
    [
      'the role is not named',
      `${CREATE}User: arn:aws:iam::111122223333:user/jane is not authorized to perform: iam:PassRole on resource: ***`,
    ],
    [
      'the role is a pattern',
      `${CREATE}User: arn:aws:iam::111122223333:user/jane is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/*`,
    ],
    [
      'the role is of another account',
      `${CREATE}User: arn:aws:iam::444455556666:user/jane is not authorized to perform: iam:PassRole on resource: ${ROLE}`,
    ],
    [
      'a deny statement applies',
      `${CREATE}${denied('arn:aws:iam::111122223333:user/jane', 'iam:PassRole', ' with an explicit deny in a service control policy')}`,
    ],
    ['nothing says which side lacks it', denied('arn:aws:iam::111122223333:user/jane', 'sts:AssumeRole')],
    ['a token was refused', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'],
  ])('is nothing where %s', async (_, message) => {
    expect((await answer(message)).handOver).toBeNull()
  })

  it('leaves the service open where nothing names the call, with the likeliest three and no command', async () => {
    const { handOver: found, diagnosis } = await answer(denied('arn:aws:iam::111122223333:user/jane', 'iam:PassRole'))
    if (found?.kind !== 'caller') throw new Error('not of the caller')
    expect(found.change.after.Statement[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'SERVICE.amazonaws.com' },
    })
    expect(found.services).toEqual(['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'ec2.amazonaws.com'])
    expect(diagnosis.nextSteps[0]).toMatchObject({
      text: expect.stringContaining(
        'in place of SERVICE.amazonaws.com: for this call most likely lambda.amazonaws.com, ecs-tasks.amazonaws.com or ec2.amazonaws.com.',
      ),
      command: null,
    })
  })

  it('keeps the ARN as it stands where the account is hidden, and puts it into no command', async () => {
    const { handOver: found, diagnosis } = await answer(
      `${CREATE}User: arn:aws:iam::***:user/jane is not authorized to perform: iam:PassRole on resource: arn:aws:iam::***:role/x`,
    )
    if (found?.kind !== 'caller') throw new Error('not of the caller')
    expect(found.change.after.Statement[0]).toMatchObject({
      Resource: 'arn:aws:iam::***:role/x',
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    })
    expect(diagnosis.nextSteps[0]?.command).toBeNull()
    expect(diagnosis.nextSteps[0]?.text).toContain(
      'The text hides the account: put its id in its place, as asterisks are every account.',
    )
  })

  it('is the statement where the policies were read and the role is gone', async () => {
    const text = JSON.stringify({
      UserDetailList: [
        {
          Arn: 'arn:aws:iam::111122223333:user/jane',
          UserName: 'jane',
          UserPolicyList: [],
          GroupList: [],
          AttachedManagedPolicies: [],
        },
      ],
      RoleDetailList: [],
    })
    const { handOver, diagnosis } = await answer(
      `${CREATE}${denied('arn:aws:iam::111122223333:user/jane', 'iam:PassRole')}`,
      [{ name: 'account', text }],
    )
    expect(handOver).toMatchObject({ kind: 'caller' })
    expect(diagnosis).toMatchObject({
      cause: 'identity-gap',
      verdict: 'proved',
      roleGone: 'arn:aws:iam::111122223333:role/orders-run',
    })
  })

  it('is marked as not verified, and is the first of the next steps', async () => {
    const { diagnosis, patch } = await answer(
      `${CREATE}${denied('arn:aws:iam::111122223333:user/jane', 'iam:PassRole')}`,
    )
    const [first] = diagnosis.nextSteps
    expect(first?.text).toBe(
      'Allow user jane to pass role orders-run to lambda.amazonaws.com (iam:PassRole), and no more. Not verified against your policies.',
    )
    expect(first?.command).toMatch(/^aws iam put-user-policy --user-name jane --policy-name rolemedic-[0-9a-f]{8} /)
    expect(patch).toBeNull()
  })
})

describe('a statement of a trust policy', () => {
  const found: HandOver = {
    kind: 'trust',
    role: ROLE,
    statement: {
      Effect: 'Allow',
      Principal: { Service: 'scheduler.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    },
  }

  it('means the same in Terraform', async () => {
    const { locals } = await parseHcl('main.tf', handOverAs('terraform', found))
    expect(locals).toEqual([{ orders_run_trust_statement: found.statement }])
  })

  it('means the same in CloudFormation', () => {
    expect(parseYaml(handOverAs('cloudformation', found))).toEqual([found.statement])
  })

  it('stands between reading the policy and writing it on the command line', () => {
    expect(handOverAs('cli', found).split('\n')).toEqual([
      '# One more statement for the trust policy of role orders-run.',
      'aws iam get-role --role-name orders-run --query Role.AssumeRolePolicyDocument > trust.json',
      `# Add to "Statement" in trust.json: ${JSON.stringify(found.kind === 'trust' ? found.statement : null)}`,
      'aws iam update-assume-role-policy --role-name orders-run --policy-document file://trust.json',
      '',
    ])
  })

  it('names no role where the text does not', () => {
    for (const format of CODE_FORMATS) {
      const code = handOverAs(format, { ...found, role: null })
      expect(code.split('\n')[0]).toMatch(/ of the role\.$/)
      expect(code).not.toContain('null')
    }
  })
})

describe('a comment', () => {
  it('stays one, whatever its text holds', () => {
    for (const format of CODE_FORMATS)
      for (const line of commentAs(format, ['a\nresource "x" "y" {}', 'b\u2028code()', 'c\r\nd']).split('\n'))
        expect(line).toMatch(/^(?:#|\/\/) /)
  })
})
