/** Whether a deploy failed, and in which words: from logs and from the events of stacks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import type { ExplainDeployOutput } from '../../../cli/outputs/explain-deploy.ts'
import { memoryIo } from '../memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'failed-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function explained(option: '--log' | '--stack-events', text: string) {
  const file = join(folder, 'input')
  writeFileSync(file, text)
  const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
  const code = await dispatch(['explain-deploy', option, file, '--json'], io)
  const { out } = io.captured
  const { causes = [], otherReason = null } = out === '' ? {} : (JSON.parse(out) as ExplainDeployOutput)
  return { code, otherReason, causes: causes.map(({ action, during }) => `${action} in the ${during}`) }
}

const DENIED =
  'User: arn:aws:sts::111122223333:assumed-role/deployer/s is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::files" because no identity-based policy allows the s3:CreateBucket action'

const MAY_NOT_PASS =
  'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app because no identity-based policy allows the iam:PassRole action'

const REFUSED =
  'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.'

// https://github.com/aws-actions/configure-aws-credentials/issues/721, https://github.com/aws/aws-cdk/issues/20935
const NO_PROVIDER = 'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com'

describe('a log', () => {
  // https://github.com/aws-samples/aws-security-hub-findings-export/issues/5
  it('with a part of a refusal of a role is not said to have failed for another reason', async () => {
    const file = join(folder, 'part')
    writeFileSync(
      file,
      'because no identity-based policy allows the iam:PassRole action(Service:Lambda, status code:403)',
    )
    const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
    expect(await dispatch(['explain-deploy', '--log', file], io)).toBe(1)
    expect(io.captured.out).toContain('Why is not known. It says only: because no identity-based policy')
  })

  it.each([
    [
      'of a retried denial and a complete apply',
      `Error: ${DENIED}\nretrying...\nApply complete! Resources: 1 added.\n`,
    ],
    [
      'of tests without a failure',
      'Tests: 12 passed, 0 failed\nSuccessfully created/updated stack - orders in eu-west-1\n',
    ],
    ['of tests alone', '12 passed, no errors\nDone.\n'],
    [
      'of outputs with names of failures',
      ' ✅  Orders\n\nOutputs:\nOrders.Topic = arn:aws:sns:eu-west-1:111122223333:error-topic\n',
    ],
    [
      'of a second attempt by SAM',
      'Error: Failed to create/update the stack: orders\nSuccessfully created/updated stack - orders\n',
    ],
    [
      'of a second attempt by CDK under the name of a construct',
      'orders | 1/5 | ROLLBACK_COMPLETE | AWS::CloudFormation::Stack | orders-Queues-1ABC\norders | 2/5 | ROLLBACK_COMPLETE | AWS::CloudFormation::Stack | orders\nretrying...\n ✅  Service/Orders (orders)\n ✅  Files\n',
    ],
    ['of a role that was checked', 'Checked: principal lambda.amazonaws.com is authorized to assume the role orders\n'],
    [
      'of a test about a service that a role does not trust',
      'PASS test/roles.test.ts\n  ✓ warns when a role lacks lambda service principal in trust policy (3 ms)\nTests: 1 passed\n',
    ],
    ['of advice', 'Note: the role that you provide must allow AWS CodeBuild to assume this role.\n'],
    ['of a denial that was retried', `${REFUSED}\nretrying...\nDone.\n`],
    [
      'of a denial before the end of a deployment',
      `${REFUSED}\nretrying...\n2026-11-29T09:00:00Z Deployment finished\n`,
    ],
    ['of no change', 'No changes. Your infrastructure matches the configuration.\n'],
    ['of a caller that tried again', `${NO_PROVIDER}\nretrying...\nDone.\n`],
    [
      'of advice about tokens',
      'It looks like you might be trying to authenticate with OIDC. Did you mean to set the `id-token` permission? If you are not trying to authenticate with OIDC and the action is working successfully, you can ignore this message.\n',
    ],
  ])('%s did not fail', async (_, text) => {
    expect(await explained('--log', text)).toMatchObject({ code: 3 })
  })

  it.each([NO_PROVIDER, 'Need to perform AWS calls for account 111122223333, but no credentials have been configured'])(
    'without a word of failure failed where the caller became no role: %s',
    async words => {
      const { code, otherReason } = await explained('--log', `$ deploy\n${words}\n`)
      expect(code).toBe(1)
      expect(otherReason).toContain(words)
    },
  )

  it('that is no text says nothing about a failure', async () => {
    expect(await explained('--log', 'PK\u0003\u0004\u0000\u0000 orders.log')).toMatchObject({ code: 2, causes: [] })
  })

  // https://github.com/lumigo-io/lumigo-CLI/issues/83
  it('without a word of failure failed where a service says that it may not assume its role', async () => {
    expect(await explained('--log', `$ lumigo-cli measure-lambda-cold-starts\n\n${REFUSED}\n`)).toMatchObject({
      code: 0,
      causes: ['sts:AssumeRole in the operation'],
    })
    expect(await explained('--log', `Done.\n${REFUSED}\nDone waiting for the machine\n`)).toMatchObject({ code: 0 })
    expect(await explained('--log', `${REFUSED}\nretrying...\nApply complete! Resources: 1 added.\n`)).toMatchObject({
      code: 3,
    })
  })

  it.each([
    ['a plan prints it', `  + description = "${MAY_NOT_PASS}"`, 3],
    ['a plan changes it', `  ~ description = "${'x'.repeat(20)}" -> "${MAY_NOT_PASS}"`, 3],
    ['a comment has it', `  // ${MAY_NOT_PASS}`, 3],
    ['a command prints it', `+ echo '${MAY_NOT_PASS}'`, 3],
    ['a test that failed expects it', `FAIL test/pass.test.ts\n  expected error "${MAY_NOT_PASS}" to be thrown`, 1],
    ['a test title has it', `  ✗ should fail with "${MAY_NOT_PASS}"`, 1],
  ])('with the denial of a role is no denial where %s', async (_, text, code) => {
    expect(await explained('--log', `Deploying...\n${text}\n`)).toMatchObject({ code, causes: [] })
    const denied = await explained('--log', `Deploying...\n${text}\nError: ${MAY_NOT_PASS}\n`)
    expect(denied).toMatchObject({ code: 0, causes: ['iam:PassRole in the operation'] })
  })

  it('of a stack that is rolled back after a nested one was complete failed', async () => {
    // https://github.com/aws-amplify/amplify-cli/issues/4503
    const nested = [
      'UPDATE_COMPLETE    ConnectionStack AWS::CloudFormation::Stack Tue Jun 09 2020 12:08:10 GMT-0400 (Eastern Daylight Time)',
      `CREATE_FAILED      CloudWatchEvent AWS::Events::Rule Tue Jun 09 2020 12:08:16 GMT-0400 (Eastern Daylight Time) ${DENIED}`,
    ]
    const rolledBack =
      'UPDATE_ROLLBACK_IN_PROGRESS orders AWS::CloudFormation::Stack Tue Jun 09 2020 12:08:17 GMT-0400 (Eastern Daylight Time)'
    for (const rows of [nested, [...nested, rolledBack], [nested[1], rolledBack, nested[0]]])
      expect(await explained('--log', rows.join('\n'))).toMatchObject({
        code: 0,
        causes: ['s3:CreateBucket in the operation'],
      })
    const done = rolledBack.replace('UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_COMPLETE')
    expect(await explained('--log', [...nested, rolledBack, done].join('\n'))).toMatchObject({ code: 3 })
  })

  it('of SAM names the reason of a row and no follower, whose words its column breaks', async () => {
    // https://github.com/aws-samples/amazon-chime-live-events/issues/7
    const table = [
      'ResourceStatus           ResourceType             LogicalResourceId        ResourceStatusReason   ',
      '-------------------------------------------------------------------------------------------------',
      'CREATE_IN_PROGRESS       AWS::EC2::InternetGate   InternetGateway          -                      ',
      '                         way                                                                      ',
      'CREATE_FAILED            AWS::IAM::Role           EC2Role                  Resource creation      ',
      '                                                                           cancelled              ',
      'CREATE_FAILED            AWS::EC2::VPC            VPC                      The maximum number of  ',
      '                                                                           VPCs has been reached. ',
      'ROLLBACK_IN_PROGRESS     AWS::CloudFormation::S   live-events              The following          ',
      '                         tack                                              resource(s) failed to  ',
      '                                                                           create: [VPC, EC2Role].',
    ].join('\n')
    const { code, otherReason } = await explained('--log', table)
    expect({ code, otherReason: otherReason?.replaceAll(/ +/g, ' ') }).toEqual({
      code: 1,
      otherReason: 'CREATE_FAILED AWS::EC2::VPC VPC The maximum number of VPCs has been reached.',
    })
  })

  it('of the console is read from its end, where the first failure is', async () => {
    // https://github.com/ks888/LambStatus/issues/6
    const rows = [
      '21:49:30 UTC+1100 | ROLLBACK_IN_PROGRESS | AWS::CloudFormation::Stack | orders | The following resource(s) failed to create: [Files, Queue].',
      '21:49:29 UTC+1100 | CREATE_FAILED | AWS::SQS::Queue | Queue | Queue orders already exists',
      '21:49:25 UTC+1100 | CREATE_FAILED | AWS::S3::Bucket | Files | files already exists',
      '21:49:20 UTC+1100 | CREATE_COMPLETE | AWS::CloudFormation::Stack | Network |',
    ]
    for (const log of [rows, rows.toReversed()]) {
      const { code, otherReason } = await explained('--log', log.join('\n'))
      expect({ code, otherReason }).toMatchObject({ code: 1, otherReason: rows[2] })
    }
  })

  it.each([
    'Before you can proceed, you must enable a service-linked role to give Amazon ES permissions to access your VPC.',
  ])('that says "%s" failed without that role', async words => {
    // https://github.com/terraform-aws-modules/terraform-aws-opensearch/issues/27
    expect(await explained('--log', words)).toMatchObject({
      code: 0,
      causes: ['iam:CreateServiceLinkedRole in the operation'],
    })
  })

  it('that only shows the settings of SAM did not fail', async () => {
    const settings = 'Deploying with following values\n\tStack name : orders\n\tDisable rollback : False\n'
    expect(await explained('--log', settings)).toMatchObject({ code: 3 })
  })

  it.each([
    [
      // https://github.com/aws-samples/amazon-transcribe-post-call-analytics/issues/257
      `Embedded stack arn:aws:cloudformation:us-east-1:111122223333:stack/orders-SSM-14XZ/7e0cfda0-07cf was not successfully created: The following resource(s) failed to create: [ModeParameter].`,
      'aws cloudformation describe-stack-events --stack-name arn:aws:cloudformation:us-east-1:111122223333:stack/orders-SSM-14XZ/7e0cfda0-07cf --region us-east-1 > stack-events.json',
    ],
    [
      // https://github.com/aws-samples/amazon-cloudfront-continuous-deployment/issues/3
      'Embedded stack arn:aws:cloudformation:ap-northeast-1:xxxxxxxxxx:stack/orders-xxx/xxx was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [LogsPolicy].',
      'Give the events of the nested stack',
    ],
    [
      // https://github.com/serverless/serverless/issues/2013
      'An error occurred while provisioning your cloudformation:\nThe following resource(s) failed to create: [orders].',
      'aws cloudformation describe-stack-events --stack-name STACK > stack-events.json',
    ],
    [
      // https://github.com/aws-samples/aws-secure-environment-accelerator/issues/621
      '13/101 | 7:33:16 PM | ROLLBACK_COMPLETE | AWS::CloudFormation::Stack | orders-setup\n\n ❌  orders-setup failed: Error: The stack named orders-setup failed creation, it may need to be manually deleted from the AWS console: ROLLBACK_COMPLETE\n    at runMicrotasks (<anonymous>)',
      'aws cloudformation describe-stack-events --stack-name orders-setup > stack-events.json',
    ],
    [
      'Error: Failed to create/update the stack: orders, Waiter StackCreateComplete failed: Waiter encountered a terminal failure state',
      'aws cloudformation describe-stack-events --stack-name orders > stack-events.json',
    ],
    // https://github.com/gruntwork-io/terragrunt/issues/2346
    ['ERRO[0039] 1 error occurred:\n        * exit status 1', 'Give the log of what failed with --log FILE.'],
    [
      // https://github.com/webfactory/create-aws-codedeploy-deployment/issues/1
      '##[error]😱 The deployment d-1ABC seems to have failed.',
      'Give the log of what failed with --log FILE.',
    ],
    // https://github.com/fabfuel/ecs-deploy/issues/65
    ['Deploying new task definition....\n\nDeployment failed', 'Give the log of what failed with --log FILE.'],
  ])('that only names what failed, "%s", is not said to have failed for another reason', async (words, next) => {
    const file = join(folder, 'names-only')
    writeFileSync(file, words)
    const io = memoryIo()
    expect(await dispatch(['explain-deploy', '--log', file], io)).toBe(1)
    expect(io.captured.out).toContain('Why is not known. It says only:')
    expect(io.captured.out).toContain(next)
    expect(io.captured.out).not.toContain('undefined')
  })

  it.each([
    [
      'ValidationError: Account used is not a delegated administrator',
      'ValidationError: Account used is not a delegated',
    ],
    [
      'MalformedPolicyDocumentException: The new key policy will not allow it.',
      'The new key policy will not allow it.',
    ],
    [
      'AWSPutNotification\nCREATE_FAILED\n Received response status [FAILED] from custom resource.',
      'Received response status',
    ],
    [
      'orders-topic already exists in stack arn:aws:cloudformation:eu-west-1:111122223333:stack/old/1',
      'orders-topic already exists',
    ],
    [
      'Fetching secret data from SSM Parameter Store in us-west-2: invalid parameters: /Secret',
      'invalid parameters: /Secret',
    ],
    ['The security token included in the request is invalid.', 'The security token included'],
    [
      'Get "https://registry/": net/http: request canceled while waiting for connection',
      'request canceled while waiting',
    ],
    [
      ' ✅  Network\n ❌  Orders failed: Error [ValidationError]: Stack [Orders] does not exist',
      'Stack [Orders] does not exist',
    ],
    [
      ' ❌  Orders failed: Error [ValidationError]: Stack [Orders] does not exist\n ✅  Network',
      'Stack [Orders] does not exist',
    ],
    [
      'files | 1/5 | CREATE_FAILED | AWS::S3::Bucket | Files (Files123) files already exists\nfiles | 1/5 | ROLLBACK_COMPLETE | AWS::CloudFormation::Stack | files\norders | 3/3 | CREATE_COMPLETE | AWS::CloudFormation::Stack | orders\n ✅  orders',
      'files already exists',
    ],
    [
      '1:00:20 PM | CREATE_FAILED | AWS::SQS::Queue | Queue | Resource creation cancelled\n12:59:50 PM | CREATE_FAILED | AWS::S3::Bucket | Files | first already exists\n9:59:40 AM | CREATE_FAILED | AWS::S3::Bucket | Other | earliest already exists',
      'earliest already exists',
    ],
    ['Apply complete! Resources: 1 added.\nError: creating Queue: LimitExceeded: too many', 'LimitExceeded: too many'],
    [
      'Error: creating VPC: VpcLimitExceeded: first\n\nError: creating EIP: AddressLimitExceeded: second',
      'VpcLimitExceeded: first',
    ],
    [
      'Failed resources:\norders | CREATE_FAILED | AWS::S3::Bucket | Files | files already exists',
      'files already exists',
    ],
    ['<Errors>\n<Message>There is no capacity.</Message>\n</Error>', 'There is no capacity.'],
  ])('that says "%s" failed, in its own words', async (text, words) => {
    const { code, otherReason, causes } = await explained('--log', text)
    expect({ code, causes }).toEqual({ code: 1, causes: [] })
    expect(otherReason).toContain(words)
  })
})

const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/4f2a7c10'
const NESTED = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders-Queues/9b3d'
type Row = readonly [seconds: number, resource: string, status: string, why?: string, stack?: string]
const stackEvents = (rows: readonly Row[]): string =>
  JSON.stringify({
    StackEvents: rows
      .map(([seconds, resource, status, why, stack = STACK]) => ({
        StackId: stack,
        LogicalResourceId: resource,
        PhysicalResourceId:
          resource === 'orders'
            ? STACK
            : resource === 'Queues' || resource === 'orders-Queues'
              ? NESTED
              : `${resource}-1`,
        ResourceType: /^orders$|Queues/.test(resource) ? 'AWS::CloudFormation::Stack' : 'AWS::S3::Bucket',
        Timestamp: new Date(Date.parse('2026-11-24T02:00:00Z') + seconds * 1_000).toISOString(),
        ResourceStatus: status,
        ...(why === undefined ? {} : { ResourceStatusReason: why }),
      }))
      .toReversed(),
  })
const CANCELLED = 'Resource creation cancelled'

describe('the events of a stack', () => {
  it('are the same as a log', async () => {
    const events = stackEvents([
      [0, 'orders', 'UPDATE_IN_PROGRESS'],
      [10, 'Files', 'CREATE_FAILED', 'files already exists'],
      [11, 'Other', 'CREATE_FAILED', 'other is not there'],
      [12, 'orders', 'UPDATE_ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Files, Other].'],
    ])
    expect(await explained('--log', events)).toEqual(await explained('--stack-events', events))
    expect(await explained('--log', events)).toMatchObject({ code: 1, otherReason: 'files already exists' })
    expect(await explained('--log', events.slice(0, -2))).toMatchObject({ code: 1 })
  })

  it.each<[string, readonly Row[]]>([
    [
      'whose resource failed and was done again',
      [
        [0, 'orders', 'UPDATE_IN_PROGRESS'],
        [10, 'Files', 'UPDATE_FAILED', DENIED],
        [15, 'Files', 'UPDATE_COMPLETE'],
        [30, 'orders', 'UPDATE_COMPLETE'],
      ],
    ],
    [
      'that could not clean up',
      [
        [0, 'orders', 'UPDATE_IN_PROGRESS'],
        [20, 'orders', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'],
        [25, 'Old', 'DELETE_FAILED', DENIED],
        [30, 'orders', 'UPDATE_COMPLETE'],
      ],
    ],
  ])('%s did not fail', async (_, rows) => {
    expect(await explained('--stack-events', stackEvents(rows))).toMatchObject({ code: 3 })
  })

  it('name what the rollback was denied beside the reason, and not as it', async () => {
    const rows: readonly Row[] = [
      ...([
        [0, 'orders', 'CREATE_IN_PROGRESS'],
        [10, 'Files', 'CREATE_FAILED', 'files already exists'],
      ] as const),
      ...([
        [11, 'Other', 'CREATE_FAILED', CANCELLED],
        [12, 'orders', 'ROLLBACK_IN_PROGRESS', 'failed'],
      ] as const),
      ...([
        [20, 'Old', 'DELETE_FAILED', DENIED],
        [30, 'orders', 'ROLLBACK_FAILED', 'failed'],
      ] as const),
    ]
    expect(await explained('--stack-events', stackEvents(rows))).toEqual({
      ...{ code: 1, otherReason: 'files already exists', causes: ['s3:CreateBucket in the rollback'] },
    })
  })

  it('take only a cancelled resource for one', async () => {
    const rows: readonly Row[] = [
      ...([
        [0, 'orders', 'CREATE_IN_PROGRESS'],
        [9, 'Other', 'CREATE_FAILED', CANCELLED],
      ] as const),
      ...([
        [10, 'Files', 'CREATE_FAILED', 'The limit of cancelled orders'],
        [12, 'orders', 'ROLLBACK_COMPLETE'],
      ] as const),
    ]
    expect(await explained('--stack-events', stackEvents(rows))).toMatchObject({
      ...{ code: 1, otherReason: 'The limit of cancelled orders' },
    })
  })

  it('are one operation with those of the nested stacks in the same file', async () => {
    const rows: readonly Row[] = [
      ...([
        [-99, 'orders', 'CREATE_IN_PROGRESS'],
        [-90, 'Old', 'CREATE_FAILED', 'of the last operation'],
      ] as const),
      ...([
        [0, 'orders', 'UPDATE_IN_PROGRESS'],
        [1, 'Files', 'CREATE_FAILED', DENIED],
      ] as const),
      ...([[2, 'orders-Queues', 'CREATE_IN_PROGRESS', '', NESTED]] as const),
      ...([[3, 'Queue', 'CREATE_FAILED', 'The queue exists', NESTED]] as const),
      ...([
        [7, 'Queues', 'CREATE_FAILED', 'Embedded stack was not created'],
        [8, 'orders', 'UPDATE_ROLLBACK_COMPLETE'],
      ] as const),
    ]
    expect(await explained('--stack-events', stackEvents(rows))).toMatchObject({
      ...{ code: 0, causes: ['s3:CreateBucket in the operation'] },
    })
  })

  it('have a reason of the stack itself where no resource failed', async () => {
    const why = `Transform AWS::Serverless failed: ${DENIED}`
    const rows: readonly Row[] = [
      ...([
        [0, 'orders', 'CREATE_IN_PROGRESS'],
        [5, 'orders', 'ROLLBACK_IN_PROGRESS', why],
      ] as const),
      ...([[12, 'orders', 'ROLLBACK_COMPLETE']] as const),
    ]
    expect(await explained('--stack-events', stackEvents(rows))).toMatchObject({
      ...{ code: 0, causes: ['s3:CreateBucket in the operation'] },
    })
  })
})

describe('the event of a job', () => {
  it('names nothing of other accounts, suggests no statement, and says that it is the word of the job', async () => {
    const denied = (account: string, action: string) =>
      `User: arn:aws:sts::${account}:assumed-role/deployer/s is not authorized to perform: ${action} on resource: "arn:aws:s3:::files" because no identity-based policy allows the ${action} action`
    const event = {
      ...{
        version: '0',
        id: '3c9e1f64-5b7a-4d20-8f1e-6a0b9c8d7e6f',
        source: 'rolemedic.job',
        'detail-type': 'Job Failed',
      },
      ...{ account: '111122223333', region: 'eu-west-1', time: '2026-11-24T02:47:40Z', resources: [] },
      detail: {
        ...{ schema: 'rolemedic.job/1', status: 'failed', tool: 'terraform', name: 'acme/orders', run: '1' },
        log: `${denied('111122223333', 's3:CreateBucket')}\n\n${denied('999988887777', 's3:DeleteBucket')}`,
      },
    }
    const file = join(folder, 'job.json')
    writeFileSync(file, JSON.stringify(event))
    const io = memoryIo({ nowMs: Date.parse('2026-11-29T09:01:00Z') })
    expect(await dispatch(['explain-deploy', file, '--json'], io)).toBe(0)
    const { causes } = JSON.parse(io.captured.out) as ExplainDeployOutput
    expect(causes.map(({ action }) => action)).toEqual(['s3:CreateBucket'])
    expect(JSON.stringify(causes)).not.toContain('Effect')
    expect(String(io.captured.err)).toContain('The job reported it itself')
  })
})
