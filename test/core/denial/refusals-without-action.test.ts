import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../cli/use-cases/match/event-ruler.ts'
import { ACTIONS, type DeniedAction } from '../../../core/actions/actions.ts'
import { eventBridgeEvent } from '../../../core/denial/cloudtrail/cloudtrail-record.ts'
import { EVENT_PATTERNS } from '../../../core/denial/cloudtrail/event-patterns.ts'
import { parseMessage, parseRecord } from '../../../core/denial/parse-denial.ts'

const record = (
  eventSource: string,
  eventName: string,
  errorMessage: string | undefined,
  errorCode = 'AccessDenied',
) => ({
  eventID: 'b7c8d9e0-1111-4222-8333-444455556666',
  eventTime: '2026-11-24T02:47:31Z',
  eventSource,
  eventName,
  awsRegion: 'eu-west-1',
  errorCode,
  ...(errorMessage === undefined ? {} : { errorMessage }),
  requestParameters: null,
  recipientAccountId: '111122223333',
  userIdentity: {
    type: 'IAMUser',
    arn: 'arn:aws:iam::111122223333:user/ci',
    accountId: '111122223333',
    userName: 'ci',
  },
})

const rulesFor = (value: ReturnType<typeof record>): readonly string[] =>
  Object.entries(EVENT_PATTERNS)
    .filter(([, pattern]) => matchesPattern(pattern, eventBridgeEvent(value)))
    .map(([name]) => name)

/** The operation of an action. Actions without one are denied as part of another call, whose name does not prove them. */
const OPERATIONS: { readonly [name in DeniedAction]: readonly [eventSource: string, eventName: string] | null } = {
  'iam:PassRole': null,
  'iam:CreateServiceLinkedRole': ['iam.amazonaws.com', 'CreateServiceLinkedRole'],
  'sts:AssumeRole': ['sts.amazonaws.com', 'AssumeRole'],
  'sts:AssumeRoleWithSAML': ['sts.amazonaws.com', 'AssumeRoleWithSAML'],
  'sts:AssumeRoleWithWebIdentity': ['sts.amazonaws.com', 'AssumeRoleWithWebIdentity'],
  'sts:AssumeRoot': ['sts.amazonaws.com', 'AssumeRoot'],
  'sts:TagSession': null,
  'sts:SetSourceIdentity': null,
  'sts:SetContext': null,
}
const NAMING_NOTHING = ['Access denied', 'Access Denied.', 'An unknown error occurred', '', undefined]

describe('a record whose message names no action', () => {
  it('is asked about for every action', () => {
    expect(Object.keys(OPERATIONS).toSorted()).toEqual(ACTIONS.map(({ name }) => name).toSorted())
  })

  const named = Object.entries(OPERATIONS).flatMap(([action, call]) =>
    call === null ? [] : NAMING_NOTHING.map(message => ({ action, call, message })),
  )

  it.each(named)(
    'is the denial of $action by its operation, with the message "$message"',
    ({ action, call, message }) => {
      for (const code of ['AccessDenied', 'AccessDeniedException']) {
        const denied = record(...call, message, code)
        expect(parseRecord(denied)).toMatchObject({
          kind: 'denial',
          denial: { action, resource: null, reason: 'none-given', principal: { name: 'ci' }, passes: [] },
        })
        expect(rulesFor(denied)).toEqual(['assume-role'])
      }
    },
  )

  it('has the role of the parameters where CloudTrail recorded them', () => {
    const roleArn = 'arn:aws:iam::111122223333:role/app/orders'
    const denied = { ...record('sts.amazonaws.com', 'AssumeRole', 'Access denied'), requestParameters: { roleArn } }
    expect(parseRecord(denied)).toMatchObject({ kind: 'denial', denial: { resource: roleArn } })
  })

  it.each([
    ['sts.amazonaws.com', 'GetCallerIdentity', 'Access denied'],
    ['iam.amazonaws.com', 'AssumeRole', 'Access denied'],
    ['s3.amazonaws.com', 'GetObject', 'Access Denied'],
    ['signin.amazonaws.com', 'AssumeRole', 'An unknown error occurred'],
  ])('is not ours from %s %s', (eventSource, eventName, message) => {
    expect(parseRecord(record(eventSource, eventName, message))).toMatchObject({ kind: 'not-ours' })
  })

  it('is not ours if it names another action', () => {
    const message = 'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:Action on resource: *'
    expect(parseRecord(record('iam.amazonaws.com', 'CreateServiceLinkedRole', message))).toEqual({
      kind: 'not-ours',
      why: 'iam:Action was denied, which is no role being passed or assumed',
    })
  })

  it('is no denial by a policy if the MFA code was wrong, and is never dropped in silence', () => {
    const message = 'MultiFactorAuthentication failed with invalid MFA one time pass code. '
    expect(parseRecord(record('sts.amazonaws.com', 'AssumeRole', message))).toEqual({
      kind: 'not-ours',
      unclear: true,
      why: expect.stringMatching(/^AssumeRole: AWS did not accept the MFA code.*use a new code/),
    })
  })

  it.each([
    ['You are not authorized to perform this operation.', /copy the whole error/],
    [
      'You are not authorized to perform this operation. Encoded authorization failure message: Ab1-_x...',
      /is cut off/,
    ],
    [
      `You are not authorized to perform this operation. Encoded authorization failure message: ${'A'.repeat(1_000)}`,
      /cut/,
    ],
    ['You are not authorized to use launch template: lt-0abc', /iam:PassRole.*--dry-run/],
  ])('hides the action of a call that passes roles: %s', (message, advice) => {
    const refused = record('ec2.amazonaws.com', 'RunInstances', message, 'Client.UnauthorizedOperation')
    expect(parseRecord(refused)).toEqual({ kind: 'not-ours', unclear: true, why: expect.stringMatching(advice) })
  })
})

/** Wordings, each with its diagnosis. The forms are those of the AWS CLI and of the SDK for Go. */
const DIAGNOSED: readonly (readonly [text: string, action: DeniedAction])[] = [
  ['An error occurred (AccessDenied) when calling the AssumeRole operation: Access denied', 'sts:AssumeRole'],
  [
    'An error occurred (AccessDenied) when calling the AssumeRole operation: An unknown error occurred',
    'sts:AssumeRole',
  ],
  [
    'operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, RequestID: 0c0c1d2e-3f4a-4b5c-8d6e-7f8091a2b3c4, api error AccessDenied: An unknown error occurred',
    'sts:AssumeRoleWithWebIdentity',
  ],
  [
    'An error occurred (AccessDenied) when calling the CreateServiceLinkedRole operation: Access denied',
    'iam:CreateServiceLinkedRole',
  ],
  [
    'operation error IAM: CreateServiceLinkedRole, https response error StatusCode: 403, RequestID: 0c0c1d2e-3f4a-4b5c-8d6e-7f8091a2b3c4, api error AccessDenied: Access denied',
    'iam:CreateServiceLinkedRole',
  ],
]

/** Wordings, each with the words that describe what was seen and what to do. */
const UNCLEAR: readonly (readonly [text: string, seen: RegExp, todo: RegExp])[] = [
  ...[
    'You are not authorized to perform this operation.',
    'Error: creating EC2 Instance: operation error EC2: RunInstances, https response error StatusCode: 403, api error UnauthorizedOperation: You are not authorized to perform this operation.',
  ].map(text => [text, /only in its encoded message, and this text has none/, /lookup-events/] as const),
  ...[
    'You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6X...',
    'You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6X…',
    'You are not authorized to perform this operation. Encoded authorization failure message:',
    'Encoded authorization failure message: 4GIOHlTk…',
  ].map(text => [text, /encoded message is cut off/, /copy the whole error/] as const),
  [
    'You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6X',
    /only in the encoded message/,
    /decode-authorization-message/,
  ],
  ['You are not authorized to use launch template: eks-42', /hides which permission/, /--dry-run/],
  ...[
    'An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.',
    'AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    'AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
  ].map(text => [text, /did not accept the MFA code/, /use a new code/] as const),
  ...[
    'Failed to create the service-linked role for OpenSearch: insufficient privileges',
    'AccessDenied: you cannot create a Service Linked Role here',
    'Error: service linked role AWSServiceRoleForAmazonMQ could not be created',
  ].map(text => [text, /service-linked role was refused/, /create-service-linked-role --aws-service-name/] as const),
  ...[
    // https://github.com/aws-samples/aws-media-services-simple-live-workflow/issues/19
    '**Error\nUnprocessableEntityException\nPlease check your IAM User permissions the following permissions are needed for this call\n"medialive:CreateChannel","iam:PassRole"**',
  ].map(text => [text, /lists what the call needs/, /lookup-events/] as const),
  ...[
    'because no identity-based policy allows the iam:PassRole action(Service:Lambda, status code:403)',
    'Access denied for sts:AssumeRole',
    'AssumeRoleWithWebIdentity: 403 Forbidden',
    'Your AWS identity lacks iam:PassRole for the SageMaker role.',
  ].map(text => [text, /names one of our actions beside a refusal/, /copy the whole error/] as const),
  ...[
    'Access Denied',
    'AccessDeniedException: forbidden',
    'An unknown error occurred',
    '"null (Service: Lambda, Status Code: 403, Request ID: A)"',
  ].map(text => [text, /something was denied/, /lookup-events/] as const),
]

describe('a text with a refusal that does not say what was denied', () => {
  it.each(DIAGNOSED)('is diagnosed where the call names the action: %s', (text, action) => {
    expect(parseMessage(text)).toMatchObject({ kind: 'denial', denial: { action, resource: null } })
  })

  it.each(UNCLEAR)('is answered with what was seen and what to do: %s', (text, seen, todo) => {
    const parsed = parseMessage(text)
    expect(parsed).toMatchObject({ kind: 'not-ours', unclear: true })
    if (parsed.kind !== 'not-ours') throw new Error('diagnosed')
    expect(parsed.why).toMatch(seen)
    expect(parsed.why).toMatch(todo)
    expect(parsed.why).not.toMatch(/no denial/)
  })

  it('is none where nothing was refused', () => {
    for (const text of [
      'hello',
      'dial tcp: lookup sts.amazonaws.com: no such host',
      'AssumeRole: connection timed out',
    ])
      expect(parseMessage(text)).toEqual({ kind: 'not-ours', why: 'the text holds no denial' })
  })
})

/** https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html */
describe('an answer of the policy simulator', () => {
  const resource = 'arn:aws:iam::111122223333:role/app'
  const result = (action: string, decision: string) => ({
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision,
    MatchedStatements: [],
    MissingContextValues: [],
  })
  const json = (action: string, decision: string) =>
    JSON.stringify({ EvaluationResults: [result(action, decision)], IsTruncated: false }, null, 4)

  it.each([
    json('iam:PassRole', 'implicitDeny'),
    json('sts:AssumeRole', 'explicitDeny'),
    `EvaluationResults:\n- EvalActionName: iam:PassRole\n  EvalDecision: implicitDeny\n  EvalResourceName: ${resource}\n`,
    `EVALUATIONRESULTS\tiam:PassRole\timplicitDeny\t${resource}\n`,
  ])('is no denial, and says what is: %j', text => {
    expect(parseMessage(text)).toMatchObject({ why: expect.stringContaining('policy simulator'), unclear: true })
  })

  it.each([json('iam:PassRole', 'allowed'), json('s3:GetObject', 'implicitDeny')])('is nothing of ours: %j', text => {
    expect(parseMessage(text)).toEqual({ kind: 'not-ours', why: 'the text holds no denial' })
  })
})
