import type { DeniedAction } from '../actions/actions.ts'
import type { ContextFacts } from '../iam/conditions/context.ts'
import type { PolicyDocument, PolicyType } from '../iam/policy/policy-document.ts'
import type { Evidence } from './passed-service/service-facts.ts'

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
  /** As AWS named it: a session ARN, a user ARN. */
  readonly arn: string | null
  /** The role behind a session; its path is right only when `pathKnown`. */
  readonly roleArn: string | null
  readonly pathKnown: boolean
  readonly accountId: string | null
  /** Role or user name. */
  readonly name: string | null
  readonly sessionName: string | null
  /** `AIDA…`, `AROA…:session`: CloudTrail's principalId. */
  readonly uniqueId: string | null
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

/** A value of `iam:PassedToService`, and how it is known. */
export type ServiceValue = {
  readonly service: string
  /** `trust` is a guess: whom such a role usually trusts. */
  readonly evidence: Evidence
  /** The managed policy that names it. */
  readonly source: string | null
}

/** What a call may send as `iam:PassedToService` for one role. */
export type PassedService = {
  /** As the best evidence has it; empty where nothing is known of the call. */
  readonly values: readonly ServiceValue[]
  /** True where the call may send no value. */
  readonly mayBeAbsent: boolean
  /** True where the values are those of the whole call, of which it sends some for this role. */
  readonly narrowable: boolean
  /** What weaker evidence names instead: said, never granted. */
  readonly disputed: readonly ServiceValue[]
  /** Services of which one assumes the role, which need not be the one that the call names; empty: not known. */
  readonly assumedBy: readonly string[]
}

/** One role that the denied call passes. A call may pass several (ECS task and execution role). */
export type PassedRole = {
  readonly arn: string
  /** Where in `requestParameters` it stood; null when only the message names it. */
  readonly parameter: string | null
  readonly service: PassedService
}

/** What a web identity or SAML caller presented. */
export type FederatedClaims = {
  /** The OIDC or SAML provider: its ARN where the event has one, else its host. */
  readonly provider: string | null
  readonly subject: string | null
  readonly audience: string | null
}

/** AWS's own evaluation: from the decoded EC2 message or the authorization details. */
export type AwsEvaluation = {
  readonly source: 'decoded-message' | 'authorization-details'
  readonly allowed: boolean
  readonly explicitDeny: boolean
  readonly action: string | null
  readonly resource: string | null
  /** Sids or ids of the statements that AWS says matched, with the policy they stand in where given. */
  readonly matchedStatements: readonly {
    readonly policy: string | null
    readonly sid: string | null
    readonly effect: string
  }[]
  readonly context: ContextFacts
  /** Policies that hold a statement which denied; empty where AWS gave none. */
  readonly policies: readonly CapturedPolicy[]
}

/**
 * A policy as it was when AWS evaluated the request. Actions of other services may be left out of it, and it may have
 * changed since: it tells why the request was denied, never what holds now.
 */
export type CapturedPolicy = {
  /** The ARN of a managed policy, an opaque id of an inline one. */
  readonly uri: string
  /** Null: AWS does not say. */
  readonly type: PolicyType | null
  readonly attachedTo: string | null
  /** Sids of the statements that denied. AWS makes one up for a statement without; null where it gives none. */
  readonly denies: readonly (string | null)[]
  readonly document: PolicyDocument
}

/** Why a text does not tell which role it is about. */
export type Unread = {
  /**
   * `not-named`: the text names none; `masked`, `placeholder`: what stands there hides it; `cut`: its end is missing;
   * `malformed`: what stands there is no ARN.
   */
  readonly kind: 'not-named' | 'masked' | 'placeholder' | 'cut' | 'malformed'
  /** What stands where the role belongs, if that helps. Hostile text: escape where shown. */
  readonly said: string | null
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

/** What stands around a denial in a text. It may lead a reader; it proves nothing. */
export type TextHints = {
  readonly tool: Tool | null
  /** Who issued the token of a web identity. */
  readonly provider: 'github' | 'eks' | null
  /** A role that a setting or a message beside the sentence names. */
  readonly roleBeside: string | null
  /** The service whose service-linked role is missing. */
  readonly linkedService: string | null
  /** The CDK says that the environment lacks its bootstrap. */
  readonly notBootstrapped: boolean
  /** The CDK says that the role is there. */
  readonly roleExists: boolean
  /** The tool says that its profile has no MFA device. */
  readonly noMfaSerial: boolean
}

/** One denied request, read from one CloudTrail record or from the error text on somebody's screen. All plain data. */
export type Denial = {
  /** CloudTrail eventID; for an error text, a digest. */
  readonly id: string
  readonly source: 'cloudtrail' | 'message'
  readonly timeMs: number | null
  /** The account where it was logged: the caller's. */
  readonly accountId: string | null
  readonly region: string | null
  readonly partition: string
  readonly action: DeniedAction
  readonly principal: Principal
  /** The role ARN as AWS named it; null when nothing names it. */
  readonly resource: string | null
  /** Of an error text: why `resource` is null. */
  readonly unread?: Unread
  /** Of an error text: what stands around it. */
  readonly hints?: TextHints
  /** Of an error text: the role stands in the log beside the sentence, not in it. */
  readonly roleFromLog?: true
  /** Of an error text that hides account ids: the account that was taken for them, and whose it is. */
  readonly accountFrom?: { readonly accountId: string; readonly of: string }
  readonly reason: DenialReason
  readonly reasonPolicyArn: string | null
  readonly authorizationId: string | null
  /** EC2's encoded message; `cut` when CloudTrail or a person truncated it, so that it cannot be decoded. */
  readonly encodedMessage: { readonly blob: string; readonly cut: boolean } | null
  readonly call: { readonly eventSource: string | null; readonly eventName: string | null }
  /** The service that acted for the principal, e.g. `cloudformation.amazonaws.com`. */
  readonly via: string | null
  /** Name of the CloudFormation stack that the call was made for, or is about; absent when nothing names it. */
  readonly stack?: string
  /** iam:PassRole only: every role of the call, the denied one first. */
  readonly passes: readonly PassedRole[]
  readonly claims: FederatedClaims | null
  /** Condition keys that the event shows. A key that is not here is unknown. */
  readonly context: ContextFacts
  readonly awsEvaluation: AwsEvaluation | null
  /** AWS's sentence, bounded, without the encoded blob. Hostile text: escape where shown. */
  readonly message: string
}

/** A readable record that is not a denial of ours. */
export type NotOurs = { readonly kind: 'not-ours'; readonly why: string }
/** Something that cannot be read as a CloudTrail record or a denial. */
export type Unreadable = { readonly kind: 'unreadable'; readonly why: string }
export type ParsedDenial = { readonly kind: 'denial'; readonly denial: Denial } | NotOurs | Unreadable
