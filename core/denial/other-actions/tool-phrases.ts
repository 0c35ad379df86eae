/** The call behind the words of a tool: "creating Lambda Function (orders): AccessDeniedException". */
import { actionsOfService, isPublishedService, publishedAction } from '../../service-actions/index.ts'
import { lastBefore } from './last-match.ts'
import type { RefusedCall } from './other-denial.ts'
import { prefixOfSdk } from './prefixes.ts'

/** The verbs of operations by those of tools, in the order in which they are looked for. */
const VERBS: { readonly [word: string]: readonly string[] } = {
  creat: ['Create'],
  read: ['Describe', 'Get', 'List'],
  describ: ['Describe'],
  list: ['List', 'Describe'],
  get: ['Get', 'Describe'],
  gett: ['Get', 'Describe'],
  fetch: ['Describe', 'Get', 'List'],
  retriev: ['Get', 'Describe'],
  updat: ['Update', 'Modify'],
  modify: ['Modify', 'Update'],
  delet: ['Delete'],
  putt: ['Put'],
  put: ['Put'],
  sett: ['Set'],
  attach: ['Attach'],
  detach: ['Detach'],
  associat: ['Associate'],
  disassociat: ['Disassociate'],
  enabl: ['Enable'],
  register: ['Register'],
  deregister: ['Deregister'],
  tagg: ['Tag'],
  start: ['Start'],
  stopp: ['Stop'],
  import: ['Import'],
  invok: ['Invoke'],
}
const VERB = Object.keys(VERBS).join('|')
/**
 * The subject ends where its name or the error begins. What follows the name is its part: "VPC (vpc-1) main Route Table". Terraform's
 * provider words the failure of each call so: https://hashicorp.github.io/terraform-provider-aws/error-handling
 */
const PHRASE = new RegExp(
  String.raw`\b(${VERB})(?:ing|e)?\s(?:the\s|a\s|an\s)?((?:[A-Za-z0-9-]{1,30}\s){0,5}[A-Za-z0-9-]{1,30})(?:\s?\([^()\n]{1,200}\)(?:\s((?:[A-Za-z]{1,30}\s){0,3}[A-Za-z]{1,30}))?)?(?=:|, error:)`,
  'gi',
)

/**
 * Words of a tool that name their call in no other way, each with the source that prints them after that call. On GitHub, of
 * hashicorp/terraform-provider-aws where no repository is named.
 */
const FIXED: readonly (readonly [RegExp, string, string])[] = [
  // blob/023fea15b2ab93bd7bbebdb5a6850926abdb03b4/aws/resource_aws_instance.go
  [/\bError launching source instance: /g, 'ec2', 'RunInstances'],
  // blob/b5042c060448b003d6e7f82edc658ff206746a2f/aws/resource_aws_s3_bucket.go, for the next three
  [/\bError putting S3 ACL: /gi, 's3', 'PutBucketAcl'],
  [/\bError putting S3 policy: /gi, 's3', 'PutBucketPolicy'],
  [/\breading S3 Bucket \([^()\n]{1,200}\): /g, 's3', 'HeadBucket'],
  // blob/093eb3b83b7fbee6783d48541ac3ed56ee778f9c/aws/data_source_aws_ami.go: it makes no other call.
  [/\bdata\.aws_ami\.[\w-]{1,80}: (?=UnauthorizedOperation)/g, 'ec2', 'DescribeImages'],
  // blob/288c0d23fa1b1413e7ce1f9ce8c69c50a9088c11/internal/service/sqs/find.go
  [/\breading SQS Queue \([^()\n]{1,300}\): /g, 'sqs', 'GetQueueAttributes'],
  // blob/12ff7a0021d0f64b04b48b5585cfb9a5f19ac38e/aws/resource_aws_api_gateway_rest_api.go. The key of an API fails in the same words,
  // so that the resource must be beside them.
  [
    /(?:\baws:apigateway\/restApi:RestApi\)\s{1,9}error: |\baws_api_gateway_rest_api\.[\w-]{1,80}: )Error creating API Gateway: /g,
    ...(['apigateway', 'CreateRestApi'] as const),
  ],
  // https://github.com/hashicorp/terraform/blob/f410a5bb26bbcce4169f2ea93dfc6fa24d8ecf08/command/meta_backend_migrate.go, of what
  // https://github.com/hashicorp/terraform/blob/02556fe7ee4950b8994ff43fd2473e944c3aac3d/backend/remote-state/s3/backend_state.go lists
  [/\bError inspecting states in the "s3" backend:/g, 's3', 'ListObjects'],
  // The same list, which https://github.com/hashicorp/terraform/blob/main/internal/command/meta_backend.go asks every backend for: of S3
  // alone are the two ids.
  [
    /\bFailed to get existing workspaces: (?=AccessDenied: [^\n]{0,100}\n\s{0,40}status code: 403, request id: [^\n]{0,120}host id:)/g,
    ...(['s3', 'ListObjects'] as const),
  ],
  // https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/s3/client.go
  [/\bfailed to upload state: /g, 's3', 'PutObject'],
  // https://github.com/aws/aws-cdk-cli, packages/@aws-cdk/toolkit-lib/lib/api/environment/environment-resources.ts
  [/\bduring the confirmation via SSM parameter [^\s]{1,200} the following error occurred: /g, 'ssm', 'GetParameter'],
  // https://repost.aws/knowledge-center/cfn-s3-access-denied-error: CloudFormation reads the template as its caller, also that of a nested
  // stack: https://github.com/aws-quickstart/quickstart-bitnami-wordpress/issues/51
  [/\bValidationError\]?:? S3 error: Access Denied/g, 's3', 'GetObject'],
  [
    /\bS3 error: Access Denied(?=\s{1,3}For more information check https?:\/\/docs\.aws\.amazon\.com\/AmazonS3\/)/g,
    's3',
    'GetObject',
  ],
  // https://github.com/aws/copilot-cli/blob/mainline/internal/pkg/aws/s3/s3.go: "upload %s to bucket %s: %w" and the same with "put"
  [/\b(?:upload|put) [^\s:]{1,300} to bucket [a-z0-9.-]{3,63}: /g, 's3', 'PutObject'],
  // https://github.com/matt-filion/serverless-external-s3-event, index.js and S3.js: this step asks for nothing else.
  [/\bbeforeS3 -->\s{1,9}Serverless Error -{5,80}\s{1,40}Access Denied\b/g, 's3', 'GetBucketNotificationConfiguration'],
  // https://github.com/aws/aws-codedeploy-agent/tree/800eb2882ae1b0b0bf67ff56df5ae31eb013c782/lib/instance_agent/plugins/codedeploy:
  // command_executor.rb asks S3 for the bundle alone, and command_poller.rb prints the failure.
  [
    /\[codedeploy-agent\(\d{1,10}\)\][^\n]{1,120}Error during perform: Aws::S3::Errors::AccessDenied/g,
    's3',
    'GetObject',
  ],
  // https://github.com/serverless/serverless/commit/96be5948cbda51279da0dbda1a12dfaf920b67d9, with the name of the bucket since
  // https://github.com/serverless/serverless/commit/11b7a05fd3db362003412484245cc55bfab70181
  [/\bCould not locate deployment bucket(?:: "[^"\n]{1,80}")?\. Error: /g, 's3', 'GetBucketLocation'],
  // https://github.com/aws/aws-cdk, packages/aws-cdk/lib/api/toolkit-info.ts until 2020: it looks whether an asset is there. The SDK
  // says null where an answer has no body: `extractError` of https://unpkg.com/aws-sdk@2.529.0/lib/services/s3.js
  [
    /\bForbidden: null\b(?=[\s\S]{0,200}\/aws-cdk\/node_modules\/aws-sdk\/lib\/services\/s3\.js\b)/g,
    's3',
    'HeadObject',
  ],
  // https://repost.aws/knowledge-center/ecs-unable-to-pull-secrets, for both
  [/\bunable to retrieve secrets? from asm: /g, 'secretsmanager', 'GetSecretValue'],
  [/\bunable to retrieve secrets? from ssm: /g, 'ssm', 'GetParameters'],
  // https://github.com/aws/amazon-ecs-agent/blob/8dfceca6cf380a83c3007349317566f2862f0673/agent/ecr/client.go
  [/\bunable to retrieve ecr registry auth: /g, 'ecr', 'GetAuthorizationToken'],
]

/** Names that the tables of SDKs do not have. */
const SERVICES: { readonly [name: string]: string } = {
  mwaa: 'airflow',
  stepfunctions: 'states',
  cloudwatchlogs: 'logs',
}

/**
 * The last call that `text`, one error, has in the words of a tool that begin before `end`, where its refusal ends. Null: none, or more
 * than one operation would fit.
 */
export function callInPhrase(text: string, end: number): RefusedCall | null {
  let found: { readonly end: number; readonly call: RefusedCall } | null = null
  for (const [form, service, operation] of FIXED) {
    const match = lastBefore(text, form, end)
    if (match === null || match.index + match[0].length < (found?.end ?? 0)) continue
    found = { end: match.index + match[0].length, call: { service, operation } }
  }
  PHRASE.lastIndex = 0
  for (let match = PHRASE.exec(text), count = 0; match !== null && count < 200; match = PHRASE.exec(text), count += 1) {
    const [whole, verb = '', subject = '', part] = match
    if (match.index >= end) break
    if (match.index + whole.length < (found?.end ?? 0)) continue
    const words = (subject.split(/\s(?:with|for|in|to|of|from|using)(?:\s|$)/i)[0] ?? '').split(/\s/)
    const call = callOf(VERBS[verb.toLowerCase()] ?? [], words, part?.split(/\s/) ?? null, text)
    if (call !== null) found = { end: match.index + whole.length, call }
  }
  return found?.call ?? null
}

function callOf(
  verbs: readonly string[],
  subject: readonly string[],
  part: readonly string[] | null,
  text: string,
): RefusedCall | null {
  for (let words = Math.min(3, subject.length - 1); words > 0; words -= 1) {
    const service = serviceNamed(subject.slice(0, words).join(' '))
    if (service !== null) return operationOf(service, verbs, part ?? subject.slice(words))
  }
  const [only, ...others] = servicesBeside(text)
  return only === undefined || others.length > 0 ? null : operationOf(only, verbs, part ?? subject)
}

function serviceNamed(words: string): string | null {
  const key = words.toLowerCase().replaceAll(' ', '')
  const prefix = (Object.hasOwn(SERVICES, key) ? SERVICES[key] : null) ?? prefixOfSdk(words)
  return prefix !== null && isPublishedService(prefix) ? prefix : null
}

/** What says which service an error is of, where its words do not. */
function servicesBeside(text: string): ReadonlySet<string> {
  const named = [
    ...text.matchAll(/\b[a-z0-9-]{1,60}\.([a-z0-9]{2,30})\.aws\.(?:m\.)?(?:crossplane|upbound)\.io\b/g),
  ].map(([, name = '']) => serviceNamed(name))
  const ofCode = /\bUnauthorizedOperation\b/.test(text) ? ['ec2'] : []
  return new Set([...named.flatMap(one => one ?? []), ...ofCode])
}

/** The one operation with this verb and noun: "Function", "Bucket Policy", "main Route Table". */
function operationOf(service: string, verbs: readonly string[], words: readonly string[]): RefusedCall | null {
  const names = actionsOfService(service)
  for (let from = 0; from < words.length; from += 1) {
    const noun = words.slice(from).join('').replaceAll('-', '').toLowerCase()
    for (const verb of verbs) {
      // What lists names what it lists in the plural.
      const found = (verb === 'List' ? ['s', 'es'] : ['', 's', 'es']).flatMap(
        end => publishedAction(`${service}:${verb}${noun}${end}`) ?? [],
      )
      const [only, ...others] = [...new Set(found)]
      if (only !== undefined && others.length === 0) return { service, operation: only.split(':')[1] ?? '' }
    }
  }
  return names.length === 0 ? null : { service, operation: null }
}
