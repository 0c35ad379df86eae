/** Public texts of deploys that failed: which permission each names, and which name none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureInLog } from '../cli/use-cases/explain-deploy/log-failure.ts'
import { denialsInText, isNamed, type OtherDenial, otherDenialsIn } from '../core/denial/index.ts'
import { publishedAction } from '../core/service-actions/index.ts'
import { cpuMs } from './cpu-time.ts'

const text = z.object({ source: z.url(), tool: z.string(), text: z.string() })
const denial = z.strictObject({
  action: z.string().nullable(),
  /** Where AWS names no action: "s3 PutBucketAcl", or the service alone. Null: the text has neither. */
  call: z.string().nullable().optional(),
  principal: z.string().nullable(),
  resource: z.string().nullable(),
  layer: z.string(),
  line: z.number(),
})
const PERMISSIONS = read(
  'permissions.json',
  z.strictObject({
    ...text.shape,
    expected: z.array(denial),
    /** The denied action is ours, and the engine reads it. */
    ours: z.literal(true).optional(),
    /** Why no reader of the text alone could name it. */
    unreadable: z.string().optional(),
    /** Why nothing is named, although the text names it. */
    missed: z.string().optional(),
  }),
)
const OTHERS = read(
  'other-reasons.json',
  z.strictObject({
    ...text.shape,
    reason: z.string(),
    words: z.string(),
    /** Nothing else is quoted. */
    exact: z.literal(true).optional(),
  }),
)

function read<T extends z.ZodType>(name: string, form: T): readonly z.infer<T>[] {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, 'cases/deploy-texts', name), 'utf8'))
  return z.strictObject({ texts: z.array(form) }).parse(file).texts
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

const named = <T extends { readonly source: string; readonly tool: string }>(all: readonly T[]) =>
  all.map((one, index) => [`${index + 1}. ${one.tool}, ${one.source}`, one] as const)

const callName = (call: OtherDenial['call']): string | null =>
  call === null ? null : [call.service ?? '?', ...(call.operation === null ? [] : [call.operation])].join(' ')

const READABLE = PERMISSIONS.filter(one => one.unreadable === undefined)
const UNREADABLE = PERMISSIONS.filter(one => one.unreadable !== undefined)

/** True where an action of ours, another one, or a call with its service is named. */
const isNamedIn = (text: string): boolean =>
  denialsInText(text).found.some(({ kind }) => kind === 'denial') ||
  otherDenialsIn(text).some(({ action, call }) => action !== null || (call?.service != null && call.operation !== null))
const NAMED = READABLE.filter(one => isNamedIn(one.text))

const ACTIONS = /\b[a-z0-9-]{2,40}:[A-Z][A-Za-z]{2,80}\b/g

describe('a text of a failed deploy that names a permission', () => {
  it.each(named(PERMISSIONS.filter(one => one.missed === undefined && one.ours === undefined)))('%s', (_, one) => {
    const found = otherDenialsIn(one.text)
    expect(
      found.map(({ action, call, principal, resource, layer, line }) => ({
        ...{ action, principal, resource, layer, line },
        ...(action === null ? { call: callName(call) } : {}),
      })),
    ).toEqual(one.expected)
  })

  it.each(named(PERMISSIONS.filter(one => one.ours)))(
    'is read by the engine where the action is ours: %s',
    (_, one) => {
      expect(otherDenialsIn(one.text)).toEqual([])
      expect(denialsInText(one.text).found.some(({ kind }) => kind === 'denial')).toBe(true)
    },
  )

  it('is named in 95 % where the text names it at all', () => {
    expect(READABLE.length).toBeGreaterThanOrEqual(150)
    const share = (100 * NAMED.length) / READABLE.length
    console.info(`${NAMED.length} of ${READABLE.length} texts are named: ${share.toFixed(1)} %`)
    expect(share).toBeGreaterThanOrEqual(95)
    expect(READABLE.filter(one => !NAMED.includes(one)).map(one => one.missed)).not.toContain(undefined)
  })

  it.each(named(UNREADABLE))('is counted apart where it names no action: %s', (_, one) => {
    const words = [...one.text.matchAll(ACTIONS)].map(([word]) => word)
    expect(words.filter(word => publishedAction(word) !== null)).toEqual([])
    expect(isNamedIn(one.text)).toBe(false)
  })
})

describe('a text of a deploy that failed for another reason', () => {
  it.each(named(OTHERS))('%s', (_, one) => {
    expect(otherDenialsIn(one.text)).toEqual([])
  })

  it.each(named(OTHERS))('is quoted: %s', (_, one) => {
    const failure = failureInLog(one.text)
    assert(failure.kind === 'failed')
    const quoted = inOneLine(failure.words ?? '')
    if (one.exact) expect(quoted).toBe(inOneLine(one.words))
    else expect(quoted).toContain(inOneLine(one.words))
  })

  it.each(named(PERMISSIONS))('is not called a success: %s', (_, one) => {
    expect(failureInLog(one.text).kind).toBe('failed')
  })

  it('is read in linear time, however long its column is', () => {
    const startMs = cpuMs()
    const row = 'CREATE_FAILED    AWS::Lambda::Function    Orders    Resource handler\n'
    failureInLog(`${row}${`${' '.repeat(60)}${'of the reason '.repeat(14)}\n`.repeat(10_000)}`)
    expect(cpuMs() - startMs).toBeLessThan(2_000)
  })

  it('is one of many', () => {
    expect(OTHERS.length).toBeGreaterThanOrEqual(70)
  })
})

describe('docs/failed-deploys.md', () => {
  it('counts these texts', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/failed-deploys.md'), 'utf8')
    expect(page).toContain(
      `${PERMISSIONS.length} public texts of failed deploys and ${OTHERS.length} that failed for another reason are in \`test/cases/deploy-texts\`, each with its address. Of the first, ${UNREADABLE.length} name nothing that a reader of the text alone could name ("Access Denied", or the service), each with its reason; of the other ${READABLE.length}, ${NAMED.length} are named with an action or a call.`,
    )
  })
})

describe('reading other denials', () => {
  it('takes a denial that is printed again for one', () => {
    const [one] = PERMISSIONS.filter(
      ({ expected }) => expected[0]?.action === 's3:CreateBucket' && expected.length === 1,
    )
    assert(one !== undefined)
    expect(otherDenialsIn(`${one.text}\n\n${one.text}`)).toHaveLength(1)
  })

  it('names an action of EC2 beside another error that has an encoded message', () => {
    const refused = (operation: string) =>
      `An error occurred (UnauthorizedOperation) when calling the ${operation} operation: You are not authorized to perform this operation.`
    const log = `${refused('DescribeInstances')}\n${refused('RunInstances')} Encoded authorization failure message: ${'Zx9-'.repeat(60)}`
    expect(otherDenialsIn(log).map(({ action, line }) => [action, line])).toEqual([
      ['ec2:DescribeInstances', 1],
      [null, 2],
    ])
  })

  it('takes the layer of the print that has it', () => {
    const denied =
      'Error: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"'
    const whole = `${denied} because no identity-based policy allows the s3:PutObject action`
    for (const log of [`${denied}\n\n${whole}`, `${whole}\n\n${denied}`])
      expect(otherDenialsIn(log).map(({ layer, line }) => [layer, line])).toEqual([['identity', 1]])
  })

  it.each([
    ['AmazonAutoScaling', 'autoscaling'],
    ['AmazonElasticLoadBalancingV2', 'elasticloadbalancing'],
    ['AWSLambda', 'lambda'],
  ])('names the role of CodeDeploy and %s, of which its words say no more', (named, service) => {
    // https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-auto-scaling.html
    const role = 'arn:aws:iam::111122223333:role/codedeploy'
    const words = `The IAM role ${role} does not give you permission to perform operations in the following AWS service: ${named}. Contact your AWS administrator if you need help.`
    expect(otherDenialsIn(words)).toMatchObject([{ action: null, call: { service, operation: null }, principal: role }])
    expect(failureInLog(words).kind).toBe('failed')
  })

  it('lets what names a permission silence what names none', () => {
    const bare = 'Error: AccessDenied: Access Denied\n\tstatus code: 403, request id: X'
    const whole =
      'Error: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"'
    expect(otherDenialsIn(bare).map(isNamed)).toEqual([false])
    expect(otherDenialsIn(`${bare}\n\n\n${whole}`).map(({ action }) => action)).toEqual(['s3:PutObject'])
  })

  it('names a call that was refused beside a denial of a role', () => {
    const refused = 'An error occurred (AccessDeniedException) when calling the CreateEventBus operation: Access Denied'
    const untrusted =
      'An error occurred (AccessDeniedException) when calling the CreateStateMachine operation: Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.'
    for (const log of [`${refused}\n${untrusted}`, `${untrusted}\n${refused}`, `${refused}; ${untrusted}`])
      expect(otherDenialsIn(log).map(({ call }) => call?.operation)).toEqual(['CreateEventBus'])
  })

  it('names no refusal of a role once more, where it goes on in the next line', () => {
    const refused = 'Error assuming role: AccessDenied: Access denied\n\tstatus code: 403, request id: 2b14d0eb'
    expect(otherDenialsIn(refused)).toEqual([])
  })

  it('names each of two calls that were refused one after the other', () => {
    // Terraform, where the state's lock can be neither written nor read.
    const refused = (operation: string) =>
      `operation error DynamoDB: ${operation}, https response error StatusCode: 400, RequestID: A, api error AccessDeniedException: KMS key access denied`
    const lock = `Error: Error acquiring the state lock\n\nError message: ${refused('PutItem')}\nUnable to retrieve item from DynamoDB table "locks": ${refused('GetItem')}`
    expect(otherDenialsIn(lock).map(({ call, line }) => [callName(call), line])).toEqual([
      ['dynamodb PutItem', 3],
      ['dynamodb GetItem', 4],
    ])
  })

  it.each([
    // https://github.com/hashicorp/terraform-provider-aws, aws/resource_aws_s3_bucket.go
    [
      's3 PutBucketPolicy',
      'Error: Error putting S3 policy: AccessDenied: Access Denied\n\tstatus code: 403, request id: A, host id: B',
    ],
    // https://github.com/hashicorp/terraform-provider-aws, aws/resource_aws_api_gateway_rest_api.go
    [
      'apigateway CreateRestApi',
      '* aws_api_gateway_rest_api.orders: Error creating API Gateway: AccessDeniedException: \n\tstatus code: 403, request id: A',
    ],
    // https://github.com/serverless/serverless/commit/11b7a05fd3db362003412484245cc55bfab70181
    [
      's3 GetBucketLocation',
      'Error:\nServerlessError: Could not locate deployment bucket: "orders-deploys". Error: Access Denied',
    ],
    // https://repost.aws/knowledge-center/ecs-unable-to-pull-secrets, as ECS shortens it
    [
      'ecr GetAuthorizationToken',
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::111122223333:assumed-rol...',
    ],
  ])('names %s where only the words of a tool do', (call, words) => {
    expect(otherDenialsIn(words).map(one => callName(one.call))).toEqual([call])
  })

  it.each([
    'Error: Failed to get existing workspaces: containers.Client#ListBlobs: Failure responding to request: StatusCode=403 -- Original Error: autorest/azure: Service returned an error. Status=403 Code="AuthorizationFailure" Message="This request is not authorized to perform this operation."',
    'upload manual/app.zip to bucket orders-assets: googleapi: Error 403: Access denied., forbidden',
  ])('names nothing where the same words are of another cloud: %s', words => {
    expect(otherDenialsIn(words)).toEqual([])
  })

  it('names no call of a key of an API that fails in the words of an API', () => {
    const words =
      '* aws_api_gateway_api_key.orders: Error creating API Gateway: AccessDeniedException: \n\tstatus code: 403, request id: A'
    expect(otherDenialsIn(words).map(isNamed)).toEqual([false])
  })

  it.each([
    [
      'secretsmanager:CreateSecret',
      'AccessDeniedException ... not authorized to perform: secretsmanager:CreateSecret\n... with an explicit deny in a service control policy: .../p-9m8f47yd',
    ],
    [
      'ec2:AllocateAddress',
      'Error: creating EC2 EIP: operation error EC2: AllocateAddress, https response\nerror StatusCode: 403 ... UnauthorizedOperation: You are not authorized to\nperform this operation ... with an explicit deny in a service control policy',
    ],
  ])('names the kind of policy that denies %s where somebody left out what stands before', (action, words) => {
    expect(otherDenialsIn(words)).toMatchObject([{ action, layer: 'scp', isExplicit: true }])
  })

  it.each([
    'Encoded authorization failure: <truncated encrypted message>',
    'Encoded authorization failure message: ...',
    'Encoded Failure: <encoded-message>',
  ])('takes no call for the action beside an encoded message: %s', encoded => {
    const words = `An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. ${encoded}`
    expect(otherDenialsIn(words).map(({ action }) => action)).toEqual([null])
  })

  // https://repost.aws/knowledge-center/ec2-not-auth-launch
  it('takes an encoded message for a sign of AWS', () => {
    const words =
      'Launch Failed - You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcdefghijklmn'
    expect(otherDenialsIn(words)).toHaveLength(1)
  })

  it('reads no expectation of a test', () => {
    expect(otherDenialsIn("expect(error).toContain('not authorized to perform: s3:PutObject')")).toEqual([])
  })
})
