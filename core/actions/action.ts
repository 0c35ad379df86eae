import type { Refusal } from '../base/index.ts'
import type { Authorization, ServiceRule } from '../iam/index.ts'

/** The EventBridge rules that deliver denials. */
export type DenialEventRule = 'by-message' | 'assume-role' | 'assume-role-elsewhere' | 'ec2-encoded'

/**
 * Resource types of the Service Authorization Reference. Only a role has a trust policy.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
export type TargetType = 'role' | 'self-session' | 'root-user'

/** Everything that is specific to one denied action. No other code compares names of actions. */
export type ActionDescriptor = {
  /** Spelled as in policies, messages and the JSON output. */
  readonly name: `${'iam' | 'sts'}:${string}`
  /** `web-identity`, `saml`: the caller holds a token and has no AWS principal, so messages do not name it. */
  readonly caller: 'principal' | 'web-identity' | 'saml'
  readonly record: {
    readonly rules: readonly DenialEventRule[]
    /** Operations that fail without it, under their own event name. Empty: calls of any service may need it. */
    readonly operations: readonly string[]
    /** What identifies the action: the message, or the operation when the event often has no message. */
    readonly namedBy: 'message' | 'operation'
  }
  readonly message: {
    /** AWS's fixed messages that name no action, each with the service rule that it reports. */
    readonly fixed: readonly {
      readonly text: RegExp
      readonly reason: Exclude<ServiceRule, 'reserved-role' | 'federated-user-cannot-assume'>
    }[]
  }
  readonly authorization: Authorization
  readonly target: {
    /** Valid resource types. A denial that names any other type is a mistake of the caller. */
    readonly types: readonly TargetType[]
    /** False: the call creates the target, so its absence explains no denial. */
    readonly mustExist: boolean
    /** Where the call names the target if the message does not. */
    readonly namedIn: 'passed-roles' | 'role-arn' | 'message-only'
  }
  /** The call passes one or more roles to a service, and may send `iam:PassedToService` with each. */
  readonly passesRoles: boolean
  /** The condition key with the service of the role. */
  readonly serviceKey: 'iam:PassedToService' | 'iam:AWSServiceName' | null
  /** The values of condition keys that the call shows. Null: the call does not show the key. */
  readonly contextOf: (call: DeniedCall) => { readonly [key: string]: string | null }
  readonly draft: DraftKind
  /** Other actions that a patch for this one may allow on the same role. */
  readonly alsoMeant: readonly string[]
  /** What the call adds to the session and could leave out. Null: nothing. */
  readonly addsToSession: SessionPart | null
  readonly wording: {
    /** The verb of the sentence "… may not <verb> <role>". */
    readonly verb: string
    /** The explanation for a root caller; follows "The caller is the root user of …: ". */
    readonly root: string
    /** Follows "it can be neither"; null if AWS's own roles are valid targets. */
    readonly reservedRole: string | null
    /** Causes other than policies, as a next step. Null: only policies can deny the action. */
    readonly besidesPolicies: string | null
  }
}

export type SessionPart = {
  /** Its name in a sentence. */
  readonly what: string
  /** How to stop each tool from sending it; follows "Leave out … if nothing needs it: ". */
  readonly leaveOut: { readonly [tool: string]: string; readonly otherwise: string }
}

/** What may be drafted for the action. */
export type DraftKind =
  /** A statement for the caller per receiving service. */
  | { readonly kind: 'pass-role' }
  /** A statement for the caller and the service of the role. */
  | { readonly kind: 'service-linked-role' }
  /** The same statement for the caller and in the trust policy, narrowed to what the denial shows. */
  | { readonly kind: 'session'; readonly narrowedBy: Narrowing | null }
  /** Only another value in a condition of the trust policy, never a statement. */
  | { readonly kind: 'claim' }
  | { readonly kind: 'nothing'; readonly refusal: Refusal }

/** A condition on the values that the denied call sent, where the denial shows them. */
export type Narrowing = {
  readonly operator: 'StringEquals' | 'ForAllValues:StringEquals'
  readonly key: string
  /** The characters that a value may have: those of tag keys, or those of names. */
  readonly values: 'tag-keys' | 'names'
}

/** What a record or a text shows of a denied call. */
export type DeniedCall = {
  readonly eventSource: string | null
  readonly resource: string | null
  /** A text parameter of the call, by its path: `taskPolicyArn.arn`. */
  readonly parameter: (name: string) => string | null
}
