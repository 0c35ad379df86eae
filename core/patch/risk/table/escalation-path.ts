/** The types of a known escalation path, as `escalation-paths.ts` lists them. */
import type { ResourceKind } from './resource-kinds.ts'

export type Category =
  /** The holder grants permissions to itself. */
  | 'self-escalation'
  /** The holder takes over an existing user, group or role. */
  | 'principal-access'
  /** The holder starts something new with a role that it passes. */
  | 'new-passrole'
  /** The holder takes over something that already runs with a role. */
  | 'existing-passrole'
  | 'identity-center'
  | 'organizations'
  | 'federation'
  /** The holder removes a limit: a boundary, a deny, a guardrail of the organization. */
  | 'guard'

/** An action, and the kinds of resource that AWS checks it against. Each must be allowed. */
export type RequiredAction = { readonly action: string; readonly on: readonly [ResourceKind, ...ResourceKind[]] }

/**
 * What a principal with all required actions becomes. `it` in the comments is the resource of the first kind of the first required action.
 */
export type Gain =
  /** The holder becomes administrator without further steps. */
  | { readonly kind: 'administrator' }
  /** `it` is a role, user, group or policy, to which the holder can grant any permissions. */
  | { readonly kind: 'rewrites' }
  /** The holder becomes `it`, a user or role. */
  | { readonly kind: 'becomes' }
  /** The holder becomes a member of `it`, a group. */
  | { readonly kind: 'joins' }
  /** The holder assumes `it`, a role whose trust policy admits the holder. */
  | { readonly kind: 'assumes' }
  /**
   * The holder gets any role that `iam:PassRole` covers and that trusts one of the services. `sends`: the value of
   * `iam:PassedToService` in the call. Empty: AWS publishes none, so the key may be absent.
   */
  | { readonly kind: 'passes'; readonly trusts: readonly string[]; readonly sends: readonly string[] }
  /** The holder gets a role that one of the services already uses. */
  | { readonly kind: 'runs'; readonly trusts: readonly string[] }
  /**
   * The holder may get a role that one of the services runs or hands out. What decides that, such as who runs an image, is
   * unknown, so the step is never certain.
   */
  | { readonly kind: 'influences'; readonly trusts: readonly string[] }
  /** The holder may get the role with which CloudFormation deploys from `it`, a bucket of the CDK. */
  | { readonly kind: 'deploys' }
  /** The holder gets every role that trusts `it`, an identity provider, or one of the services. */
  | { readonly kind: 'federates'; readonly trusts: readonly string[] }
  /** The holder becomes the same principal without a limit; that may be the holder itself. */
  | { readonly kind: 'unguards'; readonly guard: 'boundary' | 'deny' | 'mfa' | 'organization' }

export type EscalationPath = {
  /** The id in the public catalogue if it has the path. Stable, because cards and audit records contain it. */
  readonly id: string
  readonly category: Category
  /** All are required. `passes` also requires `iam:PassRole` on the role. */
  readonly needs: readonly [RequiredAction, ...RequiredAction[]]
  readonly gain: Gain
  /** The phrase after "may". `{it}` is the resource of the first required action, `{role}` the passed role. */
  readonly does: string
  /** Where the path or its underlying fact is published. */
  readonly source: string
}
