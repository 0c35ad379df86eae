import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import {
  operationOf,
  operationUntil,
  stackEventsIn,
  wholeOperation,
} from '../../functions/domain/deploy/tools/stack-operation.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { alertBench, event, type Json, MINUTE, NOW, UNREADABLE } from './alert-fixture.ts'
import { failing, RESOURCE, STACK } from './other-permissions.ts'

describe('a deploy that another permission broke', () => {
  describe('whose stack is read', () => {
    const denied = (action: string, resource: string) =>
      `Resource handler returned message: "User: arn:aws:sts::111122223333:assumed-role/orders-stack-exec/AWSCloudFormation is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action"`
    const [BEGUN, ROLLED_BACK] = ['2026-11-24T02:40:00Z', '2026-11-24T02:45:00Z']
    const id = String((event(STACK)['detail'] as Json)['stack-id'])
    const one = (at: string, status: string, text: string, resource: string | null) => ({
      ...{ StackId: id, Timestamp: at, ResourceStatus: status, ResourceStatusReason: text },
      LogicalResourceId: resource ?? 'orders',
      PhysicalResourceId: resource === null ? id : resource,
      ResourceType: resource === null ? 'AWS::CloudFormation::Stack' : 'AWS::SNS::Topic',
    })
    /** `events`: oldest first. */
    const reading = (...events: readonly ReturnType<typeof one>[]) => {
      const stack: DeployReader['stack'] = async (_, __, untilMs) => {
        const all = stackEventsIn(events.toReversed())
        const whole = wholeOperation(all, untilMs)
        return known(operationOf(id, {}, operationUntil(all, untilMs), [], whole))
      }
      return alertBench({ ...UNREADABLE, stack })
    }
    const begun = one(BEGUN, 'UPDATE_IN_PROGRESS', '', null)
    const rolledBack = one(ROLLED_BACK, 'UPDATE_ROLLBACK_IN_PROGRESS', 'The following resource(s) failed', null)

    it('failed for its first reason, and a denial in the rollback is beside it', async () => {
      const bot = reading(
        begun,
        one('2026-11-24T02:44:00Z', 'CREATE_FAILED', 'orders-files already exists (Service: S3)', 'Files'),
        one('2026-11-24T02:44:01Z', 'CREATE_FAILED', 'Resource creation cancelled', 'Queue'),
        rolledBack,
        one(
          '2026-11-24T02:46:00Z',
          'DELETE_FAILED',
          denied('sns:DeleteTopic', 'arn:aws:sns:eu-west-1:111122223333:t'),
          'Topic',
        ),
      )
      await bot.alert(STACK)
      const lines = bot.alerts()[0]?.split('\n') ?? []
      expect(lines[0]).toBe('🚨 The deploy of stack orders failed.')
      expect(lines[1]).toBe(
        'The last attempt failed for another reason than a permission: orders-files already exists (Service: S3)',
      )
      expect(lines[2]).toMatch(/^During the rollback: orders-stack-exec was denied sns:DeleteTopic on /)
      expect(bot.alerts()[0]).not.toContain('Caused by')
      expect(bot.deployNotices()[0]?.subject).toBe('The deploy of stack orders failed')
    })

    it('was denied a role only in its rollback: that changes no title', async () => {
      const bot = reading(
        begun,
        one('2026-11-24T02:44:00Z', 'CREATE_FAILED', denied('s3:CreateBucket', 'arn:aws:s3:::files'), 'Files'),
        rolledBack,
        one(
          '2026-11-24T02:46:00Z',
          'UPDATE_FAILED',
          denied('iam:PassRole', 'arn:aws:iam::111122223333:role/app/orders-worker'),
          'Topic',
        ),
      )
      await bot.alert(STACK)
      await bot.settle()
      expect(bot.alerts()[0]).toContain('Caused by: orders-stack-exec was denied s3:CreateBucket')
      expect((await bot.proposals()).flatMap(({ deploy }) => deploy ?? [])).toEqual([])
    })

    it('is named by the reason of the stack itself', async () => {
      const macro = denied('lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:macro')
      const bot = reading(begun, one(ROLLED_BACK, 'UPDATE_ROLLBACK_IN_PROGRESS', macro, null))
      await bot.alert(STACK)
      expect(bot.alerts()[0]).toContain('Caused by: orders-stack-exec was denied lambda:InvokeFunction on ')
    })

    it('is only probable by what a macro of the stack answers', async () => {
      const answer = `Transform 111122223333::Tags failed with: ${denied('s3:GetObject', 'arn:aws:s3:::payroll')}`
      const bot = reading(begun, one(ROLLED_BACK, 'UPDATE_ROLLBACK_IN_PROGRESS', answer, null))
      await bot.alert(STACK)
      expect(bot.alerts()[0]).toContain('Probably because: orders-stack-exec was denied s3:GetObject')
    })

    it.each([
      ['that the update tried again', 'UPDATE_FAILED', [one('2026-11-24T02:50:00Z', 'UPDATE_COMPLETE', '', null)]],
      [
        'that the cleanup left',
        'DELETE_FAILED',
        [one('2026-11-24T02:46:00Z', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', '', null)],
      ],
      ['that a cleanup left, as far as its events say', 'DELETE_FAILED', []],
    ])('has no alert by a resource %s', async (_, status, later) => {
      const detail = failing(denied('s3:PutBucketPolicy', 'arn:aws:s3:::files'))['detail'] as Json
      const details = { ...(detail['status-details'] as Json), status }
      const bot = reading(begun, ...later)
      expect(await bot.alert(RESOURCE, { detail: { ...detail, 'status-details': details } })).toMatchObject({
        kind: 'silent',
      })
      await bot.settle()
      expect([bot.alerts(), bot.deployNotices()]).toEqual([[], []])
      const rolled = reading(begun, one('2026-11-24T02:47:00Z', 'UPDATE_ROLLBACK_IN_PROGRESS', '', null))
      await rolled.alert(RESOURCE, { detail: { ...detail, 'status-details': details } })
      expect(rolled.alerts()).toHaveLength(1)
      const deleted = reading(one(BEGUN, 'DELETE_IN_PROGRESS', '', null))
      await deleted.alert(RESOURCE, {
        detail: { ...detail, 'status-details': { ...details, status: 'DELETE_FAILED' } },
      })
      expect(deleted.alerts()[0]).toContain('Caused by: orders-stack-exec was denied s3:PutBucketPolicy')
    })
  })

  describe('and whose text names no permission', () => {
    const EXEC = 'arn:aws:iam::111122223333:role/orders-stack-exec'
    const session = (role: string) => `arn:aws:sts::111122223333:assumed-role/${role}/AWSCloudFormation`
    const record = (operation: string, resource: string, role = 'orders-stack-exec') => ({
      ...{ eventSource: 's3.amazonaws.com', eventName: operation, eventTime: '2026-11-24T02:47:00Z' },
      ...{ errorCode: 'AccessDenied', eventID: `of ${operation} ${resource}`, recipientAccountId: '111122223333' },
      errorMessage: `User: ${session(role)} is not authorized to perform: s3:${operation} on resource: "arn:aws:s3:::${resource}" because no resource-based policy allows the s3:${operation} action`,
      userIdentity: { type: 'AssumedRole', arn: session(role) },
    })
    const bare = (event: ReturnType<typeof record>) => ({ ...event, errorMessage: 'Access Denied' })
    const NAMED =
      'Error: putting S3 Bucket (orders-files) Policy: operation error S3: PutBucketPolicy, https response error StatusCode: 403, RequestID: 2, HostID: 3, api error AccessDenied: Access Denied'
    const OTHER = `Error: User: ${session('orders-stack-exec')} is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:q\n\n\n\n\n`
    const CLI = 'aws s3api put-bucket-policy --bucket orders-files --policy file://p.json\n'
    const UNNAMED = 'An error occurred (AccessDenied) when calling the PutBucketPolicy operation: Access Denied'
    const OWN = record('PutBucketPolicy', 'orders-files')
    const FOUND =
      'orders-stack-exec was denied s3:PutBucketPolicy on arn:aws:s3:::orders-files (no policy of the resource allows it)'

    it.each<[string, string, readonly object[], string]>([
      ['certain by a record of its call, principal and resource', NAMED, [OWN], `Caused by: ${FOUND}`],
      ...[
        '{"Bucket":"orders-files"}',
        '{\\"Bucket\\":\\"orders-files\\"}',
        'Bucket [orders-files]',
        'upload to s3://orders-files/p.json',
        'arn:aws:s3:::orders-files',
      ].map((beside): [string, string, readonly object[], string] => [
        `certain where the text sets off the resource: ${beside}`,
        `${beside}\n${UNNAMED}`,
        [OWN],
        `Caused by: ${FOUND}`,
      ]),
      ...[CLI, 'deploying orders-files now\n', '(orders-files of the team)\n'].map(
        (beside): [string, string, readonly object[], string] => [
          `probable where a bare word beside it can be any: ${beside}`,
          beside + UNNAMED,
          [OWN],
          `Probably because: ${FOUND}`,
        ],
      ),
      [
        'certain by that one of several records',
        NAMED,
        [record('PutBucketPolicy', 'other-bucket'), OWN, record('PutBucketAcl', 'orders-files')],
        `Caused by: ${FOUND}`,
      ],
      ['probable where the text names no resource', UNNAMED, [OWN], `Probably because: ${FOUND}`],
      [
        'certain as the call alone beside another certain one',
        OTHER + UNNAMED,
        [OWN],
        'Caused by: who deploys was denied the call PutBucketPolicy of ',
      ],
      [
        'only the call where the record names no resource',
        NAMED,
        [bare(OWN)],
        'Caused by: who deploys was denied the call PutBucketPolicy of s3',
      ],
      ...['other-bucket', 'orders-files-2', 'my-orders-files', 'orders'].map(
        (bucket): [string, string, readonly object[], string] => [
          `only the call where the record is of the bucket ${bucket}`,
          NAMED,
          [record('PutBucketPolicy', bucket)],
          'Caused by: who deploys was denied the call PutBucketPolicy of s3',
        ],
      ),
      [
        'only the call where the record is of another principal',
        NAMED,
        [record('PutBucketPolicy', 'orders-files', 'payments')],
        'Caused by: who deploys was denied the call PutBucketPolicy of s3',
      ],
      [
        'probable of a service that no record is of',
        'Access Denied (Service: Sqs, Status Code: 403, Request ID: X)',
        [OWN],
        'Probably because: who deploys was denied a call of sqs',
      ],
    ])('is %s', async (_, text, records, cause) => {
      const stack: DeployReader['stack'] = async (_, rootId) =>
        known({ rootId, roleArn: EXEC, startedAtMs: NOW - 5 * MINUTE, reasons: [], roles: [] })
      const bot = alertBench({ ...UNREADABLE, stack })
      bot.recorded.push(...records)
      await bot.alert(RESOURCE, failing(text))
      await bot.settle()
      expect(bot.alerts()[0]).toContain(cause)
      expect(bot.alerts()[0]?.match(/Caused by|Probably because/g)).toHaveLength(text.startsWith(OTHER) ? 2 : 1)
    })
  })
})
