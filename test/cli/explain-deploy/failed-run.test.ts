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
