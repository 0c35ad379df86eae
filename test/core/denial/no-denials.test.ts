/** Words of refusals that are of other systems, of tests, of pages and of plans. */
import { describe, expect, it } from 'vitest'
import { otherDenialsIn } from '../../../core/denial/index.ts'

const CALLER = 'arn:aws:iam::123456789012:user/test'
const SENTENCE = `User: ${CALLER} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/k because no identity-based policy allows the s3:PutObject action`

describe('a log names no permission of AWS where', () => {
  it.each([
    ['Spring refuses', 'ERROR o.s.web: org.springframework.security.access.AccessDeniedException: Access is denied'],
    [
      'Symfony refuses',
      String.raw`In Listener.php line 87: Symfony\Component\Security\Core\Exception\AccessDeniedException: Access Denied.`,
    ],
    ['a file may not be read', 'Caused by: java.nio.file.AccessDeniedException: /var/lib/app'],
    ['an own class refuses', 'Error: com.acme.billing.AccessDeniedException: You are not the owner'],
    ['another vendor refuses', 'Error: Vercel API responded 403: You are not authorized to perform this operation.'],
    ['nobody is named', 'Error: 403 from api.acme.dev: You are not authorized to perform this operation.'],
    ['a store with the protocol of S3 refuses', 'ERROR: {"code":"AccessDenied","message":"MinIO: Access Denied."}'],
    ['a need is told', 'INFO  The deploy role needs the s3:PutObject permission for uploads'],
    ['a need is told beside a failure', 'INFO The role requires s3:GetObject permission\nError: 3 tests failed'],
    ['a condition key is missing', 'Check: CKV_AWS_379: bucket policy is missing aws:SecureTransport'],
    ['a module is missing', 'error TS2307: tsconfig is missing node:fs'],
    ['a policy check misses an action', 'checkov: policy of the bucket is missing s3:GetObject'],
    ['no such action exists', `Error: AccessDenied: you don't have s3:Frobnicate permission (request id: 1)`],
    ['a test expects it', `FAIL test/s3.test.ts\n  expected error "${SENTENCE}" to be thrown`],
    ['a test should have it', `  ✗ should fail with "${SENTENCE}"`],
    ['an assertion has it', `expect(error).toThrow('${SENTENCE}')`],
    ['a page explains it', `# Troubleshooting: if you see "${SENTENCE}" then add it`],
    ['a page has an example', `For example: ${SENTENCE}`],
    ['code has it', `const message = "${SENTENCE}"`],
    ['a comment has it', `  // ${SENTENCE}`],
    ['a comment of a script has it', `# e.g. ${SENTENCE}`],
    ['a command is printed', `+ echo '${SENTENCE}'`],
    ['a plan prints it', `  + description = "${SENTENCE}"`],
    [
      'a plan prints its reason',
      '+ resource "x" { description = "is not authorized to perform: sns:Publish because no identity-based policy allows the sns:Publish action" }',
    ],
  ])('%s', (_, text) => {
    expect(otherDenialsIn(`Deploying...\n${text}\n`)).toEqual([])
  })
})

describe('a log names one where', () => {
  it.each([
    ['AWS says it', `Error: ${SENTENCE}`, 's3:PutObject'],
    ['a message has it', `Resource handler returned message: "${SENTENCE}"`, 's3:PutObject'],
    ['it is JSON', JSON.stringify({ level: 'error', msg: SENTENCE }), 's3:PutObject'],
    [
      'the beginning is cut off',
      'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"',
      's3:PutObject',
    ],
    [
      'a service lacks an action that exists',
      "User doesn't have permission to call ssm:GetParameters",
      'ssm:GetParameters',
    ],
    ['a refused call needs an action', 'AccessDenied: the caller lacks s3:PutObject (request id: 1)', 's3:PutObject'],
    [
      'a class of the SDK refuses',
      'software.amazon.awssdk.services.sqs.model.AccessDeniedException: no (request id: 1)',
      null,
    ],
    [
      'AWS refuses without a name',
      'Error: reading aws_sqs_queue.q: You are not authorized to perform this operation.',
      null,
    ],
  ])('%s', (_, text, action) => {
    expect(otherDenialsIn(`${text}\n`).map(one => one.action)).toEqual([action])
  })
})

describe('a call in the words of a tool', () => {
  it.each([
    ['Error: creating Lambda Function (orders): AccessDeniedException: ', 'lambda CreateFunction'],
    ['Error: Error putting S3 ACL: AccessDenied: Access Denied', 's3 PutBucketAcl'],
    [
      'Error: updating Step Functions State Machine (arn:aws:states:…:x): AccessDeniedException: ',
      'states UpdateStateMachine',
    ],
    ['Error: deleting SNS Topic (arn): AuthorizationError: ', 'sns DeleteTopic'],
    ['Error: reading EC2 VPC (vpc-1) main Route Table: UnauthorizedOperation: ', 'ec2 DescribeRouteTables'],
    ['Error: creating KMS Key: AccessDeniedException: ', 'kms CreateKey'],
    ['Warning: failed to describe Cluster in cluster.kafka.aws.crossplane.io: AccessDeniedException: ', null],
    ['Error: creating Frobnicator (x): AccessDeniedException: ', null],
  ])('%s', (text, call) => {
    const [found] = otherDenialsIn(`${text}\n\tstatus code: 403, request id: 1\n`)
    const { service = null, operation = null } = found?.call ?? {}
    expect(found?.action ?? null).toBe(null)
    expect(operation === null ? null : `${service} ${operation}`).toBe(call)
  })
})
