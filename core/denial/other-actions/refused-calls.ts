/** The call of a refusal that names no action, and the refusals themselves: SDKs, XML, CloudFormation, Terraform. */
import { serviceOfSdk } from '../passed-service/service-of-sdk.ts'
import { isPartOfAction, publishedAction } from './action-names.ts'
import type { RefusedCall } from './other-denial.ts'

const CODE =
  '(?:AccessDenied(?:Exception)?|UnauthorizedOperation|AuthorizationError|UnauthorizedAccess|AuthorizationErrorException|KMS\\.AccessDeniedException|KMSAccessDenied(?:Fault|Exception)?|NotAuthorized(?:Exception)?|AccessDeniedFault|InsufficientPrivilegesException|InsufficientPermissionsException)'
const SAYS = '(?:[Aa]ccess [Dd]enied|You are not authorized|Forbidden|is not authorized to|[Nn]ot authorized)'

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
  new RegExp(String.raw`(?:\b${CODE}|\bForbidden): ?[^\n]{0,300}\n\s*status code: 40[0137], request id`, 'g'),
  // SDKs for Java, which CloudFormation shows.
  new RegExp(
    String.raw`\(Service: [A-Za-z0-9 ]{1,60}[;,] Status Code: (?:403[;,]|40[01][;,] (?=[^()]{0,40}Error Code: ${CODE}))`,
    'g',
  ),
  /HandlerErrorCode: AccessDenied\b/g,
  new RegExp(`<Code>${CODE}</Code>`, 'g'),
  new RegExp(String.raw`\bAws::[A-Za-z0-9]{1,40}::Errors::(?:${CODE}|Forbidden)\b`, 'g'),
  new RegExp(
    String.raw`(?<![\w.])(?:AccessDenied|UnauthorizedOperation): (?:${SAYS}|User: |You don't have permissions?|null\b|UnknownError)`,
    'g',
  ),
  // Java has an exception of this name for files.
  /(?<!file\.)\bAccessDeniedException: (?!\/)/g,
  /\bForbidden: null\b(?=[\s\S]{0,200}aws-sdk)/g,
  /\bServerless Error -{5,80}\s{1,40}Access Denied\b/g,
  new RegExp(String.raw`\b(?:code=|"code": ?"|__type":"|ErrorCode: ?|errorCode[":= ]{1,4})${CODE}\b`, 'g'),
  /\[AWS [a-z0-9]{1,30} 403 [0-9.]{1,10}s \d{1,3} retries\]/g,
  /\bS3 error: Access Denied/g,
  /\b(?:Could not locate deployment bucket|Unable to (?:upload|fetch) artifact)[^\n]{0,200}Access Denied/g,
  /\bKMS key access denied/gi,
  /\bYou are not authorized to perform this operation\b/g,
  // CloudWatch Logs, where the permission to tag may be the missing one.
  /\bUser with accountId: \d{1,12} is not authorized\s{1,9}to\s{1,9}perform [A-Z][A-Za-z]{2,60}\b/g,
  /\bYou (?:don't|do not) have permissions? to access (?:this|the) (?:resource|requested resource)/g,
  /\bAccess to the resource https?:[^\s]{1,300} is denied/g,
  /\bspecified KMS key does not exist or is not allowed to be used/g,
  /\bAccess Denied for bucket: [^\s]{1,100}/g,
]

/** Where a refusal stands, first places first. */
export function refusalsIn(text: string, most: number): readonly { readonly at: number; readonly end: number }[] {
  const found: { at: number; end: number }[] = []
  for (const form of REFUSALS) {
    form.lastIndex = 0
    let count = 0
    for (let match = form.exec(text); match !== null && count < most; match = form.exec(text), count += 1)
      found.push({ at: match.index, end: match.index + match[0].length })
  }
  return found.toSorted((a, b) => a.at - b.at).slice(0, most)
}

/** The credentials, the account, the clock or an image were refused, and no policy was asked. */
const NO_POLICY =
  /security token included in the request is (?:invalid|expired)|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|RequestExpired|RequestTimeTooSkewed|account must be verified|InvalidAccessKeyId|AuthFailure\b|OptInRequired|SubscriptionRequired|Not authorized for images/

/** True where `text`, one error, says that a policy may have decided. */
export const mayBePolicy = (text: string): boolean => !NO_POLICY.test(text)

/** The prefix of the actions of some services differs from the name of their events. */
const PREFIXES: { readonly [source: string]: string } = { monitoring: 'cloudwatch', email: 'ses' }

export function prefixOfSdk(name: string): string | null {
  const source = serviceOfSdk(name.trim())
  return /^[a-z0-9-]{2,60}$/.test(source) ? (PREFIXES[source] ?? source) : null
}

const ACCOUNT_CALL = /\bUser with accountId: \d{1,12} is not authorized to perform ([A-Z][A-Za-z]{2,60})\b/g
const OPERATION_ERROR = /\boperation error ([A-Za-z][A-Za-z0-9 -]{0,40}): ([A-Z][A-Za-z0-9]{2,80})\b/g
const WHEN_CALLING =
  /\bwhen\s{1,9}calling\s{1,9}the\s{1,9}([A-Z][A-Za-z0-9]{0,80}(?:\n[A-Za-z0-9]{1,80})?)\s{1,9}operation\b/g
const CALL_FAILED = /\bCall failed: ([a-z][A-Za-z0-9]{2,80})\(/g
const SERVERLESS_CALL = /\[AWS ([a-z0-9]{1,30}) 403 [^\]\n]{1,40}\] ([a-z][A-Za-z0-9]{2,80})\(/g
const SERVICE = /\(Service: ([A-Za-z][A-Za-z0-9 ]{1,60})[;,]/g
const SDK_FILE = /aws-sdk\/(?:lib|clients)\/services?\/?([a-z0-9]{2,30})\.js|aws-sdk\/client-([a-z0-9-]{2,40})\//g
const SDK_CLASS = /\bAws::([A-Za-z0-9]{1,40})::Errors::/g
const XML_NAMESPACE = /https?:\/\/([a-z0-9]{2,20})\.amazonaws\.com\/doc\//g
const QUEUE = /\bAccess to the resource https?:\/\/(sqs)\./g
const S3_WORDS =
  /\b(S3) error: Access Denied|\bdeployment bucket\b|\bAccess Denied for bucket: |"(s3)" backend|\bS3 Bucket\b|S3 Extended Request ID/g

const last = (text: string, form: RegExp): RegExpExecArray | null => {
  form.lastIndex = 0
  let found: RegExpExecArray | null = null
  for (let match = form.exec(text), count = 0; match !== null && count < 200; match = form.exec(text), count += 1)
    found = match
  return found
}

/** The call that `text` names, which is one error with little around it. */
export function refusedCall(text: string): RefusedCall | null {
  const go = last(text, OPERATION_ERROR)
  if (go !== null) {
    const service = prefixOfSdk(go[1] ?? '')
    return { service, operation: wholeOperation(text, go.index + go[0].length, service, go[2] ?? '') }
  }
  const serverless = last(text, SERVERLESS_CALL)
  if (serverless !== null) return { service: prefixOfSdk(serverless[1] ?? ''), operation: capital(serverless[2] ?? '') }
  const operation =
    last(text, WHEN_CALLING)?.[1]?.replace('\n', '') ??
    last(text, ACCOUNT_CALL)?.[1] ??
    capital(last(text, CALL_FAILED)?.[1] ?? '')
  return operation === '' ? null : { service: serviceIn(text), operation }
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

/** The one service that `text` names; null for none, or for several. */
export function serviceIn(text: string): string | null {
  const named = [SERVICE, SDK_FILE, SDK_CLASS, XML_NAMESPACE, QUEUE].flatMap(form => {
    form.lastIndex = 0
    return [...text.matchAll(form)].flatMap(match => prefixOfSdk(match[1] ?? match[2] ?? '') ?? [])
  })
  const [only, other] = [...new Set(named)]
  if (only !== undefined) return other === undefined ? only : null
  return last(text, S3_WORDS) === null ? null : 's3'
}

const capital = (operation: string): string => operation.slice(0, 1).toUpperCase() + operation.slice(1)
