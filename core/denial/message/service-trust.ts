/**
 * The failure after a fixed PassRole denial: the service itself cannot assume the role. Each service has its own sentence,
 * usually about an invalid parameter.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
 */
import { assumeRole } from '../../actions/index.ts'
import type { Unread } from '../denial.ts'
import { roleInTextAt } from './role-in-sentence.ts'
import { servicePrincipal } from './service-names.ts'

export type ServiceTrust = {
  /** The service's principal; null if only the call around the sentence names it. */
  readonly service: string | null
  /** A service reports it, named or not. */
  readonly isService: boolean
  readonly resource: string | null
  readonly unread: Unread | null
  readonly start: number
  readonly end: number
}

/** Keywords of these sentences. */
export const TRUST_WORDS = [
  'assume',
  'in assuming',
  'role must be assumable',
  'trust relationship',
  'trust permission',
  'in trust policy',
  'PodExecutionRole',
  'Role validation failed',
  'Trust policy of the role',
  'trusted entity',
  'use the passed role',
  'is invalid',
  `: ${assumeRole.name}`,
] as const

type Form = {
  readonly before: RegExp
  readonly after: RegExp
  /** The service that the sentence implies; else the first group of either pattern. */
  readonly service?: string
  /** Without a service in the sentence: the call's service, or any. */
  readonly speaker?: 'service-of-call' | 'any-service'
}

const KIND =
  '(?:the |this |that |given |provided |specified |supplied |passed |selected |customer |service |execution |runtime |launch |instance |task |job |fleet |data access |IAM )'
/** What is assumed: a role in words, or its ARN. */
const ROLE = `(?:${KIND}{0,4}[Rr]oles?\\b|:? ?[<'"\`]{0,2}(?=arn:))`
const GIVEN = '(?:provided|given|specified|supplied|passed)'
const GIVEN_ROLE = `(?:the )?(?:IAM )?(?:${GIVEN} (?:[a-z]{2,12} ){0,2}[Rr]ole|[Rr]ole ${GIVEN})`
const NAME = '[\'"`]?([A-Za-z0-9][A-Za-z0-9 .-]{1,48}?)[\'"`]?'
/** It is unable to, is not permitted to, lacks the permission to. */
const UNABLE =
  "(?:(?:was|is|were|are) (?:unable|not able|not authorized|not allowed|not permitted)|(?:was|is)n['’]t (?:able|authorized|allowed|permitted)|(?:does not|doesn['’]t) have (?:the |sufficient )?(?:permissions?|privileges)(?: required)?|failed) to"
const CANNOT = "(?:cannot|can ?not|can['’]t|could not|couldn['’]t)"
/** The name of a service’s error, which tools do not use for their own errors. */
const EXCEPTION =
  '(?:(?:Bad|Conflict|Insufficient|Invalid|Unsupported|Validation)[A-Za-z]{0,60}|[A-Z][A-Za-z]{2,60}\\) when calling the (?!Assume)[A-Za-z0-9]{3,60} operation(?: \\([a-z0-9: ]{3,40}\\))?)[\'"]?: ["\']?'
/** The start of a text, of a line or of a clause. */
const START = '(?:^|[^A-Za-z0-9,) ] ?|error | (?=[NUSF]))'

const FORMS: readonly Form[] = [
  { before: /The defined assume role is unable to be $/i, after: /^assumed/, service: 'ssm.amazonaws.com' },
  {
    before: /(?:cannot|can ?not|can't|could not|not|unable to) be $/i,
    after:
      /^assumed by (?:the )?(?:service )?(?:principals? )?['"`]?([A-Za-z][A-Za-z0-9.-]{1,60}(?: [A-Z][A-Za-z0-9]{1,20}){0,3})/,
  },
  {
    // https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html
    before: /(?:^|[^A-Za-z0-9])$/,
    after:
      /^Role validation failed (?:for ['"`]?arn:[^ ]{1,300}|\.{3}) (?:Please )?verify that the role exists and its trust policy allows assumption by this service/,
    service: 'bedrock-agentcore.amazonaws.com',
  },
  {
    // https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html
    before: /Misconfigured $/,
    after: /^PodExecutionRole Trust Policy/,
    service: 'eks-fargate-pods.amazonaws.com',
  },
  {
    before: / could not be $/,
    after: /^assumed because it does not exist or the trusted entity is not correct/,
    service: 'eks.amazonaws.com',
  },
  {
    before: /[Rr]ole (?:arn:[^ ]{1,400}|<[^<>]{1,60}>) is invalid or cannot be $/,
    after: /^assumed/,
    service: 'cloudformation.amazonaws.com',
  },
  {
    before: new RegExp(`${EXCEPTION}(?<own>[^.]{0,300}[Rr]ole [^.]{0,300}(?:cannot|could not) be )$`),
    after: /^assumed/,
    speaker: 'any-service',
  },
  {
    // An automation of Systems Manager; in other accounts a role has to be trusted, not the service:
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/running-automations-multiple-accounts-regions.html
    before: /(?:^|[^A-Za-z0-9])(?<own>The provided role: arn:[^ ]{1,400} can['’]t be )$/,
    after: /^assumed/,
    speaker: 'any-service',
  },
  {
    before: new RegExp(`role (?:that )?you provided? must allow ${NAME} to $`, 'i'),
    after: /^assume (?:the|this) role/,
  },
  {
    before: new RegExp(`does not have a trust relationship allowing ${NAME} to $`, 'i'),
    after: /^assume (?:the|this) role/,
  },
  {
    before: new RegExp(`given ${NAME} permissions? to $`, 'i'),
    after: new RegExp(`^assume ${ROLE}`),
  },
  {
    before:
      /(?:principal|principals) ['"`]?([a-z0-9.-]{2,60}\.amazonaws\.com(?:\.cn)?)['"`]?,? (?:nor the regional one is|(?:or the regional one )?is not) authorized to $/,
    after: new RegExp(`^assume ${ROLE}`),
  },
  {
    before: /(?:[Cc]ould not|[Cc]annot|[Ff]ailed to|[Uu]nable to) $/,
    after:
      /^assume role [^ ]{1,400} [^\n]{0,160}(?:allows principal|assumable by|exists and) ['"`]?([a-z0-9.-]{2,60}\.amazonaws\.com(?:\.cn)?)/,
  },
  {
    // Jobs of AWS IoT, also as Greengrass starts them: https://docs.aws.amazon.com/greengrass/v1/developerguide/core-ota-update.html
    before: /(?:^|[^A-Za-z0-9])Permission denied when attempting to $/,
    after: /^assume role (?=arn:)/,
    service: 'iot.amazonaws.com',
  },
  {
    // The provider of credentials for devices: https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
    // https://github.com/awslabs/aws-iot-core-credential-provider-session-helper/blob/main/docs/dev_notes.md
    before: /(?:^|[^A-Za-z0-9])Unable to $/,
    after: /^assume the role, or the role to assume does not exist/,
    service: 'credentials.iot.amazonaws.com',
  },
  {
    // https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
    before: /AccessDeniedException: Unable to $/,
    after: /^assume role for (?=arn:)(?![^ ]{1,400} The requested )/,
    service: 'rolesanywhere.amazonaws.com',
  },
  {
    // https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-status.html
    before: /(?:^|[^A-Za-z0-9])Unable to $/,
    after:
      /^assume role ['"`]?arn:[^ ]{1,200}elasticbeanstalk-service-role['"`]?\. Verify that the role exists and is configured correctly/,
    service: 'elasticbeanstalk.amazonaws.com',
  },
  {
    before: /(?:^|[^A-Za-z0-9])Unable to $/,
    after: /^assume role ['"`]?arn:[^ ]{1,300}\. Verify that the role exists and is configured correctly/,
    speaker: 'any-service',
  },
  {
    before: /Unable to $/i,
    after: /^assume specified IAM Role\. Please ensure the selected/,
    service: 'amplify.amazonaws.com',
  },
  {
    before: /arn:aws[a-z-]{0,12}:redshift[a-z-]{0,12}:[^ ]{1,200} is not authorized to $/,
    after: /^assume IAM [Rr]ole/,
    service: 'redshift.amazonaws.com',
  },
  { before: /Unable to $/i, after: /^assume given IAM role/, service: 'vpc-flow-logs.amazonaws.com' },
  {
    // Instance groups of EMR, in the words of Application Auto Scaling.
    // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-automatic-scaling.html
    before: /Failed to provision the Auto ?Scaling policy: Unable to $/i,
    after: /^assume IAM role/,
    service: 'application-autoscaling.amazonaws.com',
  },
  {
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
    before: /ECS was unable to $/,
    after: /^assume the configured ECS Infrastructure Role/,
    service: 'ecs.amazonaws.com',
  },
  {
    // A service of ECS with a load balancer: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    before: /(?:^|[^A-Za-z0-9])Unable to $/,
    after: /^assume role and validate the (?:specified targetGroupArn|listeners configured on your load balancer)/,
    service: 'ecs.amazonaws.com',
  },
  {
    before: /(?:^|[^a-z0-9.-])([a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?)\)? is unable to $/,
    after: new RegExp(`^assume role \\(${assumeRole.name}\\) on resource:`),
  },
  {
    before: /Service is unable to $/i,
    after: /^assume (?:the )?(?:provided )?role(?: arn:[^ ]{1,400})?\.? Please verify role's TrustPolicy/,
    service: 'glue.amazonaws.com',
  },
  {
    before: /[Rr]ole [^ ]{1,400} should be given $/,
    after: new RegExp(`^assume role permissions? for (?:the )?${NAME}(?: Service)?[.,)"]`),
  },
  { before: /GraphQL ?errors?: ?["']?Unable to $/i, after: /^assume role/, service: 'appsync.amazonaws.com' },
  { before: /Error $/, after: /^in assuming instance role/, service: 'tasks.apprunner.amazonaws.com' },
  { before: /Error $/, after: /^in assuming access role/, service: 'build.apprunner.amazonaws.com' },
  {
    // The SDK for Ruby names the service behind its words, by the class of an error about a role.
    before: new RegExp(`(?:^|[^A-Za-z0-9])(?<own>(?:${CANNOT}|unable to|failed to) )$`, 'i'),
    after: new RegExp(
      `^assume ?${ROLE}[^().,:;]{0,40}\\.? ?\\(Aws::([A-Za-z0-9]{2,40})::Errors::[A-Za-z]{0,30}Role[A-Za-z]{0,30}\\)?`,
    ),
  },
  {
    before: new RegExp(`(?:^|[^A-Za-z0-9])${NAME} (?!(?<=Config )does not)(?:${UNABLE}|${CANNOT}) $`),
    after: new RegExp(`^assume ${ROLE}`),
  },
  {
    before: new RegExp(
      `${EXCEPTION}(?<own>[^.]{0,200}?(?:[Cc]ould not|[Cc]annot|[Uu]nable to|[Ff]ailed to|[Nn]o permission to) )$`,
    ),
    after: new RegExp(`^assume ?${ROLE}`),
    speaker: 'any-service',
  },
  {
    // The service says this of itself or of the role; only the call may name it.
    before: new RegExp(`${START}(?:is )?[Nn]ot authorized to $`),
    after: new RegExp(`^assume ${GIVEN_ROLE}`),
    speaker: 'any-service',
  },
  {
    before: new RegExp(`${START}(?:Service |AWS |We )?(?:was |is |were )?[Uu]nable to $`),
    after: new RegExp(`^assume ${GIVEN_ROLE}`),
    speaker: 'any-service',
  },
  {
    before: new RegExp(`${START}(?:Service |AWS )?(?:(?:was |is )?[Uu]nable|[Ff]ailed) to $`),
    after: new RegExp(`^assume ?${ROLE}`),
    speaker: 'service-of-call',
  },
  {
    before: new RegExp(`${START}(?:Could not|Cannot) $`),
    after: /^assume (?:runtime|execution|service) role arn:[^ ]{1,400} because it does not exist or/,
    speaker: 'any-service',
  },
  {
    before: new RegExp(`${NAME} is unable to perform: ${assumeRole.name} on the role\\. Check if you have a $`),
    after: /^trust relationship/,
  },
  {
    before: /(?:^|[ '"`])([a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?)['"`]? is unable to perform$/,
    after: new RegExp(`^: ${assumeRole.name} on resource: `),
  },
  {
    before: /Access denied\. Check the $/,
    after: /^trust relationships for your role/,
    service: 'cloudtrail.amazonaws.com',
  },
  {
    before: /Access denied\. Verify in IAM that the role has adequate $/,
    after: /^trust relationships/,
    service: 'cloudtrail.amazonaws.com',
  },
  {
    before: /service principals \[([a-z0-9.-]{2,60})[^\]]{0,120}\] were not found in the $/,
    after: /^trust relationships? of (?:[A-Za-z]{0,20}[Rr]ole )?/,
  },
  {
    // https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/sagemaker/endpoint.go
    before:
      /(?:^|[^A-Za-z0-9])The execution role ARN ["'`]?arn:[^ ]{1,300} is invalid\. Please ensure that the role exists and that its $/,
    after: new RegExp(
      `^trust relationship policy allows the action ["'\`]?${assumeRole.name}["'\`]? for the service principal ["'\`]?([a-z0-9.-]{2,60})`,
    ),
  },
  {
    before: /Account (?:\d{12}|[*Xx]{3,12}) should have ['"`]?(?<role>[\w+=,.@-]{1,64})['"`]? role with $/,
    after: /^trust relationship to CloudFormation service/,
    service: 'cloudformation.amazonaws.com',
  },
  {
    // Lambda@Edge: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html
    before: /(?:^|[^A-Za-z])(?:[Tt]he|[Yy]our) function(?:['’]s)? execution $/,
    after:
      /^role must be assumable (?:with|by)(?: the)? ['"`]?([a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?)['"`]?(?: as well as [a-z0-9.-]{2,60})? (?:service )?principals?(?:\. Update the IAM role and try again\. Role: (?=arn:))?/,
  },
  { before: /Please grant $/, after: new RegExp(`^trust permission for ${NAME} and add`) },
  { before: /(?:missing|lacks) ([a-z0-9-]{2,30}) service principal $/, after: /^in trust policy/ },
  {
    before: /(?:^|[^A-Za-z0-9])[Tt]he (?<role>[\w+=,.@-]{1,64}) role does not have a $/,
    after: /^trust relationship (?:to|with) ['"`]?([a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?)/,
  },
  {
    // Pod Identity, also of an add-on: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    before: /(?:^|[^A-Za-z0-9])$/,
    after: /^Trust policy of the role provided is invalid/,
    service: 'pods.eks.amazonaws.com',
  },
  {
    // https://github.com/hashicorp/terraform-provider-aws/issues/35019
    before:
      /should have the DMS Regional Service Principal ['"`]?(dms\.[a-z0-9-]{2,30}\.amazonaws\.com(?:\.cn)?)['"`]? as $/,
    after: /^trusted entity/,
  },
  {
    before: /role exists and has ['"`]?([a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?)['"`]? as $/,
    after: /^trusted entity/,
  },
  { before: new RegExp(`(?:^|[^A-Za-z0-9])${NAME} must be allowed to $`), after: /^use the passed role/ },
  { before: /EMR service role [^ ]{1,400} $/i, after: /^is invalid/, service: 'elasticmapreduce.amazonaws.com' },
  { before: /IamFleetRole ['"`]?$/, after: /^is invalid/, service: 'spotfleet.amazonaws.com' },
  {
    before: new RegExp(`${EXCEPTION}(?<own>[^.]{0,200}service role ['"\`]?arn:[^ ]{1,400} )$`, 'i'),
    after: /^is invalid/,
    speaker: 'any-service',
  },
  {
    before: new RegExp(`${START}(?<own>(?:The |the |[Yy]our )?[Ss]ervice role ['"\`]?arn:[^ ]{1,400} )$`),
    after: /^is invalid(?! or )/,
    speaker: 'any-service',
  },
  {
    before: /IAM role ARN value $/i,
    after: /^is invalid or does not include the required permissions? for:? ENHANCED[_ ]MONITORING/i,
    service: 'monitoring.rds.amazonaws.com',
  },
  {
    // Features of the database itself: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddRoleToDBInstance.html
    before: /IAM role ARN value $/i,
    after:
      /^is invalid or does not include the required permissions? for:? (?![Ee](?:NHANCED|nhanced))(?=[a-z0-9]{0,20}[A-Z])[A-Za-z0-9_]{2,40}(?: [A-Z][a-z]{1,20}){0,3}/,
    service: 'rds.amazonaws.com',
  },
]

const MAX_CHARS = 420
/** A tool failed to assume a role for its user: STS says behind it who was denied what. */
const CALLER_FOLLOWS = /^["'`]{0,2}:?\s[^.]{0,60}?(?:\bUser:\s|: operation error STS[:] )/

/** The sentence with its keyword at `at`; null if the keyword belongs to another sentence. */
export function serviceTrustAt(text: string, at: number): ServiceTrust | null {
  const before = text.slice(Math.max(0, at - MAX_CHARS), at).replaceAll('\n', ' ')
  const after = text.slice(at, at + MAX_CHARS).replaceAll('\n', ' ')
  for (const { before: head, after: tail, service, speaker } of FORMS) {
    const second = tail.exec(after)
    const first = second === null ? null : head.exec(before)
    if (first === null || second === null) continue
    const named = service ?? (second[1] !== undefined ? heading(second[1]) : trailing(first[1] ?? ''))
    if (named === null && speaker === undefined) continue
    const start = at - (first.groups?.['own'] ?? first[0]).replace(/^[^A-Za-z0-9]{1,9}/, '').length
    const role =
      first.groups?.['role'] === undefined
        ? roleNear(text, start, at + second[0].length)
        : ({
            resource: null,
            unread: { kind: 'not-named', text: first.groups['role'] },
            end: at + second[0].length,
          } as const)
    if (named === null && CALLER_FOLLOWS.test(text.slice(role.end, role.end + 120))) return null
    return { service: named, isService: speaker === 'any-service', ...role, start }
  }
  return null
}

/** The service whose name starts this text. */
function heading(words: string): string | null {
  const parts = words.split(' ')
  return firstOf(parts.map((_, less) => parts.slice(0, parts.length - less).join(' ')))
}

/** The service whose name ends this text. */
function trailing(words: string): string | null {
  const parts = words.split(' ')
  return firstOf(parts.map((_, skipped) => parts.slice(skipped).join(' ')))
}

function firstOf(names: readonly string[]): string | null {
  for (const name of names) {
    const service = servicePrincipal(name)
    if (service !== null) return service
  }
  return null
}

/** The role of the same sentence: inside or after this text, else before it. */
function roleNear(text: string, start: number, stop: number): Pick<ServiceTrust, 'resource' | 'unread' | 'end'> {
  const within = text.slice(start, stop).indexOf('arn:')
  const behind = /^['"`]{0,2}[ \n:]{0,3}(?:ARN |with ARN )?[<'"`]{0,2}(?=arn:)/i.exec(text.slice(stop, stop + 20))
  const before = beforeIn(text, start)
  const from = behind !== null ? stop + behind[0].length : within !== -1 ? start + within : before
  if (from === null) return { resource: null, unread: { kind: 'not-named', text: null }, end: stop }
  const { resource, unread, end } = roleInTextAt(text, from, Math.min(text.length, from + 1_500))
  return { resource, unread, end: Math.max(stop, end) }
}

/** Not the function or the stack that has the role. */
function beforeIn(text: string, start: number): number | null {
  const from = Math.max(0, start - MAX_CHARS)
  const before = text.slice(from, start)
  const arn = before.lastIndexOf('arn:')
  const rest = arn === -1 ? '' : before.slice(arn)
  const [, partition, service] = rest.split(':', 3)
  const isOfIam = service === 'iam' || partition === 'iam'
  return !isOfIam || /[.!?] [A-Z]|\n\n/.test(rest) ? null : from + arn
}
