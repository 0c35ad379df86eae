/** The errors that are compared: each that a service's model describes, and by hand those that no model describes. */
import type { Service } from './entry.ts'
import type { Refusal } from './sample.ts'

const REASON = 'User: ann is not authorized to perform: sts:TagSession'

const clients: { readonly [service in Service]: () => Promise<object> } = {
  'client-accessanalyzer': () => import('@aws-sdk/client-accessanalyzer'),
  'client-cloudformation': () => import('@aws-sdk/client-cloudformation'),
  'client-cloudwatch-logs': () => import('@aws-sdk/client-cloudwatch-logs'),
  'client-codepipeline': () => import('@aws-sdk/client-codepipeline'),
  'client-dynamodb': () => import('@aws-sdk/client-dynamodb'),
  'client-iam': () => import('@aws-sdk/client-iam'),
  'client-organizations': () => import('@aws-sdk/client-organizations'),
  'client-s3': () => import('@aws-sdk/client-s3'),
  'client-secrets-manager': () => import('@aws-sdk/client-secrets-manager'),
  'client-sns': () => import('@aws-sdk/client-sns'),
  'client-sqs': () => import('@aws-sdk/client-sqs'),
  'client-sso-admin': () => import('@aws-sdk/client-sso-admin'),
  'client-sts': () => import('@aws-sdk/client-sts'),
}

/** Which adapters an error of a service reaches. Whoever reads or writes an account assumes a role first. */
const IAM = ['read', 'read by the writer', 'write']
const DEPLOY = ['read of a deploy']
export const REACHED: { readonly [service in Service]: readonly string[] } = {
  'client-accessanalyzer': [],
  'client-cloudformation': DEPLOY,
  'client-cloudwatch-logs': DEPLOY,
  'client-codepipeline': DEPLOY,
  'client-dynamodb': ['conditional write'],
  'client-iam': IAM,
  'client-organizations': ['organization', 'guardrails'],
  'client-s3': ['audit record'],
  'client-secrets-manager': ['secret'],
  'client-sns': [],
  'client-sqs': [],
  'client-sso-admin': ['read by the writer', 'write of a permission set'],
  'client-sts': [...IAM, ...DEPLOY, 'decoding', 'write of a permission set'],
}

type Traits = {
  readonly error?: 'client' | 'server'
  readonly httpError?: number
  readonly awsQueryError?: readonly [code: string, status: number]
}

/** A client exports its model's errors as lists: a kind, a namespace, a name, traits. */
async function modelled(service: Service): Promise<readonly Refusal[]> {
  return Object.values(await clients[service]()).flatMap((shape): readonly Refusal[] => {
    if (!Array.isArray(shape) || shape[0] !== -3 || !/^com\.amazonaws/.test(shape[1])) return []
    const name: string = shape[2]
    const { error, httpError, awsQueryError }: Traits = Object(shape[3])
    const status = httpError ?? awsQueryError?.[1] ?? (error === 'server' ? 500 : 400)
    // SQS names its errors anew in JSON, and gives the names from its days of XML in a header.
    const header = awsQueryError === undefined ? {} : { 'x-amzn-query-error': `${awsQueryError[0]};Sender` }
    const isQueue = service === 'client-sqs'
    const code = isQueue ? name : (awsQueryError?.[0] ?? name)
    const refusal = { code, status, message: REASON, headers: isQueue ? header : {} }
    return [refusal, { ...refusal, messageMember: 'Message' }]
  })
}

export const MODELLED = Object.fromEntries(
  (Object.keys(clients) as Service[]).map(service => [service, () => modelled(service)]),
) as { readonly [service in Service]: () => Promise<readonly Refusal[]> }

export type Expected = Refusal & {
  readonly call: string
  readonly retried?: 'THROTTLING' | 'TRANSIENT' | 'SERVER_ERROR' | 'CLIENT_ERROR'
  /** What some adapters make of it. */
  readonly means?: { readonly [adapter: string]: unknown }
}

const denied = 'User: arn:aws:sts::111122223333:assumed-role/bot/run is not authorized to perform: iam:GetRole'
const none = 'the role cannot be found'

export const UNMODELLED: readonly Expected[] = [
  {
    call: 'client-iam/GetRole',
    code: 'NoSuchEntity',
    status: 404,
    message: none,
    retried: 'CLIENT_ERROR',
    means: { read: '{"kind":"absent"}', 'read by the writer': '{"kind":"absent"}' },
  },
  {
    call: 'client-iam/GetRole',
    code: 'AccessDenied',
    status: 403,
    message: denied,
    means: { read: JSON.stringify({ kind: 'unreadable', why: `iam:GetRole was refused: ${denied}` }) },
  },
  { call: 'client-iam/PutRolePolicy', code: 'AccessDenied', status: 403, message: denied, retried: 'CLIENT_ERROR' },
  { call: 'client-iam/PutRolePolicy', code: 'Throttling', status: 400, message: 'slower', retried: 'THROTTLING' },
  { call: 'client-iam/PutRolePolicy', code: 'RequestLimitExceeded', status: 503, message: 'x', retried: 'THROTTLING' },
  { call: 'client-iam/PutRolePolicy', code: 'ServiceUnavailable', status: 503, message: 'x', retried: 'TRANSIENT' },
  { call: 'client-iam/PutRolePolicy', code: 'InternalFailure', status: 500, message: 'x', retried: 'TRANSIENT' },
  { call: 'client-iam/PutRolePolicy', code: 'ValidationError', status: 400, message: 'x', retried: 'CLIENT_ERROR' },
  { call: 'client-iam/PutRolePolicy', code: 'ExpiredToken', status: 403, message: 'x' },
  { call: 'client-iam/PutRolePolicy', code: 'InvalidClientTokenId', status: 403, message: 'x' },
  { call: 'client-iam/PutRolePolicy', code: 'RequestTimeTooSkewed', status: 403, message: 'x' },
  { call: 'client-cloudformation/DescribeStacks', code: 'ValidationError', status: 400, message: 'no such stack' },
  { call: 'client-cloudformation/DescribeStacks', code: 'AccessDenied', status: 403, message: denied },
  {
    call: 'client-cloudformation/DescribeStacks',
    code: 'Throttling',
    status: 400,
    message: 'x',
    retried: 'THROTTLING',
  },
  { call: 'client-codepipeline/GetPipeline', code: 'AccessDeniedException', status: 400, message: denied },
  { call: 'client-codepipeline/GetPipeline', code: 'ThrottlingException', status: 400, message: 'x' },
  { call: 'client-cloudwatch-logs/GetLogEvents', code: 'AccessDeniedException', status: 400, message: denied },
  { call: 'client-cloudwatch-logs/GetLogEvents', code: 'ThrottlingException', status: 400, message: 'x' },
  {
    call: 'client-organizations/DescribeAccount',
    code: 'AWSOrganizationsNotInUseException',
    status: 400,
    message: 'x',
    means: { organization: '{"known":true,"value":{"id":null,"managementAccountId":null}}' },
  },
  { call: 'client-organizations/DescribeAccount', code: 'AccountNotFoundException', status: 400, message: 'x' },
  { call: 'client-organizations/DescribeAccount', code: 'AccessDeniedException', status: 400, message: denied },
  {
    call: 'client-organizations/ListParents',
    code: 'TooManyRequestsException',
    status: 400,
    message: 'x',
    retried: 'THROTTLING',
    means: { organization: 'fault aws-read' },
  },
  {
    call: 'client-sts/DecodeAuthorizationMessage',
    code: 'InvalidAuthorizationMessageException',
    status: 400,
    message: 'x',
    means: { decoding: '{"known":false,"why":"the encoded message is damaged or cut off"}' },
  },
  { call: 'client-sts/DecodeAuthorizationMessage', code: 'AccessDenied', status: 403, message: denied },
  { call: 'client-sts/AssumeRole', code: 'AccessDenied', status: 403, message: denied },
  { call: 'client-sts/AssumeRole', code: 'Throttling', status: 400, message: 'x', retried: 'THROTTLING' },
  { call: 'client-sts/AssumeRole', code: 'ExpiredToken', status: 403, message: 'x' },
  {
    call: 'client-secrets-manager/GetSecretValue',
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'x',
    messageMember: 'Message',
    // Only a secret without a value is told so: what cannot be read has no code in this message.
    means: { secret: 'fault secret' },
  },
  { call: 'client-secrets-manager/GetSecretValue', code: 'AccessDeniedException', status: 400, message: denied },
  {
    call: 'client-dynamodb/PutItem',
    code: 'ConditionalCheckFailedException',
    status: 400,
    message: 'The conditional request failed',
    means: { 'conditional write': 'false' },
  },
  {
    call: 'client-dynamodb/PutItem',
    code: 'ProvisionedThroughputExceededException',
    status: 400,
    message: 'x',
    retried: 'THROTTLING',
    means: { 'conditional write': 'fault as it came' },
  },
  { call: 'client-dynamodb/PutItem', code: 'ThrottlingException', status: 400, message: 'x', retried: 'THROTTLING' },
  { call: 'client-dynamodb/PutItem', code: 'RequestLimitExceeded', status: 400, message: 'x', retried: 'THROTTLING' },
  { call: 'client-dynamodb/PutItem', code: 'InternalServerError', status: 500, message: 'x', retried: 'TRANSIENT' },
  {
    call: 'client-s3/PutObject',
    code: 'PreconditionFailed',
    status: 412,
    message: 'x',
    means: { 'audit record': 'false' },
  },
  {
    call: 'client-s3/PutObject',
    code: 'ConditionalRequestConflict',
    status: 409,
    message: 'x',
    means: { 'audit record': 'fault audit-contention' },
  },
  { call: 'client-s3/PutObject', code: 'AccessDenied', status: 403, message: denied },
  { call: 'client-s3/PutObject', code: 'SlowDown', status: 503, message: 'x', retried: 'THROTTLING' },
  { call: 'client-s3/GetObject', code: 'NoSuchKey', status: 404, message: 'x' },
  { call: 'client-sqs/SendMessage', code: 'AccessDeniedException', status: 403, message: denied },
  { call: 'client-sqs/SendMessage', code: 'ThrottlingException', status: 400, message: 'x', retried: 'THROTTLING' },
  { call: 'client-sns/Publish', code: 'AuthorizationError', status: 403, message: denied },
  { call: 'client-sns/Publish', code: 'Throttling', status: 400, message: 'x', retried: 'THROTTLING' },
  {
    call: 'client-accessanalyzer/ValidatePolicy',
    code: 'ThrottlingException',
    status: 429,
    message: 'x',
    headers: { 'retry-after': '2' },
    retried: 'THROTTLING',
  },
]
