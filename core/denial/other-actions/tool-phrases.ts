/** The call behind the words of a tool: "creating Lambda Function (orders): AccessDeniedException". */
import { actionsOfService, isPublishedService, publishedAction } from '../../service-actions/index.ts'
import type { RefusedCall } from './other-denial.ts'
import { prefixOfSdk } from './prefixes.ts'

/** The verbs of operations by those of tools, in the order in which they are looked for. */
const VERBS: { readonly [word: string]: readonly string[] } = {
  creat: ['Create'],
  read: ['Describe', 'Get', 'List'],
  describ: ['Describe'],
  list: ['List', 'Describe'],
  get: ['Get', 'Describe'],
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
/** The subject ends where its name or the error begins. What follows the name is its part: "VPC (vpc-1) main Route Table". */
const PHRASE = new RegExp(
  String.raw`\b(${VERB})(?:ing|e)?\s(?:the\s|a\s|an\s)?((?:[A-Za-z0-9-]{1,30}\s){0,5}[A-Za-z0-9-]{1,30})(?:\s?\([^()\n]{1,200}\)(?:\s((?:[A-Za-z]{1,30}\s){0,3}[A-Za-z]{1,30}))?|\s[a-z0-9-]{0,80}\d[a-z0-9-]{0,80}\sreturned)?(?=:|\sreturned\b|\swith\b)`,
  'gi',
)

/** Words of a tool that name their call in no other way, with the source that makes it. */
const FIXED: readonly (readonly [RegExp, string, string])[] = [
  // https://github.com/hashicorp/terraform-provider-aws: resource_aws_instance.go, resource_aws_s3_bucket.go
  [/\bError launching source instance: /, 'ec2', 'RunInstances'],
  [/\b[Ee]rror putting S3 ACL: /, 's3', 'PutBucketAcl'],
  [/\b[Ee]rror putting S3 policy: /i, 's3', 'PutBucketPolicy'],
  // Its data sources are named after what they read.
  [/\bdata\.aws_ami\.[\w-]{1,80}: (?=UnauthorizedOperation)/, 'ec2', 'DescribeImages'],
  [/\breading SQS Queue \(/, 'sqs', 'GetQueueAttributes'],
  [/\breading S3 Bucket \([^()]{1,200}\): /, 's3', 'HeadBucket'],
  // https://github.com/hashicorp/terraform: internal/backend/remote-state/s3/backend_state.go
  [/\bError inspecting states in the "s3" backend:/, 's3', 'ListObjects'],
  // CloudFormation reads the template for who calls it.
  [/\bValidationError\]?:? S3 error: Access Denied/, 's3', 'GetObject'],
  // https://github.com/aws/aws-codedeploy-agent: command_executor.rb downloads the revision
  [/\[codedeploy-agent\(\d+\)\][^\n]{1,120}Error during perform: Aws::S3::Errors::AccessDenied/, 's3', 'GetObject'],
  // https://github.com/serverless/serverless: validateS3BucketName, then getBucketLocation
  [/\bCould not locate deployment bucket\. Error: /, 's3', 'GetBucketLocation'],
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
  [/\bunable to retrieve secrets? from asm: /, 'secretsmanager', 'GetSecretValue'],
  [/\bunable to retrieve secrets? from ssm: /, 'ssm', 'GetParameters'],
  [/\bunable to retrieve ecr registry auth: /, 'ecr', 'GetAuthorizationToken'],
]

/** Names that the tables of SDKs do not have. */
const SERVICES: { readonly [name: string]: string } = {
  mwaa: 'airflow',
  stepfunctions: 'states',
  cloudwatchlogs: 'logs',
}

/** The last call that `text`, one error, has in the words of a tool. Null: none, or more than one operation would fit. */
export function callInPhrase(text: string): RefusedCall | null {
  for (const [form, service, operation] of FIXED) if (form.test(text)) return { service, operation }
  PHRASE.lastIndex = 0
  let found: RefusedCall | null = null
  for (let match = PHRASE.exec(text), count = 0; match !== null && count < 200; match = PHRASE.exec(text), count += 1) {
    const [, verb = '', subject = '', part] = match
    const words = (subject.split(/\s(?:with|for|in|to|of|from|using)\s/i)[0] ?? '').split(/\s/)
    found = callOf(VERBS[verb.toLowerCase()] ?? [], words, part?.split(/\s/) ?? null, text) ?? found
  }
  return found
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
