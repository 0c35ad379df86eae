import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import type { ExplainDeployOutput } from '../../cli/outputs/explain-deploy.ts'
import { FAULT_CASES, REGION } from '../deploys/fault-cases.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const deploys = join(root, 'events/deploys')
const ACCOUNT = ['--account', join(root, 'events/accounts/orders-dev.json')]
const STACK = join(deploys, 'stack-events/mailer.json')
const TEMPLATE = join(deploys, 'templates/mailer.yaml')

const folder = mkdtempSync(join(tmpdir(), 'explain-deploy-'))
afterAll(() => rmSync(folder, { recursive: true }))
const written = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

async function run(...args: readonly string[]) {
  const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
  const code = await dispatch(['explain-deploy', ...args], io)
  return { code, ...io.captured }
}

async function explained(...args: readonly string[]) {
  const { code, out } = await run(...args, '--json')
  return { code, ...(JSON.parse(out) as ExplainDeployOutput) }
}

const SEND_FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: { Role: 'arn:aws:iam::111122223333:role/app/web-instance' },
}

describe('rolemedic explain-deploy', () => {
  // https://github.com/idealo/terraform-aws-mwaa/issues/156
  it('names a role whose account the log hides', async () => {
    const role = 'arn:aws:iam::REDACTED:role/mwaa-prod-execution-role'
    const log = `Error: creating MWAA Environment (prod): ValidationException: Failed to assume role ${role}. This could be due to the role's trust policy. Please ensure your role is assumable by 'airflow-env.amazonaws.com' Service Principal and try again.`
    const { causes } = await explained('--log', written('hidden-account.log', log))
    expect(causes).toMatchObject([
      {
        ...{ kind: 'role-not-assumable', principal: 'airflow-env.amazonaws.com', resource: role },
        summary:
          'airflow-env.amazonaws.com cannot assume mwaa-prod-execution-role, and the text does not say in which account that role is.',
        next: [{ command: expect.stringContaining('--role-name mwaa-prod-execution-role') }],
      },
    ])
  })

  it('does not call a role that a cut message leaves open none of ours', async () => {
    const text = 'An error occurred (AccessDenied) when calling the AssumeRole operation:'
    const { causes } = await explained('--log', written('cut.log', text))
    expect(causes).toMatchObject([{ kind: 'other-action', action: null, principal: null, resource: null }])
    expect(causes[0]?.summary).toContain('with the record of the call, rolemedic diagnoses the denial')
    const { out } = await run('--log', written('cut.log', text))
    expect(out).toContain('who deploys was denied the call AssumeRole of sts (line 1): not known')
    expect(out).not.toContain('never patched')
  })

  // https://github.com/serverless-operations/serverless-step-functions/issues/334
  it('says that a state machine may lack nothing where the policy of CloudWatch Logs is too long', async () => {
    const text =
      'DeploymentStateMachine CREATE_FAILED The state machine IAM Role is not authorized to access the Log Destination (Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException)'
    const { causes } = await explained('--log', written('machine.log', text))
    expect(causes.flatMap(({ next }) => next.map(({ command }) => command))).toContain(
      'aws logs describe-resource-policies',
    )
  })

  // https://github.com/XenitAB/terraform-modules/pull/396
  it.each([
    ['the permission, where IAM was not read', [], 'role-action', 'unknown'],
    ['the role, where it is known to be missing', ACCOUNT, 'service-linked-role', 'missing'],
  ])('is one cause where a service may not create its own role: %s', async (_, given, kind, answer) => {
    const text =
      "Error: error creating EKS Node Group (orders:web): InvalidRequestException: Failed to create service linked role: AWSServiceRoleForAmazonEKSNodegroup due to missing permissions for 'iam:CreateServiceLinkedRole'"
    const { causes } = await explained('--log', written('node-group.log', text), ...given)
    expect(causes).toMatchObject([{ kind, answer, action: 'iam:CreateServiceLinkedRole', where: { line: 1 } }])
  })

  it('names two roles of one hidden account', async () => {
    const line = (name: string) => `Firehose cannot assume the role arn:aws:iam::***:role/${name}`
    const { causes } = await explained('--log', written('two-hidden.log', `Error: ${line('a')}\nError: ${line('b')}\n`))
    expect(causes.map(({ resource }) => resource)).toEqual(['arn:aws:iam::***:role/a', 'arn:aws:iam::***:role/b'])
  })

  it('does not take the encoded message of the next error for that of this one', async () => {
    const encoded = `You are not authorized to perform this operation. Encoded authorization failure message: ${'Zx9-'.repeat(60)}`
    const called = (code: string, operation: string) =>
      `An error occurred (${code}) when calling the ${operation} operation:`
    const text = `${called('AccessDenied', 'ListBuckets')} Access Denied\n${called('UnauthorizedOperation', 'RunInstances')} ${encoded}`
    const { causes } = await explained('--log', written('two-errors.log', text))
    const decoded = 'Only the encoded message names the action, which may be iam:PassRole.'
    expect(causes.map(({ where, summary }) => [where.line, summary === decoded])).toEqual([
      [1, false],
      [2, true],
    ])
  })

  it('has an encoded message decoded, as it may be of a role', async () => {
    const text = `An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. Encoded authorization failure message: ${'Zx9-'.repeat(60)}`
    const { causes } = await explained('--log', written('encoded.log', text))
    expect(causes).toMatchObject([
      {
        ...{ kind: 'other-action', action: null },
        summary: 'Only the encoded message names the action, which may be iam:PassRole.',
        next: [{ command: expect.stringContaining('decode-authorization-message') }, { do: expect.any(String) }],
      },
    ])
    expect(JSON.stringify(causes)).not.toContain('Zx9-')
    const { out } = await run('--log', written('encoded.log', text))
    expect(out).not.toContain('never patched')
  })

  it('proves by the template and the live trust what a service lacks, and gives the one change', async () => {
    const { code, deploy, causes, patches, otherReason } = await explained(
      ...['--stack-events', STACK, '--template', TEMPLATE, ...ACCOUNT],
    )
    expect(code).toBe(0)
    expect(deploy).toEqual({
      ...{ tool: 'cloudformation', name: 'mailer', account: '111122223333', region: 'eu-west-1' },
      ...{ status: 'ROLLBACK_IN_PROGRESS', at: '2026-11-24T02:51:39.870Z' },
    })
    expect(causes).toEqual([
      {
        ...{ kind: 'role-not-assumable', certainty: 'certain', during: 'operation', cause: 'trust-gap' },
        ...{ action: 'sts:AssumeRole', principal: 'lambda.amazonaws.com', layer: 'trust', answer: 'patch' },
        resource: 'arn:aws:iam::111122223333:role/app/web-instance',
        where: { logicalId: 'SendFunction', line: null },
        summary: 'The trust policy of web-instance does not allow sts:AssumeRole to lambda.amazonaws.com.',
        next: [expect.objectContaining({ do: expect.stringContaining('added to the trust policy of web-instance') })],
      },
    ])
    expect(patches.map(({ target }) => [target.kind, target.name])).toEqual([['role-trust-policy', 'web-instance']])
    expect(otherReason).toBe(null)
  })

  it('gives the statement that another action lacks, or says why there is none', async () => {
    const log = written(
      'two.log',
      [
        's3:CreateBucket on resource: arn:aws:s3:::orders-files',
        'cloudformation:DescribeStacks on resource: arn:aws:cloudformation:eu-west-1:111122223333:stack/CDKToolkit/*',
      ]
        .map(
          denied =>
            `User: arn:aws:sts::111122223333:assumed-role/orders-deploy/run-1 is not authorized to perform: ${denied} because no identity-based policy allows it`,
        )
        .join('\n'),
    )
    const { causes, patches } = await explained('--log', log)
    expect(causes.map(({ next }) => next.at(-1)?.do)).toEqual([
      'The ARN is the one that AWS names. As a statement, which rolemedic never writes: {"Effect":"Allow","Action":"s3:CreateBucket","Resource":"arn:aws:s3:::orders-files"}',
      'No statement is suggested. The resource holds a wildcard (arn:aws:cloudformation:eu-west-1:111122223333:stack/CDKToolkit/*); only exact ARNs are suggested. AWS checks what does not exist yet under a wildcard. cloudformation:DescribeStacks takes arn:…:cloudformation:…:…:stack/…/….',
    ])
    expect(patches).toEqual([])
  })

  it('tells how old a role was only where it is known when the call was denied', async () => {
    const log = join(deploys, 'build-logs/orders-deploy.txt')
    const events = join(deploys, 'stack-events/orders.json')
    const around = [...ACCOUNT, '--trail', join(root, 'events/trails/lost-permission.json')]
    const ages = async (...input: readonly string[]) =>
      (await explained(...input, ...around)).causes.map(({ timeline }) => timeline?.roleAgeSeconds)
    expect(await ages('--log', log)).toEqual([null])
    expect(await ages('--stack-events', events)).toEqual([expect.any(Number)])
  })

  it('says which parameter no template has', async () => {
    const note = 'rolemedic: --parameter Nmae is not used: no template that was given has a parameter of that name'
    const { err } = await run('--stack-events', STACK, '--template', TEMPLATE, ...ACCOUNT, '--parameter', 'Nmae=x')
    expect(err).toContain(note)
  })

  it('takes the template as get-template prints it', async () => {
    const body = readFileSync(TEMPLATE, 'utf8')
    for (const TemplateBody of [body, { Resources: { SendFunction: SEND_FUNCTION } }]) {
      const file = written('get-template.json', JSON.stringify({ TemplateBody, StagesAvailable: ['Original'] }))
      const { causes } = await explained('--stack-events', STACK, '--template', file, ...ACCOUNT)
      expect(causes.map(({ answer }) => answer)).toEqual(['patch'])
    }
  })

  it('patches nothing by the text alone, and says what it needs', async () => {
    const { code, causes, patches } = await explained('--stack-events', STACK, ...ACCOUNT)
    expect([code, causes.map(({ answer }) => answer), patches]).toEqual([0, ['unknown'], []])
  })

  it('says the same to people, in a terminal and in a comment', async () => {
    const text = await run('--stack-events', STACK, '--template', TEMPLATE, ...ACCOUNT)
    expect(text.out).toContain('The deploy of mailer (cloudformation) failed: ROLLBACK_IN_PROGRESS')
    expect(text.out).toContain('lambda.amazonaws.com cannot assume web-instance (SendFunction): a patch lifts it')
    expect(text.out).toContain('Patch: trust policy of role web-instance')
    const markdown = await run('--stack-events', STACK, '--template', TEMPLATE, ...ACCOUNT, '--format', 'markdown')
    expect(markdown.out).toMatch(/^<!-- rolemedic explain-deploy -->\n### The deploy of mailer/)
    expect(markdown.out).toContain('```diff')
  })

  it('explains a denied role beside it, with one change for both', async () => {
    const log = written(
      'both.log',
      'User: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-worker because no identity-based policy allows the iam:PassRole action',
    )
    const { causes, patches } = await explained(
      ...['--stack-events', STACK, '--template', TEMPLATE, '--log', log, ...ACCOUNT],
    )
    expect(causes.map(({ kind, answer }) => [kind, answer]).toSorted()).toEqual([
      ['role-action', 'patch'],
      ['role-not-assumable', 'patch'],
    ])
    expect(patches.map(({ target }) => target.name).toSorted()).toEqual(['orders-stack-exec', 'web-instance'])
  })

  it.each<[string, string, number, string | null]>([
    ['another reason', 'Error: creating S3 Bucket (orders): BucketAlreadyExists', 1, 'BucketAlreadyExists'],
    [
      'another action',
      'User: arn:aws:iam::111122223333:user/ada is not authorized to perform: s3:CreateBucket',
      0,
      null,
    ],
    ['a deploy that succeeded', 'Apply complete! Resources: 3 added, 0 changed, 0 destroyed.', 3, null],
  ])('tells by its exit code %s', async (_, text, code, other) => {
    const result = await run('--log', written('one.log', text), '--json')
    expect(result.code).toBe(code)
    if (code === 3) expect(result.out).toBe('')
    else {
      const { causes, otherReason } = JSON.parse(result.out) as ExplainDeployOutput
      expect(causes.map(({ kind }) => kind)).toEqual(other === null ? ['other-action'] : [])
      if (other !== null) expect(otherReason).toContain(other)
      else expect(otherReason).toBe(null)
    }
  })

  it.each([
    ['a log', 'Error: denied', 'this is not JSON (a log goes to --log'],
    ['events of a stack', readFileSync(STACK, 'utf8'), 'not an EventBridge event (a log goes to --log'],
    ['nothing', ' \n', 'the input is empty'],
  ])('says where %s belongs that is given as an event', async (_, text, words) => {
    const { code, out, err } = await run(written('event', text))
    expect([code, out]).toEqual([2, ''])
    expect(err).toEqual([expect.stringContaining(words)])
  })

  it.each<[string, readonly string[]]>([
    ['no input', []],
    ['a stack without AWS', ['--stack', 'orders']],
    ['events that are none', ['--stack-events', TEMPLATE]],
    ['an event of something else', [join(root, 'events/ecs-register-task-definition.json')]],
  ])('prints one line for %s, and exits 2', async (_, args) => {
    const { code, out, err } = await run(...args)
    expect([code, out]).toEqual([2, ''])
    expect([err].flat().join('\n')).toMatch(/^rolemedic: |give an EVENT/)
  })

  it.each(FAULT_CASES.filter((_, at) => at % 5 === 0))('agrees with the alert: $name', async one => {
    const account = written('account.json', one.account)
    const source = written(one.deploy.kind === 'plan' ? 'plan.json' : 'template.json', one.deploy.text)
    const org = one.org === null ? [] : ['--org', written('org.json', one.org)]
    const { reason } = one
    const id = `arn:aws:cloudformation:${REGION}:111122223333:stack/orders/1`
    const event = (LogicalResourceId: string, at: string, more: object) => ({
      ...{ StackId: id, EventId: at, StackName: 'orders', LogicalResourceId, Timestamp: `2026-11-29T${at}Z` },
      ...more,
    })
    const ofStack = { PhysicalResourceId: id, ResourceType: 'AWS::CloudFormation::Stack' }
    const failed = { ResourceType: reason.resourceType, ResourceStatus: 'CREATE_FAILED', PhysicalResourceId: '' }
    const StackEvents = [
      event('orders', '09:00:02', { ...ofStack, ResourceStatus: 'ROLLBACK_IN_PROGRESS' }),
      event(reason.resource ?? '', '09:00:00', { ...failed, ResourceStatusReason: reason.text }),
      event('orders', '08:59:00', { ...ofStack, ResourceStatus: 'CREATE_IN_PROGRESS' }),
    ]
    const given =
      reason.resource === null
        ? ['--log', written('build.log', reason.text)]
        : ['--stack-events', written('events.json', JSON.stringify({ StackEvents }))]
    const { causes, patches } = await explained(
      ...[...given, '--template', source, '--account', account, ...org, '--region', REGION],
    )
    expect([...new Set(causes.map(({ answer }) => answer))]).toEqual(one.expected === 'silent' ? [] : [one.expected])
    expect(patches.length).toBe(one.expected === 'patch' ? 1 : 0)
  })
})

describe('a permission in the texts of a deploy', () => {
  const [EXEC, OTHER] = ['orders-exec/AWSCloudFormation', 'FinanceAdmin/ana@example.com']
  const denied = (who: string, account = '111122223333') =>
    `User: arn:aws:sts::${account}:assumed-role/${who} is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::files" because no identity-based policy allows the s3:CreateBucket action`
  const id = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1'
  /** `describe-stack-events` with `describe-stacks`, of a stack with a service role. */
  const stack = (ResourceType: string, ResourceStatusReason: string) => {
    const ofStack = { StackId: id, StackName: 'orders', LogicalResourceId: 'orders', PhysicalResourceId: id }
    const failed = { LogicalResourceId: 'Files', PhysicalResourceId: '', ResourceType, ResourceStatusReason }
    const typed = { ...ofStack, ResourceType: 'AWS::CloudFormation::Stack' }
    const StackEvents = [
      { ...typed, EventId: '3', Timestamp: '2026-11-29T09:00:02Z', ResourceStatus: 'ROLLBACK_IN_PROGRESS' },
      { ...ofStack, ...failed, EventId: '2', Timestamp: '2026-11-29T09:00:00Z', ResourceStatus: 'CREATE_FAILED' },
      { ...typed, EventId: '1', Timestamp: '2026-11-29T08:59:00Z', ResourceStatus: 'CREATE_IN_PROGRESS' },
    ]
    const Stacks = [{ RoleARN: 'arn:aws:iam::111122223333:role/deploy/orders-exec' }]
    return ['--stack-events', written('own.json', JSON.stringify({ StackEvents, Stacks }))]
  }
  const job = (log: string) => {
    const event = JSON.parse(readFileSync(join(deploys, 'job-failed.json'), 'utf8')) as { detail: object }
    return [written('job.json', JSON.stringify({ ...event, detail: { ...event.detail, log } }))]
  }

  it.each<[string, () => readonly string[], 'certain' | 'probable' | 'left out']>([
    ['AWS, of anybody in the account', () => stack('AWS::S3::Bucket', denied(OTHER)), 'certain'],
    ['AWS, of another account', () => stack('AWS::S3::Bucket', denied(OTHER, '444455556666')), 'left out'],
    ['a custom resource, of the service role', () => stack('Custom::Files', denied(EXEC)), 'certain'],
    ['a custom resource, of somebody else', () => stack('Custom::Files', denied(OTHER)), 'probable'],
    ['a custom resource, of another account', () => stack('Custom::Files', denied(EXEC, '444455556666')), 'left out'],
    ['a job', () => job(denied(EXEC)), 'probable'],
    ['the log that is given', () => ['--log', written('own.log', denied(OTHER))], 'certain'],
  ])('is as certain as in the alert, and only then has a statement: %s', async (_, given, expected) => {
    const { out, err } = await run(...given(), '--json')
    const { causes } = JSON.parse(out) as ExplainDeployOutput
    expect(causes.map(({ certainty }) => certainty)).toEqual(expected === 'left out' ? [] : [expected])
    expect(out.includes('As a statement')).toBe(expected === 'certain')
    expect(out.includes('Before anything is allowed, find the record of s3:CreateBucket')).toBe(expected === 'probable')
    expect(err.join().includes('not shown: 1 permission not of the account of the deploy')).toBe(
      expected === 'left out',
    )
  })

  describe('that is one of a role', () => {
    const ofRole = JSON.parse(readFileSync(join(root, 'events/cloudformation-create-function.json'), 'utf8')) as {
      readonly errorMessage: string
    }
    const OWN = ofRole.errorMessage
    const SOMEBODY = OWN.replace('orders-stack-exec/AWSCloudFormation', OTHER)
    const stackOf = (type: string, text: string) => {
      const [option = '', file = ''] = stack(type, text)
      const answers = JSON.parse(readFileSync(file, 'utf8')) as object
      const Stacks = [{ RoleARN: 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec' }]
      return [option, written('role.json', JSON.stringify({ ...answers, Stacks }))]
    }
    const trail = (errorMessage: string) => written('trail.json', JSON.stringify({ ...ofRole, errorMessage }))

    it.each<[string, () => readonly string[], 'certain' | 'probable']>([
      ['AWS', () => stackOf('AWS::Lambda::Function', SOMEBODY), 'certain'],
      ['a custom resource, of the service role', () => stackOf('Custom::Files', OWN), 'certain'],
      ['a custom resource, of somebody else', () => stackOf('Custom::Files', SOMEBODY), 'probable'],
      ['a job', () => job(OWN), 'probable'],
      ['the log that is given', () => ['--log', written('own.log', SOMEBODY)], 'certain'],
      ['a record, too', () => [...job(OWN), '--trail', trail(OWN)], 'certain'],
      [
        'a record of another role',
        () => [...job(OWN), '--trail', trail(OWN.replace('orders-worker', 'x'))],
        'probable',
      ],
    ])('is as certain as in the alert, and only then has a patch: by %s', async (_, given, expected) => {
      const { causes, patches } = await explained(...given(), ...ACCOUNT)
      expect(causes.map(({ kind, certainty }) => [kind, certainty])).toEqual([['role-action', expected]])
      const asks = causes[0]?.next.some(step => step.do.startsWith('Before anything is allowed, find the record of'))
      expect(asks).toBe(expected === 'probable')
      if (expected === 'probable') expect(patches).toEqual([])
    })

    it('has a patch where its own words name it', async () => {
      const { patches } = await explained(...stackOf('AWS::Lambda::Function', OWN), ...ACCOUNT)
      expect(patches).toHaveLength(1)
    })

    it('is silenced by a certain cause of another kind, and silences a probable one', async () => {
      const of = async (...given: readonly string[]) =>
        (await explained(...given)).causes.map(({ action, certainty }) => [action, certainty])
      const bucket = written('bucket.log', denied(EXEC))
      expect(await of(...stackOf('Custom::Files', SOMEBODY), '--log', bucket)).toEqual([['s3:CreateBucket', 'certain']])
      const role = written('role.log', OWN)
      expect(await of(...stack('Custom::Files', denied(OTHER)), '--log', role)).toEqual([['iam:PassRole', 'certain']])
    })
  })
})

describe('what else reads the words of a service', () => {
  const LOG = written(
    'step.log',
    '│ Error: creating Lambda Function (worker): operation error Lambda: CreateFunction, https response error StatusCode: 400, RequestID: 1, InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.\n│\n│   with aws_lambda_function.worker,\n',
  )
  const after = { role: 'arn:aws:iam::111122223333:role/app/web-instance' }
  const change = { actions: ['create'], before: null, after, after_unknown: {} }
  const PLAN = written(
    'worker-plan.json',
    JSON.stringify({
      ...{ format_version: '1.2', terraform_version: '1.9.0', configuration: { root_module: {} } },
      resource_changes: [
        {
          ...{ address: 'aws_lambda_function.worker', mode: 'managed', type: 'aws_lambda_function', name: 'worker' },
          change,
        },
      ],
    }),
  )
  const ci = async (...args: readonly string[]) => {
    const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
    await dispatch(['ci', '--log', LOG, ...ACCOUNT, ...args], io)
    return io.captured.out
  }

  it('in a CI job is judged by the plan, and patched by no text alone', async () => {
    const alone = await ci()
    expect(alone).toContain('Roles that services could not use: 1')
    expect(alone).toContain('not known')
    expect(alone).not.toContain('"Effect"')
    const deployer = 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy'
    expect(await ci('--preflight', PLAN, '--as', deployer)).toContain(
      '**`lambda.amazonaws.com` cannot assume web-instance** (`aws_lambda_function.worker, line 1`): a patch lifts it.',
    )
  })

  it('is preceded by patch-code, which lets the service in where the code makes the role', async () => {
    const document = (service: string) => `
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: ${service} }
            Action: sts:AssumeRole`
    const template = (first: string, second: string) => `Resources:
  Named:
    Type: AWS::IAM::Role
    Properties:
      RoleName: named-worker${document(first)}
  Unnamed:
    Type: AWS::IAM::Role
    Properties:${document(second)}
  Worker:
    Type: AWS::Lambda::Function
    Properties: { Role: !GetAtt Named.Arn }
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties: { RoleArn: !GetAtt Unnamed.Arn }
`
    const checkout = mkdtempSync(join(folder, 'code-'))
    const file = join(checkout, 'template.yaml')
    const patch = async (text: string) => {
      writeFileSync(file, text)
      const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
      const as = ['--as', 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy', '--region', 'eu-west-1']
      const code = await dispatch(['patch-code', checkout, '--preflight', file, ...as, ...ACCOUNT], io)
      const added = io.captured.out.split('\n').filter(line => /^\+.*amazonaws/.test(line))
      return [code, added.map(line => line.replace(/^\+\s*/, ''))]
    }
    expect(await patch(template('ec2.amazonaws.com', 'ec2.amazonaws.com'))).toEqual([
      0,
      ['Service: lambda.amazonaws.com', 'Service: pipes.amazonaws.com'],
    ])
    expect(await patch(template('lambda.amazonaws.com', 'pipes.amazonaws.com'))).toEqual([3, []])
  })
})
