import type { Refusal } from '../base/result.ts'
import type { Authorization } from '../iam/evaluation/authorization.ts'
import type { ServiceRule } from '../iam/evaluation/evaluation.ts'

/** The EventBridge rules that deliver denials. */
export type EventRule =
  | 'pass-role'
  | 'cross-account-pass-role'
  | 'service-linked-role'
  | 'assume-role'
  | 'assume-role-elsewhere'
  | 'ec2-encoded'

/**
 * Resource types of the Service Authorization Reference. Only a role has a trust policy.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
export type TargetType = 'role' | 'self-session' | 'root-user'

/** Everything that is particular to one denied action. No other code compares the names of actions. */
export type ActionDescriptor = {
  /** As policies, messages and the JSON output spell it. */
  readonly name: `${'iam' | 'sts'}:${string}`
  /** Who calls: a principal of AWS, or the holder of a token, whom no message names. */
  readonly caller: 'principal' | 'web-identity' | 'saml'
  readonly record: {
    /** Every rule that can deliver a denial of it. */
    readonly rules: readonly EventRule[]
    /** The STS operations that are denied under their own name for lack of it. Empty: any call may need it. */
    readonly operations: readonly string[]
    /** What tells the action: AWS's sentence, or the operation alone where the event often has no sentence. */
    readonly namedBy: 'message' | 'operation'
  }
  readonly message: {
    /** Texts of AWS that name no action, and what they say. */
    readonly fixed: readonly { readonly text: RegExp; readonly reason: Exclude<ServiceRule, 'reserved-role'> }[]
  }
  readonly authorization: Authorization
  readonly target: {
    /** The resource types it takes. Anything else that a denial names was not what the caller meant. */
    readonly types: readonly TargetType[]
    /** False: the call creates it, so its absence explains nothing. */
    readonly mustExist: boolean
    /** Where the call names it when the message does not. */
    readonly namedIn: 'passed-roles' | 'role-arn' | 'message-only'
  }
  /** The call hands roles to a service, several at times, and may send `iam:PassedToService` with each. */
  readonly passesRoles: boolean
  /** The condition key that names the service the role is for. */
  readonly serviceKey: 'iam:PassedToService' | 'iam:AWSServiceName' | null
  /** Condition keys whose values the call itself shows; null where it does not. */
  readonly contextOf: (call: DeniedCall) => { readonly [key: string]: string | null }
  readonly draft: DraftKind
  readonly controls: {
    /** Control requests ask for this action too: no patch for another action may change its answer. */
    readonly asked: boolean
    /** Other actions that a patch for this one may also allow on the same role. */
    readonly alsoMeant: readonly string[]
  }
  /** What the call adds to the session, and could leave out; null where it adds nothing. */
  readonly addsToSession: SessionPart | null
  readonly wording: {
    /** Follows "may not", before the role. */
    readonly deed: string
    /** What a caller who is root should know; follows "The caller is the root user of …: ". */
    readonly root: string
    /** Follows "it can be neither"; null where one of AWS's own roles is a possible target. */
    readonly reservedRole: string | null
    /** What besides policies can deny it, as a next step; null where only policies do. */
    readonly besidesPolicies: string | null
  }
}

export type SessionPart = {
  /** As a sentence calls it. */
  readonly what: string
  /** How each tool is told to leave it out; follows "leave it out: ". */
  readonly leaveOut: { readonly [tool: string]: string; readonly otherwise: string }
}

/** What may be drafted for the action. */
export type DraftKind =
  /** A statement of the caller for each receiving service. */
  | { readonly kind: 'pass-role' }
  /** A statement of the caller for the one service of the role. */
  | { readonly kind: 'service-linked-role' }
  /** The same statement on the caller's side and in the trust policy, narrowed to what the denial shows. */
  | { readonly kind: 'session'; readonly narrowedBy: Narrowing | null }
  /** One more value in a condition of the trust policy; never a statement. */
  | { readonly kind: 'claim' }
  | { readonly kind: 'nothing'; readonly refusal: Refusal }

/** A condition on the values that the denied call sent, where the denial shows them. */
export type Narrowing = {
  readonly operator: 'StringEquals' | 'ForAllValues:StringEquals'
  readonly key: string
  /** The alphabet of its values: IAM's for tag keys, or that for other names. */
  readonly values: 'tag-keys' | 'names'
}

/** What a denied call says about itself, as far as its record or text shows. */
export type DeniedCall = {
  readonly eventSource: string | null
  readonly resource: string | null
  /** A text parameter of the call, by its path: `taskPolicyArn.arn`. */
  readonly parameter: (name: string) => string | null
}
