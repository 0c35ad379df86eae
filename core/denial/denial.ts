import type { DeniedAction } from '../actions/index.ts'
import type { ContextFacts, PolicyDocument, PolicyType } from '../iam/index.ts'
import type { ServiceEvidence } from './passed-service/service-facts.ts'

export const PRINCIPAL_KINDS = [
  'user',
  'role',
  'sso-role',
  'service-linked-role',
  'root',
  'federated-user',
  'web-identity',
  'saml',
  'service',
  'unknown',
] as const
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

export type Principal = {
  readonly kind: PrincipalKind
  /** The principal as AWS names it: a session ARN or a user ARN. */
  readonly arn: string | null
  /** The role behind a session. Its path is known only if `pathKnown`. */
  readonly roleArn: string | null
  readonly pathKnown: boolean
  readonly accountId: string | null
  /** Role or user name. */
  readonly name: string | null
  readonly sessionName: string | null
  /** CloudTrail's principalId: `AIDA…`, or `AROA…:session`. */
  readonly uniqueId: string | null
  /** The key of its session. Absent: the event shows none. */
  readonly sessionKey?: string
}

export const DENIAL_REASONS = [
  'none-given',
  'no-identity-policy',
  'no-trust-policy',
  'no-resource-policy',
  'no-boundary',
  'no-session-policy',
  'no-scp',
  'no-rcp',
  'no-vpce-policy',
  'explicit-deny',
  'explicit-deny-identity',
  'explicit-deny-trust',
  'explicit-deny-resource',
  'explicit-deny-boundary',
  'explicit-deny-session',
  'explicit-deny-scp',
  'explicit-deny-rcp',
  'explicit-deny-vpce',
  'cross-account-pass-role',
  'root-cannot-assume',
] as const
export type DenialReason = (typeof DENIAL_REASONS)[number]

/** A value of `iam:PassedToService`, with its evidence. */
export type ServiceValue = {
  readonly service: string
  /** `trust` is a guess: the service that such a role usually trusts. */
  readonly evidence: ServiceEvidence
  /** The AWS managed policy that names the value. */
  readonly source: string | null
}

/**
 * True for a call that an agent makes through an MCP server that AWS runs: `aws-mcp`, `eks-mcp`, `ecs-mcp`, `sagemaker-mcp`.
 * Only AWS sets `invokedBy`.
 * https://aws.amazon.com/blogs/security/understanding-iam-for-managed-aws-mcp-servers
 * https://docs.aws.amazon.com/agent-toolkit/latest/userguide/security_iam_id-based-policy-examples.html
 */
export const isAgentServer = (via: string | null): boolean =>
  via !== null && /^[a-z0-9]{1,40}-mcp\.amazonaws\.com(\.cn)?$/.test(via)

/** What the call may send as `iam:PassedToService` for one role. */
export type PassedService = {
  /** Values from the best evidence. Empty: nothing is known about the call. */
  readonly values: readonly ServiceValue[]
  /** True when the call may send no value. */
  readonly mayBeAbsent: boolean
  /** True when the values are those of the whole call, which sends only some of them for this role. */
  readonly narrowable: boolean
  /** Values from weaker evidence: shown, never granted. */
  readonly disputed: readonly ServiceValue[]
  /** Services that may assume the role. They can differ from the one that the call names. Empty: unknown. */
  readonly assumedBy: readonly string[]
  /** Values that a grant already allowed when AWS denied this call. Absent: there was no such grant. */
  readonly ruledOut?: readonly RuledOut[]
}

/** A value that the call does not send, with the statement that allowed it without effect. */
export type RuledOut = {
  /** Null: the call sends some value, so absence is ruled out. */
  readonly service: string | null
  readonly policy: string
  readonly sid: string | null
}

/** One role that the denied call passes. A call may pass several, such as an ECS task role and execution role. */
export type PassedRole = {
  readonly arn: string
  /** Its path in `requestParameters`. Null: only the message names the role. */
  readonly parameter: string | null
  readonly service: PassedService
}

/** The claims of a web identity or SAML caller. */
export type FederatedClaims = {
  /** The OIDC or SAML provider: its ARN if the event has one, otherwise its host. */
  readonly provider: string | null
  readonly subject: string | null
  readonly audience: string | null
}

/** AWS's own evaluation, from the decoded EC2 message or the authorization details. */
export type AwsEvaluation = {
  readonly source: 'decoded-message' | 'authorization-details'
  readonly allowed: boolean
  readonly explicitDeny: boolean
  readonly action: string | null
  readonly resource: string | null
  /** Sids or ids of the matched statements, with their policy if AWS names it. */
  readonly matchedStatements: readonly {
    readonly policy: string | null
    readonly sid: string | null
    readonly effect: string
  }[]
  readonly context: ContextFacts
  /** Policies with a statement that denied. Empty: AWS returned none. */
  readonly policies: readonly CapturedPolicy[]
}

/** A denial names its principal itself, so that this one is not stored with it. */
export type DecodedEvaluation = AwsEvaluation & {
  /** The ARN of who was denied. Absent: AWS names nobody. */
  readonly principal?: string
}

/**
 * A policy at the time of AWS's evaluation. It may lack actions of other services and may have changed since. It shows why the
 * request was denied, never what is allowed now.
 */
export type CapturedPolicy = {
  /** The ARN of a managed policy, or an opaque id of an inline policy. */
  readonly uri: string
  /** Null: AWS does not say. */
  readonly type: PolicyType | null
  readonly attachedTo: string | null
  /** Sids of the statements that denied; AWS invents one for a statement without a Sid. Null: AWS returned none. */
  readonly denies: readonly (string | null)[]
  readonly document: PolicyDocument
}

/** Why an error text does not identify its role. */
export type Unread = {
  /**
   * `not-named`: the text names none; `masked`, `placeholder`: the name is redacted; `cut`: its end is missing;
   * `malformed`: it is not an ARN.
   */
  readonly kind: 'not-named' | 'masked' | 'placeholder' | 'cut' | 'malformed'
  /** The text in place of the role's name, if it helps. Hostile text: escape it where it is shown. */
  readonly text: string | null
}

export const TOOLS = [
  'amplify',
  'aws-cli',
  'aws-vault',
  'cdk',
  'github-action',
  'kubectl',
  'kubernetes',
  'pulumi',
  'sam',
  'serverless',
  'terraform',
  'vault',
] as const
export type Tool = (typeof TOOLS)[number]

/** Hints from the text around a denial. They help a reader and prove nothing. */
export type TextHints = {
  readonly tool: Tool | null
  /** The issuer of a web identity's token. */
  readonly provider: 'github' | 'eks' | null
  /** The role that a setting or message near the sentence names. */
  readonly roleBeside: string | null
  /** The service whose service-linked role is missing. */
  readonly linkedService: string | null
  /** The CDK reports that the environment is not bootstrapped. */
  readonly notBootstrapped: boolean
  /** The CDK reports that the role exists. */
  readonly roleExists: boolean
  /** The tool reports that its profile has no MFA device. */
  readonly noMfaSerial: boolean
  /** An external id is mentioned near the sentence. */
  readonly externalId?: true
  /** MFA is mentioned near the sentence. */
  readonly mfa?: true
  /** The subject of a web identity's token, where it is near the sentence. Hostile text: escape where shown. */
  readonly subject?: string
}

/** One denied request, parsed from a CloudTrail record or from an error text. Plain data. */
export type Denial = {
  /** CloudTrail's eventID; a digest for an error text. */
  readonly id: string
  /** The eventID of the record whose place this one takes. Absent: CloudTrail corrected none. */
  readonly corrects?: string
  readonly source: 'cloudtrail' | 'message'
  readonly timeMs: number | null
  /** The account that logged the denial: the caller's. */
  readonly accountId: string | null
  readonly region: string | null
  readonly partition: string
  readonly action: DeniedAction
  readonly principal: Principal
  /** The role ARN as AWS names it. Null: the denial names none. */
  readonly resource: string | null
  /** For error texts: why `resource` is null. */
  readonly unread?: Unread
  /** For error texts: hints from the text around the denial. */
  readonly hints?: TextHints
  /** For error texts: the log names the role near the sentence, not in it. */
  readonly roleFromLog?: true
  /** For error texts with redacted account ids: the account that was filled in, and the role by which it was found. */
  readonly accountFrom?: { readonly accountId: string; readonly of: string }
  readonly reason: DenialReason
  readonly reasonPolicyArn: string | null
  readonly authorizationId: string | null
  /** EC2's encoded message. `cut`: CloudTrail or a person truncated it, so it cannot be decoded. */
  readonly encodedMessage: { readonly blob: string; readonly cut: boolean } | null
  readonly call: { readonly eventSource: string | null; readonly eventName: string | null }
  /** The service that acted on behalf of the principal, such as `cloudformation.amazonaws.com`. */
  readonly via: string | null
  /** The CloudFormation stack that made the call or that the call concerns. Absent: unknown. */
  readonly stack?: string
  /** For iam:PassRole: every role of the call, the denied one first. */
  readonly passes: readonly PassedRole[]
  readonly claims: FederatedClaims | null
  /** Condition keys that the event shows. All other keys are unknown. */
  readonly context: ContextFacts
  readonly awsEvaluation: AwsEvaluation | null
  /** AWS's sentence without the encoded message, with bounded length. Hostile text: escape it where it is shown. */
  readonly message: string
}

/** True for a call that a deploy will make: nobody was denied it yet, and AWS said nothing. */
export const isPlanned = ({ source, message }: Pick<Denial, 'source' | 'message'>): boolean =>
  source === 'message' && message === ''

/** A readable record that is not a denial of one of rolemedic's actions. */
/** `unclear`: AWS refused something that may be one of rolemedic's actions; `why` says what was seen and what to do. */
export type NotOurs = { readonly kind: 'not-ours'; readonly why: string; readonly unclear?: true }
/** Input that is neither a CloudTrail record nor an error text of a denial. */
export type Unreadable = { readonly kind: 'unreadable'; readonly why: string }
export type ParsedDenial = { readonly kind: 'denial'; readonly denial: Denial } | NotOurs | Unreadable
