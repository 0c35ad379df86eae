/** The call of a refusal that names no action, and the refusals themselves: SDKs, XML, CloudFormation, Terraform. */
import { isPartOfAction, publishedAction } from '../../service-actions/index.ts'
import { lastBefore } from './last-match.ts'
import { serviceWithOperation } from './operations.ts'
import type { RefusedCall } from './other-denial.ts'
import { prefixOfSdk } from './prefixes.ts'

const CODE =
  '(?:AccessDenied(?:Exception)?|UnauthorizedOperation|AuthorizationError|UnauthorizedAccess|AuthorizationErrorException|KMS\\.AccessDeniedException|KMSAccessDenied(?:Fault|Exception)?|NotAuthorized(?:Exception)?|AccessDeniedFault|InsufficientPrivilegesException|InsufficientPermissionsException)'
const SAYS = '(?:[Aa]ccess [Dd]enied|You are not authorized|Forbidden|is not authorized to|[Nn]ot authorized)'

/** EC2, through a service that launches instances for the caller: what was denied is EC2's, and in the encoded message. */
const LAUNCHES = /\bYou are not authorized to launch instances with this launch template\b/g

/** What only AWS and its SDKs write where a call is refused. Words of other systems ("access denied for user") are not here. */
const REFUSALS: readonly RegExp[] = [
  // CloudFormation's older handlers: the action itself.
  new RegExp(String.raw`\bAPI: [a-z0-9-]{2,40}:[A-Za-z]{2,80}\b[^\n]{0,40}?(?:${SAYS})`, 'g'),
  // SDK for Python and the AWS CLI.
  new RegExp(
    String.raw`\((?:${CODE}|403)\)\s{1,9}when\s{1,9}calling\s{1,9}the\s{1,9}[A-Za-z0-9]{1,80}(?:\n[A-Za-z0-9]{1,80})?\s{1,9}operation`,
    'g',
  ),
  // SDK for Go, as Terraform, Pulumi and controllers print it.
  new RegExp(String.raw`\bapi error (?:${CODE}|Forbidden): `, 'g'),
  new RegExp(String.raw`(?:\b${CODE}|\bForbidden): ?[^\n]{0,300}\n\s{0,80}status code: 40[0137], request id`, 'g'),
  // SDKs for Java, which CloudFormation shows.
  new RegExp(
    String.raw`\(Service: [A-Za-z0-9 -]{1,60}[;,] Status Code: (?:403[;,]|40[01][;,] (?=[^()]{0,40}Error Code: ${CODE}))`,
    'g',
  ),
  /HandlerErrorCode: AccessDenied\b/g,
  new RegExp(String.raw`\bAws::[A-Za-z0-9]{1,40}::Errors::(?:${CODE}|Forbidden)\b`, 'g'),
  /\bForbidden: null\b(?=[\s\S]{0,200}aws-sdk)/g,
  /\bServerless Error -{5,80}\s{1,40}Access Denied\b/g,
  /\[AWS [a-z0-9]{1,30} 403 [0-9.]{1,10}s \d{1,3} retries\]/g,
  /\bS3 error: Access Denied/g,
  // The CDK, of the version of its bootstrap stack.
  /\bvia SSM parameter [^\s]{1,200} the following error occurred: AccessDenied(?:Exception)?\b/g,
  // An image of ECR, as ECS and Docker say it.
  /\.dkr\.ecr\.[a-z0-9-]{5,40}\.amazonaws\.com[^\n]{0,400}: 403 Forbidden\b/g,
  /\b(?:Could not locate deployment bucket|Unable to (?:upload|fetch) artifact)[^\n]{0,200}Access Denied/g,
  /\bKMS key access denied/gi,
  LAUNCHES,
  // CloudWatch Logs, where the permission to tag may be the missing one.
  /\bUser with accountId: \d{1,12} is not authorized\s{1,9}to\s{1,9}perform [A-Z][A-Za-z]{2,60}\b/g,
  /\bspecified KMS key does not exist or is not allowed to be used/g,
  // CodeDeploy, of its service role: https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-auto-scaling.html
  /\bdoes not give you permission to perform operations in the following AWS service: [A-Za-z0-9]{2,40}\b/g,
]

/** What other systems write too, so that something of AWS has to be in the same error. */
const COMMON: readonly RegExp[] = [
  // Names of classes have their package before them: Spring, Symfony and Java's files have exceptions of this name.
  new RegExp(
    String.raw`(?<![\w.\\])(?:AccessDenied|UnauthorizedOperation): (?:${SAYS}|User: |You don't have permissions?|null\b|UnknownError)`,
    'g',
  ),
  /(?:(?<![\w.\\])|(?:\bcom\.amazonaws|\bsoftware\.amazon\.awssdk)[\w.]{1,120}\.)AccessDeniedException: (?!\/)/g,
  new RegExp(`<Code>${CODE}</Code>`, 'g'),
  new RegExp(String.raw`\b(?:code=|"code": ?"|__type":"|ErrorCode: ?|errorCode[":= ]{1,4})${CODE}\b`, 'g'),
  /\bYou are not authorized to perform this operation\b/g,
  /\bYou (?:don't|do not) have permissions? to access (?:this|the) (?:resource|requested resource)/g,
  /\bAccess to the resource https?:[^\s]{1,300} is denied/g,
  /\bAccess Denied for (?:bucket|LogDestination): [^\s]{1,100}/g,
]

const OF_AWS =
  /\barn:aws|\bAWS\b|\baws[_-]|\baws(?= (?:cli|cdk|sdk))|\.aws\.|amazonaws\.com|\bamazon\b|\brequest ?id: ?[\w-]|RequestID|\(Service: [A-Za-z0-9 -]{1,60}[;,] Status Code|\bAws::|\b(?<!\d)\d{12}(?!\d)\b|UnauthorizedOperation|Encoded (?:authorization )?[Ff]ailure(?: message)?:|\b(?:S3|EC2|SQS|SNS|IAM|KMS|Lambda|DynamoDB|CloudFormation|CloudWatch|Organizations|Route ?53)\b|\bboto|CREATE_FAILED|UPDATE_FAILED|ResourceInitializationError|\bdeployment bucket\b/
const OF_OTHERS =
  /\b(?:Vercel|Azure|Microsoft|googleapi|Google Cloud|GCP|MinIO|Cloudflare|DigitalOcean|Spaces|GitHub|GitLab|Bitbucket|Heroku|Netlify|Spring|springframework|Symfony|Kubernetes|Oracle|Alibaba|Hetzner|Datadog|Okta|Auth0|Snowflake)\b/i

/** True where `text`, one error, is of AWS, and its line names no other system. */
export function isOfAws(text: string, line: string): boolean {
  return OF_AWS.test(text) && !OF_OTHERS.test(line)
}

/** Where a refusal stands, first places first. `isCommon`: other systems write these words too. */
export function refusalsIn(
  text: string,
  most: number,
): readonly { readonly at: number; readonly end: number; readonly isCommon: boolean }[] {
  const found: { at: number; end: number; isCommon: boolean }[] = []
  for (const form of [...REFUSALS, ...COMMON]) {
    form.lastIndex = 0
    let count = 0
    for (let match = form.exec(text); match !== null && count < most; match = form.exec(text), count += 1)
      found.push({ at: match.index, end: match.index + match[0].length, isCommon: COMMON.includes(form) })
  }
  return found.toSorted((a, b) => a.at - b.at).slice(0, most)
}

/** The credentials, the account, the clock, an image or a role of the service were refused, and no policy of who calls was asked. */
const NO_POLICY =
  /security token included in the request is (?:invalid|expired)|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|RequestExpired|RequestTimeTooSkewed|account must be verified|InvalidAccessKeyId|AuthFailure\b|OptInRequired|SubscriptionRequired|Not authorized for images|The IAM Role \S{1,400} is not configured properly/

/** True where `text`, one error, says that a policy may have decided. */
export const mayBePolicy = (text: string): boolean => !NO_POLICY.test(text)

const ACCOUNT_CALL = /\bUser with accountId: \d{1,12} is not authorized to perform ([A-Z][A-Za-z]{2,60})\b/g
const OPERATION_ERROR = /\boperation error ([A-Za-z][A-Za-z0-9 -]{0,40}): ([A-Z][A-Za-z0-9]{2,80})\b/g
const WHEN_CALLING =
  /\bwhen\s{1,9}calling\s{1,9}the\s{1,9}([A-Z][A-Za-z0-9]{0,80}(?:\n[A-Za-z0-9]{1,80})?)\s{1,9}operation\b/g
const CALL_FAILED = /\bCall failed: ([a-z][A-Za-z0-9]{2,80})\(/g
const SERVERLESS_CALL = /\[AWS ([a-z0-9]{1,30}) 403 [^\]\n]{1,40}\] ([a-z][A-Za-z0-9]{2,80})\(/g
const SERVICE = /\(Service: ([A-Za-z][A-Za-z0-9 -]{1,60})[;,]/g
const SDK_FILE = /aws-sdk\/(?:lib|clients)\/services?\/?([a-z0-9]{2,30})\.js|aws-sdk\/client-([a-z0-9-]{2,40})\//g
const SDK_CLASS = /\bAws::([A-Za-z0-9]{1,40})::Errors::/g
const XML_NAMESPACE = /https?:\/\/([a-z0-9]{2,20})\.amazonaws\.com\/doc\//g
const OF_CODEDEPLOY = /\bin the following AWS service: (?:Amazon|AWS)?([A-Za-z0-9]{2,40})\b/g
const QUEUE = /\bAccess to the resource https?:\/\/(sqs)\./g
const S3_WORDS =
  /\b(S3) error: Access Denied|\bdeployment bucket\b|\bAccess Denied for bucket: |"(s3)" backend|\bS3 [Bb]ucket\b|S3 Extended Request ID/g

/** The call that `text` names, which is one error with little around it, and whose refusal ends at `end`. */
export function refusedCall(text: string, end = text.length): RefusedCall | null {
  // The SDK for Go names the operation first. One behind a refusal is another's.
  const go = lastBefore(text, OPERATION_ERROR, end)
  if (go !== null) {
    const service = prefixOfSdk(go[1] ?? '')
    return { service, operation: wholeOperation(text, go.index + go[0].length, service, go[2] ?? '') }
  }
  const serverless = lastBefore(text, SERVERLESS_CALL)
  if (serverless !== null) return { service: prefixOfSdk(serverless[1] ?? ''), operation: capital(serverless[2] ?? '') }
  const operation =
    lastBefore(text, WHEN_CALLING)?.[1]?.replace('\n', '') ??
    lastBefore(text, ACCOUNT_CALL)?.[1] ??
    capital(lastBefore(text, CALL_FAILED)?.[1] ?? '')
  if (operation !== '') return { service: serviceIn(text) ?? serviceWithOperation(operation), operation }
  return calledInTrace(text)
}

/** The name of an operation that ends at `end`. Null: a terminal may have cut it at the end of its line. */
function wholeOperation(text: string, end: number, service: string | null, name: string): string | null {
  if (end < text.length && text[end] !== '\n') return name
  const joined = `${name}${/^\n([A-Za-z0-9]{1,80})/.exec(text.slice(end, end + 90))?.[1] ?? ''}`
  if (service === null) return null
  if (joined !== name && publishedAction(`${service}:${joined}`) !== null) return joined
  const action = `${service}:${name}`
  return publishedAction(action) !== null && !isPartOfAction(action) ? name : null
}

const RUBY_LOG = /\[Aws::([A-Za-z0-9]{1,40})::Client [^\]\n]{1,60}\] ([a-z][a-z0-9_]{2,80})\(/g
const BOTO_LIST = /\bself\.get_(?:list|object|status)\(["'\\]{1,3}([A-Z][A-Za-z]{2,80})["'\\]/g

/** The call in the log or the trace of an SDK. */
function calledInTrace(text: string): RefusedCall | null {
  const ruby = lastBefore(text, RUBY_LOG)
  if (ruby !== null) {
    const operation = (ruby[2] ?? '').split('_').map(capital).join('')
    return { service: prefixOfSdk(ruby[1] ?? ''), operation }
  }
  const boto = lastBefore(text, BOTO_LIST)?.[1]
  return boto === undefined || publishedAction(`ec2:${boto}`) === null ? null : { service: 'ec2', operation: boto }
}

/** The one service that `text` names; null for none, or for several. */
export function serviceIn(text: string): string | null {
  const named = [SERVICE, SDK_FILE, SDK_CLASS, XML_NAMESPACE, OF_CODEDEPLOY, QUEUE].flatMap(form => {
    form.lastIndex = 0
    return [...text.matchAll(form)].flatMap(match => prefixOfSdk(match[1] ?? match[2] ?? '') ?? [])
  })
  const [only, other] = [...new Set(named)]
  if (only !== undefined) return other === undefined ? only : null
  if (isImagePull(text)) return 'ecr'
  if (/\bKMS key access denied/i.test(text)) return 'kms'
  return lastBefore(text, S3_WORDS) === null ? null : 's3'
}

const IMAGE_PULL = /\.dkr\.ecr\.[^\n]{0,460}: 403 Forbidden\b/
export const isImagePull = (text: string): boolean => IMAGE_PULL.test(text)

const capital = (operation: string): string => operation.slice(0, 1).toUpperCase() + operation.slice(1)
