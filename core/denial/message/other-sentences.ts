/** Denials with other sentences: of service-linked roles, of tools around STS, and of STS without details. */
import { actionWithOrWithoutPrefix, type DeniedAction } from '../../actions/index.ts'
import type { Unread } from '../denial.ts'
import { roleInTextAt } from './role-in-sentence.ts'
import { servicePrincipal } from './service-names.ts'

export type OtherSentence = {
  readonly action: DeniedAction
  /** The principal of a denied service. */
  readonly subject: string | null
  readonly resource: string | null
  readonly unread: Unread | null
  /** The service whose service-linked role is missing, if the text names it. */
  readonly linkedService: string | null
  /** A service reports that the role it works with cannot assume another. */
  readonly isService: boolean
  readonly start: number
  readonly end: number
}

/** STS without details, in the SDKs for Java, which name the call only in the frames of their trace: up to the next exception. */
export const JAVA_WORDS = ['Service: AWSSecurityTokenService; ', 'Service: Sts, '] as const
const OF_JAVA =
  /^Service: (?:AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied;|Sts, Status Code: 403,)[^()]{1,300}\)(?=(?:(?!(?:Exception|Error): )[\s\S]){0,3000}?\b(?:AWSSecurityTokenService|DefaultSts)(?:Async)?Client\.(?:execute)?(AssumeR[A-Za-z]{1,40})\()/i
const MAX_TRACE_CHARS = 3_500

/** A tool says what it did, and STS no more than that it was denied. */
export const ASSUMING_WORD = 'assuming role'

/** Keywords of these sentences. */
export const OTHER_WORDS = [
  'assume',
  'AssumeRole',
  'get token: ',
  ASSUMING_WORD,
  'Aws::STS::Client 403 ',
  ...JAVA_WORDS,
  'inked role',
  'inked Role',
  'ServiceLinkedRole operation',
  'ServiceLinkedRole, ',
  'LinkedRoleNotFound',
  'trust relationship',
] as const

type Form = {
  readonly before: RegExp
  readonly after: RegExp
  readonly read: (match: {
    readonly before: string
    readonly after: readonly (string | undefined)[]
  }) => Partial<OtherSentence>
}

const NOT_NAMED = { kind: 'not-named', text: null } as const

const linked = (service: string | null): Partial<OtherSentence> => ({
  action: 'iam:CreateServiceLinkedRole',
  linkedService: service,
})

const named = (operation: string | undefined): Partial<OtherSentence> => {
  const action = actionWithOrWithoutPrefix(operation)
  return action === null ? {} : { action }
}

const FORMS: readonly Form[] = [
  {
    before: /(?:does not have|lacks) permissions? to create (?:a|the) [Ss]ervice[ -]?[Ll]$/,
    after: /^inked [Rr]ole(?: (?:for|in) ([A-Za-z0-9 ]{2,40}))?/,
    read: ({ after }) => linked(after[1] === undefined ? null : servicePrincipal(after[1])),
  },
  {
    before: /(?:do|does) not have permissions? to create (?:the|a) [Ss]ervice[ -]?[Ll]$/,
    after: /^inked role for EC2 Spot (Instances|Fleet)/,
    read: ({ after }) => linked(after[1] === 'Fleet' ? 'spotfleet.amazonaws.com' : 'spot.amazonaws.com'),
  },
  {
    before: /Failed to create service l$/,
    after:
      /^inked role: (AWSServiceRoleFor[A-Za-z0-9_]{2,60}) due to missing permissions for '[a-z]{1,10}:[A-Za-z]{1,60}'/,
    read: ({ after }) => linked(serviceOfRole(after[1] ?? '')),
  },
  {
    // https://docs.aws.amazon.com/emr/latest/ManagementGuide/using-service-linked-roles-cleanup.html
    before: /Service-l$/,
    after:
      /^inked role ['"]?(AWSServiceRoleFor[A-Za-z0-9_]{2,60})['"]? for [A-Za-z0-9 ]{2,40} is required\. Please create this role directly or add permission to create it/,
    read: ({ after }) => linked(serviceOfRole(after[1] ?? '')),
  },
  {
    before: /[Vv]erify that you have permissions? to create (?:a |the )?[Ss]ervice[ -]?[Ll]$/,
    after: /^inked [Rr]ole/,
    read: () => linked('rds.amazonaws.com'),
  },
  {
    before: /(?:^|[^A-Za-z])Service$/,
    after: /^LinkedRoleNotFoundFault: This action cannot be completed due to insufficient permissions/,
    read: () => linked('elasticache.amazonaws.com'),
  },
  {
    before: /Unable to $/i,
    after:
      /^assume the service[ -]linked role\. (?:Please )?verify that the ([A-Za-z0-9 ]{2,30}) service[ -]linked role exists/i,
    read: ({ after }) => {
      const service = after[1] === 'ECS' ? 'ecs.amazonaws.com' : servicePrincipal(after[1] ?? '')
      return { action: 'sts:AssumeRole', subject: service, linkedService: service }
    },
  },
  {
    before: /(?:^|[^A-Za-z])The (?:Amazon |AWS )?([A-Za-z0-9][A-Za-z0-9 ]{1,30}) Service[ -]L$/i,
    after: /^inked Role does not exist/i,
    read: ({ before }) => {
      const name = /The (?:Amazon |AWS )?([A-Za-z0-9 ]{1,32}) Service[ -]L$/i.exec(before)?.[1] ?? ''
      return linked(name.toUpperCase() === 'ECS' ? 'ecs.amazonaws.com' : servicePrincipal(name))
    },
  },
  {
    before: /Access ?denied when calling (?:the )?Create$/i,
    after: /^ServiceLinkedRole operation/,
    read: () => linked(null),
  },
  {
    before: /\(AccessDenied\) when calling the Create$/,
    after: /^ServiceLinkedRole operation: (?:Access ?denied|An unknown error occurred)/i,
    read: () => linked(null),
  },
  {
    before: /operation error IAM[:] Create$/,
    after:
      /^ServiceLinkedRole, (?:https response error StatusCode: \d{3}, RequestID: [\w-]{0,60}, )?api error AccessDenied: (?:Access ?denied|An unknown error occurred)/i,
    read: () => linked(null),
  },
  {
    before: /\(AccessDenied\) when calling the $/,
    after: /^(AssumeR[A-Za-z]{1,40}) operation: (?:Access ?denied|An unknown error occurred)/i,
    read: ({ after }) => named(after[1]),
  },
  {
    before: /operation error STS[:] $/,
    after:
      /^(AssumeR[A-Za-z]{1,40}), (?:https response error StatusCode: \d{3}, RequestID: [\w-]{0,60}, )?api error AccessDenied: (?:Access ?denied|An unknown error occurred)/i,
    read: ({ after }) => named(after[1]),
  },
  {
    // https://github.com/cloud-custodian/cloud-custodian/blob/00f0038b1b565fdb2516f8f7dc97e9df15773f71/tools/c7n_org/c7n_org/cli.py
    before: /(?:^|[^A-Za-z])Access denied api:$/,
    after: /^(AssumeR[A-Za-z]{1,40})(?= policy:)/,
    read: ({ after }) => named(after[1]),
  },
  {
    // The log of the SDK for Ruby.
    before: /\[$/,
    after:
      /^Aws::STS::Client 403 [0-9.]{1,12} \d{1,3} retries\] (assume_role(?:_with_[a-z_]{4,12})?)\((?:role_arn:"(?=arn:))?(?=.{0,250} Aws::STS::Errors::AccessDenied Access denied)/i,
    read: ({ after }) => named(after[1]?.replaceAll('_', '')),
  },
  {
    before: /[Ee]rror $/,
    after: /^assuming role:? AccessDenied: Access ?denied/i,
    read: () => ({ action: 'sts:AssumeRole' }),
  },
  {
    // A tool names the role, and of the answer of STS no more than its code.
    before: /(?:[Ff]ailed|[Uu]nable|not permitted) to $|(?:[Cc]ould not|[Cc]annot|[Cc]an't) $/,
    after:
      /^assume (?:the )?(?:specified |resolved |target |IAM )?role ['"`(]{0,2}(?=arn:[^\s'"`(),;]{10,200}['"`)]{0,2} ?(?:for [\w .-]{1,60})?: ?(?:An error occurred \(AccessDenied\) when calling the (AssumeR[A-Za-z]{1,40}) operation|AccessDenied|[Aa]ccess [Dd]enied)(?: \(Service: (?:AWSSecurityTokenService|Sts)[;,][^()]{1,200}\))?(?!\w| ?[:(]| (?:to|for|on|by|from|in|when|while|because|with|as)\b))/,
    read: ({ after }) => (after[1] === undefined ? { action: 'sts:AssumeRole' } : named(after[1])),
  },
  {
    // Functions of custom rules write this over the answer of STS: their own role was denied, not AWS Config.
    // https://github.com/awslabs/aws-config-rdklib/blob/bf1e906816cfccccce59ad729c1431d268823efc/rdklib/clientfactory.py
    before: /(?<!= ?["']AWS )\bConfig does not have permission to $/,
    after: /^assume the IAM role/,
    read: () => ({}),
  },
  {
    before: /could not $/,
    after: /^get token: AccessDenied(?!: (?:User: |[Nn]ot authorized ))/,
    read: () => ({ action: 'sts:AssumeRole' }),
  },
  {
    // CloudFormation StackSets: its administration role cannot assume the execution role of an account, whose ARN is not named.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-troubleshooting.html
    before:
      /Account (?:[<[{(][^<>[\]\n'"]{1,60}[>\]})]|[^\s'"]{1,60}) should have ['"`]?[\w+=,.@-]{1,64}['"`]? role with $/,
    after: /^trust relationship to [Rr]ole ['"`]?(?:[\w+=,.@-]{1,64}\/){0,4}([\w+=,.@-]{0,63}[\w+=@-])/,
    read: ({ before, after }) => ({
      subject: after[1] ?? null,
      isService: true,
      unread: { kind: 'not-named', text: /should have ['"`]?([\w+=,.@-]{1,64})/.exec(before)?.[1] ?? null },
    }),
  },
  {
    // Control Tower: https://docs.aws.amazon.com/controltower/latest/userguide/awscontroltowerexecution.html
    before: /(?:^|[^A-Za-z0-9])The ([A-Za-z0-9][\w+=,.@-]{0,59}Role) is unable to $/,
    after: /^assume the ([\w+=,.@-]{1,64}) role\b/,
    read: ({ before, after }) => ({
      subject: /The ([\w+=,.@-]{1,64}) is unable to $/.exec(before)?.[1] ?? null,
      isService: true,
      unread: { kind: 'not-named', text: after[1] ?? null },
    }),
  },
  {
    // A task of a state machine that names a role of its own.
    // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
    before: /[Tt]he role (?:arn:[^ ]{1,220}) is not authorized to $/,
    after: /^assume the task state's role,? /,
    read: ({ before }) => ({ subject: /arn:[^ ]{1,220}/.exec(before)?.[0] ?? null }),
  },
]

/** The CDK's warning names the role and no caller. */
const CDK = /^assume ['"`]?(?=arn:)/

const MAX_CHARS = 300

/** The sentence with its keyword at `at`; null if the keyword belongs to another sentence. */
export function otherSentenceAt(text: string, at: number): OtherSentence | null {
  const before = text.slice(Math.max(0, at - MAX_CHARS), at).replaceAll('\n', ' ')
  const after = text.slice(at, at + MAX_CHARS).replaceAll('\n', ' ')
  const cdk = CDK.exec(after)
  if (cdk !== null && /could not be used to $/.test(before)) {
    const { resource, unread, end } = roleInTextAt(text, at + cdk[0].length, Math.min(text.length, at + 1_500))
    return { ...NOTHING, action: 'sts:AssumeRole', resource, unread, start: at - 'could not be used to '.length, end }
  }
  const java = /Access ?denied \($/i.test(before) ? OF_JAVA.exec(text.slice(at, at + MAX_TRACE_CHARS)) : null
  if (java !== null) {
    const start = at - (/Access ?denied \($/i.exec(before)?.[0].length ?? 0)
    return { ...NOTHING, ...named(java[1]), start, end: at + java[0].length }
  }
  for (const { before: head, after: tail, read } of FORMS) {
    const second = tail.exec(after)
    const first = second === null ? null : head.exec(before)
    if (first === null || second === null) continue
    const found = { ...NOTHING, ...read({ before: first[0], after: second }) }
    const behind = at + second[0].length
    const role = text.startsWith('arn:', behind) ? roleInTextAt(text, behind, Math.min(text.length, at + 1_500)) : {}
    return { ...found, end: behind, ...role, start: at - first[0].length }
  }
  return null
}

const NOTHING = {
  action: 'sts:AssumeRole',
  subject: null,
  resource: null,
  unread: NOT_NAMED,
  linkedService: null,
  isService: false,
} as const

/** Service-linked roles that texts name without their path. */
const LINKED_ROLES: { readonly [role: string]: string } = {
  AWSServiceRoleForAmazonEKS: 'eks',
  AWSServiceRoleForAmazonEKSNodegroup: 'eks-nodegroup',
  AWSServiceRoleForAmazonEKSForFargate: 'eks-fargate',
  AWSServiceRoleForAutoScaling: 'autoscaling',
  AWSServiceRoleForEC2Spot: 'spot',
  AWSServiceRoleForEC2SpotFleet: 'spotfleet',
  AWSServiceRoleForECS: 'ecs',
  AWSServiceRoleForEMRCleanup: 'elasticmapreduce',
  AWSServiceRoleForElasticLoadBalancing: 'elasticloadbalancing',
  AWSServiceRoleForElastiCache: 'elasticache',
  AWSServiceRoleForRDS: 'rds',
}

const serviceOfRole = (role: string): string | null =>
  Object.hasOwn(LINKED_ROLES, role) ? `${LINKED_ROLES[role]}.amazonaws.com` : null
