/** A stack read from AWS, over what CloudFormation answers of the sample stacks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { LiveTools } from '../../../cli/live/live-run.ts'
import { explainFailedDeploy } from '../../../cli/use-cases/explain-deploy/explain-deploy.ts'
import { NO_IAM, openReader } from '../../../cli/use-cases/iam-reader.ts'
import { known, unknown } from '../../../core/base/index.ts'
import type { StackOperation } from '../../../functions/domain/deploy/index.ts'
import type { AwsExplanations } from '../../../functions/ports/index.ts'
import { deployFileReader } from '../../../simulator/deploy-event-files.ts'
import { memoryIo } from '../memory-io.ts'

const events = resolve(import.meta.dirname, '../../../events')
const PLACE = { accountId: '111122223333', region: 'eu-west-1' }
const folder = mkdtempSync(join(tmpdir(), 'live-stack-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** `reads`: what CloudFormation says of the stack, where it is none of the samples. */
function explained(
  name: string,
  reads: Partial<LiveTools['reader']> = {},
  decode: AwsExplanations['decode'] | null = null,
) {
  const reader = { ...deployFileReader(join(events, 'deploys'), 0), ...reads }
  const tools: LiveTools = {
    ...{ place: PLACE, reader },
    ask: () => Promise.reject(new Error('not asked')),
    execution: () => Promise.reject(new Error('not asked')),
  }
  const question = {
    ...{ event: null, stackEvents: null, log: null, sources: [], config: null, region: null, atMs: null },
    ...{ parameters: new Map<string, string>(), run: { kind: 'stack', name } as const },
    access: { ...NO_IAM, accounts: [join(events, 'accounts/orders-dev.json')] },
  }
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
  const authorizationDetails = async () => unknown('not asked')
  const open: typeof openReader = async (...asked) => ({
    ...(await openReader(...asked)),
    ...(decode === null ? {} : { explanations: { decode, authorizationDetails } }),
  })
  return explainFailedDeploy(question, io, open, async () => tools)
}

const arnOf = (stack: string) => `arn:aws:cloudformation:eu-west-1:111122223333:stack/${stack}/1`

/** Of nothing that failed. */
const OPERATION: StackOperation = {
  ...{ rootId: arnOf('orders'), roleArn: null, startedAtMs: null, reasons: [], roles: [] },
}
const reading = (operation: Partial<StackOperation>) => ({
  stack: async () => known({ ...OPERATION, ...operation }),
})

describe('--live --stack', () => {
  it('recognizes a role that the rollback deleted', async () => {
    const answer = await explained(arnOf('billing'))
    expect(answer?.run).toMatchObject({ name: 'billing', ...PLACE, status: 'ROLLBACK_COMPLETE' })
    expect(answer?.causes).toMatchObject([
      { cause: 'identity-gap', answer: 'code', certainty: 'certain', during: 'operation' },
    ])
    expect(answer?.causes[0]?.summary).toContain('the rollback of stack billing deleted it at 2026-11-24 02:53:48 UTC')
    expect(answer?.changes).toEqual([])
  })

  it('grants a deleted role of a fixed name by the template that it reads', async () => {
    const answer = await explained(arnOf('reports'))
    expect(answer?.causes).toMatchObject([{ cause: 'identity-gap', answer: 'patch' }])
    expect(JSON.stringify(answer?.changes)).toContain('arn:aws:iam::111122223333:role/app/reports-worker')
  })

  const deniedText = (action: string) =>
    `User: arn:aws:sts::111122223333:assumed-role/deployer/s is not authorized to perform: ${action} on resource: arn:aws:s3:::files because no identity-based policy allows the ${action} action`
  const failure = (action: string, seconds: number) => ({
    ...{ text: deniedText(action), resource: 'Files', resourceType: 'AWS::S3::Bucket', atMs: seconds * 1_000 },
  })

  it('tells what a rollback or a deletion was denied from what broke the deploy', async () => {
    const rolledBack = await explained(
      arnOf('orders'),
      reading({
        status: 'ROLLBACK_FAILED',
        reasons: [failure('s3:CreateBucket', 10), failure('s3:DeleteBucket', 30)],
        course: { kind: 'rolled-back', sinceMs: 20_000 },
      }),
    )
    expect(rolledBack?.causes.map(({ action, during }) => [action, during])).toEqual([
      ['s3:CreateBucket', 'operation'],
      ['s3:DeleteBucket', 'rollback'],
    ])
    const deleted = await explained(
      arnOf('orders'),
      reading({ status: 'DELETE_FAILED', reasons: [failure('s3:DeleteBucket', 10)], course: { kind: 'deleting' } }),
    )
    expect(deleted?.causes.map(({ action, during }) => [action, during])).toEqual([['s3:DeleteBucket', 'delete']])
  })

  it('names what an encoded message has, with your credentials', async () => {
    const message = 'bXDzNlS4mAwQ'.repeat(20)
    const text = `You are not authorized to perform this operation. Encoded authorization failure message: ${message} (Service: AmazonEC2; Status Code: 403; Error Code: UnauthorizedOperation; Request ID: 1)`
    const role = 'arn:aws:iam::111122223333:role/deployer'
    const principal = 'arn:aws:sts::111122223333:assumed-role/deployer/AWSCloudFormation'
    const failed = { text, resource: 'Network', resourceType: 'AWS::EC2::VPC', atMs: 10_000 }
    const asked: string[] = []
    const decode = async (accountId: string) => {
      asked.push(accountId)
      return known({
        ...({
          source: 'decoded-message',
          allowed: false,
          explicitDeny: true,
          matchedStatements: [],
          context: {},
        } as const),
        ...{ policies: [], action: 'ec2:CreateVpc', resource: null, principal },
      })
    }
    const answer = await explained(arnOf('orders'), reading({ roleArn: role, reasons: [failed] }), decode)
    expect(asked).toEqual(['111122223333'])
    expect(answer?.causes).toMatchObject([
      { action: 'ec2:CreateVpc', principal, certainty: 'certain', answer: 'owner', kind: 'other-action' },
    ])
    expect(answer?.changes).toEqual([])
  })

  it('did not fail where it succeeded or goes on, and did where it is rolled back without a reason', async () => {
    expect(await explained(arnOf('orders'), reading({ course: { kind: 'succeeded' } }))).toBe(null)
    expect(await explained(arnOf('orders'), reading({ status: 'UPDATE_IN_PROGRESS' }))).toBe(null)
    const cancelled = reading({
      status: 'UPDATE_ROLLBACK_COMPLETE',
      course: { kind: 'rolled-back', sinceMs: 20_000 },
    })
    expect(await explained(arnOf('orders'), cancelled)).toMatchObject({
      causes: [],
      otherReason: 'UPDATE_ROLLBACK_COMPLETE',
      hints: [{ meaning: 'The input says that it failed, and not why.' }],
    })
  })

  it('is an error of one line where the stack cannot be read', async () => {
    const stack = deployFileReader(folder, 0).stack
    await expect(explained(arnOf('gone'), { stack })).rejects.toThrow(/^stack arn:aws:cloudformation:[^\n]*gone/)
  })
})
