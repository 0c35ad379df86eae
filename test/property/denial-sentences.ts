/** AWS's denial sentences, generated from parts with known meaning. */
import fc from 'fast-check'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc']
const ACTIONS = [
  'iam:PassRole',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
  'sts:TagSession',
  'sts:SetSourceIdentity',
  'iam:CreateServiceLinkedRole',
]

/** Every reason of AWS's grammar, with its wordings. */
const REASONS: readonly (readonly [reason: string, words: (action: string) => string])[] = [
  ['none-given', () => ''],
  ['no-identity-policy', action => ` because no identity-based policy allows the ${action} action`],
  ['no-resource-policy', action => ` because no resource-based policy allows the ${action} action`],
  ['no-boundary', action => ` because no permissions boundary allows the ${action} action`],
  ['no-session-policy', action => ` because no session policy allows the ${action} action`],
  ['no-scp', action => ` because no service control policy allows the ${action} action`],
  ['no-rcp', action => ` because no resource control policy allows the ${action} action`],
  ['no-vpce-policy', action => ` because no VPC endpoint policy allows the ${action} action`],
  ['no-trust-policy', action => ` because no role trust policy allows the ${action} action`],
  ['explicit-deny', () => ' with an explicit deny'],
  ['explicit-deny-identity', () => ' with an explicit deny in an identity-based policy'],
  ['explicit-deny-resource', () => ' with an explicit deny in a resource-based policy'],
  ['explicit-deny-boundary', () => ' with an explicit deny in a permissions boundary'],
  ['explicit-deny-session', () => ' with an explicit deny in a session policy'],
  ['explicit-deny-session', () => ' with an explicit deny in a sessions policy'],
  ['explicit-deny-scp', () => ' with an explicit deny in a service control policy'],
  ['explicit-deny-rcp', () => ' with an explicit deny in a resource control policy'],
  ['explicit-deny-vpce', () => ' with an explicit deny in a VPC endpoint policy'],
  ['explicit-deny-trust', () => ' with an explicit deny in the role trust policy'],
]

/** The characters of IAM names. A name that ends like a sentence is indistinguishable from one. */
const NAME_CHARS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-'
const name = (maxLength: number) =>
  fc
    .string({ unit: fc.constantFrom(...NAME_CHARS), minLength: 1, maxLength })
    .map(text => `${text.replace(/[.,]+$/, '')}x`)
const path = fc.oneof(
  fc.constant('/'),
  fc.array(name(12), { minLength: 1, maxLength: 3 }).map(steps => `/${steps.join('/')}/`),
)
const account = fc.integer({ min: 1, max: 999_999_999_999 }).map(number => String(number).padStart(12, '0'))
const blob = fc.base64String({ minLength: 20, maxLength: 200 }).map(text => text.replace(/[+/=]/g, '_'))
const authorizationId = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
  minLength: 20,
  maxLength: 30,
})

type Subject = { readonly text: string; readonly arn: string | null; readonly kind: string; readonly name: string }

export type Parts = {
  readonly partition: string
  readonly action: string
  readonly subject: Subject
  /** The text of the clause. Null: the clause is omitted. */
  readonly on: string | null
  /** What the text names. Only an ARN has account, path and name. */
  readonly resource: string | null
  readonly reason: (typeof REASONS)[number]
  /** Published messages spell the action in the reason differently from the denied one. */
  readonly misspelt: boolean
  readonly policyArn: string | null
  readonly authorizationId: string | null
  readonly blob: string | null
  readonly cut: '' | '...' | '…'
  readonly preamble: boolean
  readonly sdkTail: boolean
}

const CALLERS = ['user', 'session', 'sso', 'linked', 'root', 'federated', 'anonymous', 'service', 'nobody'] as const
/** Names that CodeBuild and SageMaker use for themselves, and service principals. */
const SERVICES = [
  'CodeBuild',
  'SageMaker',
  'ecs-tasks.amazonaws.com',
  'ec2.amazonaws.com.cn',
  'monitoring.rds.amazonaws.com',
]
const PRINCIPALS: { readonly [name: string]: string } = {
  CodeBuild: 'codebuild.amazonaws.com',
  SageMaker: 'sagemaker.amazonaws.com',
}
/** A call with a token has no subject: STS says "Not authorized to perform", and the action implies the caller. */
const KIND_WITHOUT_SUBJECT: { readonly [action: string]: string } = {
  'sts:AssumeRoleWithWebIdentity': 'web-identity',
  'sts:AssumeRoleWithSAML': 'saml',
}

export const parts: fc.Arbitrary<Parts> = fc
  .record({
    partition: fc.constantFrom(...PARTITIONS),
    action: fc.constantFrom(...ACTIONS),
    caller: fc.constantFrom(...CALLERS),
    service: fc.constantFrom(...SERVICES),
    accountId: account,
    callerPath: path,
    callerName: name(40),
    sessionName: name(60),
    rolePath: path,
    roleName: name(60),
    names: fc.constantFrom('arn', 'arn', 'quoted arn', 'role and name', 'name', '*', 'nothing'),
    reason: fc.constantFrom(...REASONS),
    misspelt: fc.boolean(),
    policyName: fc.option(name(40)),
    ofAws: fc.boolean(),
    policyId: fc.string({
      unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
      minLength: 8,
      maxLength: 32,
    }),
    authorizationId: fc.option(authorizationId),
    blob: fc.option(blob),
    cut: fc.constantFrom('', '', '...', '…'),
    preamble: fc.boolean(),
    sdkTail: fc.boolean(),
  })
  .map(({ partition, accountId, caller, names, ...rest }) => {
    const role = `arn:${partition}:iam::${accountId}:role${rest.rolePath}${rest.roleName}`
    const explicit = rest.reason[0].startsWith('explicit-deny-')
    return {
      ...rest,
      partition,
      subject: subjectOf(caller, { partition, accountId, ...rest }),
      on: onResource(names, role, rest.roleName),
      resource: names === 'arn' || names === 'quoted arn' ? role : null,
      policyArn: explicit && rest.policyName !== null ? policyArnOf({ partition, accountId, ...rest }) : null,
    }
  })

type Caller = {
  readonly partition: string
  readonly accountId: string
  readonly action: string
  readonly service: string
  readonly callerPath: string
  readonly callerName: string
  readonly sessionName: string
}

function subjectOf(caller: (typeof CALLERS)[number], from: Caller): Subject {
  const { partition, accountId, action, callerPath, callerName, sessionName } = from
  const sts = `arn:${partition}:sts::${accountId}`
  const iam = `arn:${partition}:iam::${accountId}`
  const named = (arn: string, kind: string, name: string): Subject => ({ text: `User: ${arn} is n`, arn, kind, name })
  const session = (kind: string, role: string) => named(`${sts}:assumed-role/${role}/${sessionName}`, kind, role)
  switch (caller) {
    case 'user':
      return named(`${iam}:user${callerPath}${callerName}`, 'user', callerName)
    case 'session':
      return session('role', callerName)
    case 'sso':
      return session('sso-role', 'AWSReservedSSO_Deploy_0123456789abcdef')
    case 'linked':
      return session('service-linked-role', 'AWSServiceRoleForBackup')
    case 'root':
      return named(`${iam}:root`, 'root', '')
    case 'federated':
      return named(`${sts}:federated-user/${callerName}`, 'federated-user', callerName)
    case 'anonymous':
      return { text: 'User: anonymous is n', arn: null, kind: 'unknown', name: 'anonymous' }
    case 'service':
      return {
        text: `${from.service} is n`,
        arn: null,
        kind: 'service',
        name: PRINCIPALS[from.service] ?? from.service,
      }
    case 'nobody':
      return { text: 'N', arn: null, kind: KIND_WITHOUT_SUBJECT[action] ?? 'unknown', name: '' }
  }
}

function onResource(names: string, role: string, roleName: string): string | null {
  switch (names) {
    case 'arn':
      return role
    case 'quoted arn':
      return `"${role}"`
    case 'role and name':
      return `role ${roleName}`
    case 'name':
      return roleName
    case '*':
      return '*'
    default:
      return null
  }
}

type Policy = {
  readonly partition: string
  readonly accountId: string
  readonly reason: Parts['reason']
  readonly policyName: string | null
  readonly policyId: string
  readonly ofAws: boolean
}

/** ARNs of organization policies belong to another service; AWS managed policies have no account. */
function policyArnOf({ partition, accountId, reason, policyName, policyId, ofAws }: Policy): string {
  const type = { 'explicit-deny-scp': 'service_control_policy', 'explicit-deny-rcp': 'resource_control_policy' }
  const ofOrganization = type[reason[0] as keyof typeof type] as string | undefined
  if (ofOrganization === undefined) return `arn:${partition}:iam::${ofAws ? 'aws' : accountId}:policy/${policyName}`
  const organizations = `arn:${partition}:organizations::`
  return ofAws
    ? `${organizations}aws:policy/${ofOrganization}/p-FullAWSAccess`
    : `${organizations}${accountId}:policy/o-${policyId}/${ofOrganization}/p-${policyId}`
}

/** As in AWS's documentation. */
export function sentence(p: Parts): string {
  const on = p.on === null ? '' : ` on resource: ${p.on}`
  const policy = p.policyArn === null ? '' : `: ${p.policyArn}`
  const console = 'https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/authorization-details'
  const details =
    p.authorizationId === null
      ? ''
      : `. Go to ${console}/${p.authorizationId} for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: ${p.authorizationId}`
  const encoded = p.blob === null ? '' : `. Encoded authorization failure message: ${p.blob}${p.cut}`
  const tail = p.sdkTail ? ' (Service: Ecs, Status Code: 400, Request ID: 37158697-a9c5-4ce8-8044-812c988dea0a)' : ''
  const preamble = p.preamble ? 'You are not authorized to perform this operation. ' : ''
  const colon = p.subject.text === 'N' ? '' : ':'
  const why = p.reason[1](p.misspelt ? `${p.action}s` : p.action)
  return `${preamble}${p.subject.text}ot authorized to perform${colon} ${p.action}${on}${why}${policy}${details}${encoded}${tail}`
}
