/** The types of a known escalation path, as `escalation-paths.ts` lists them. */
import type { ResourceKind } from './resource-kinds.ts'

export type Category =
  /** Grants permissions to itself. */
  | 'self-escalation'
  /** Takes over a user, a group or a role that exists. */
  | 'principal-access'
  /** Starts something new with a role that it passes. */
  | 'new-passrole'
  /** Takes over something that already runs with a role. */
  | 'existing-passrole'
  | 'identity-center'
  | 'organizations'
  | 'federation'
  /** Removes what limits it: a boundary, a deny, a guardrail of the organization. */
  | 'guard'

/** An action, and the resources that AWS checks it against: each must be allowed. */
export type RequiredAction = { readonly action: string; readonly on: readonly [ResourceKind, ...ResourceKind[]] }

/** What the holder of all needs becomes. "It" is the resource of the first kind that the first need names. */
export type Gain =
  /** Administrator, without anything else. */
  | { readonly kind: 'administrator' }
  /** It, a role, user, group or policy, can be granted any permissions. */
  | { readonly kind: 'rewrites' }
  /** It, a user or role. */
  | { readonly kind: 'becomes' }
  /** A member of it, a group. */
  | { readonly kind: 'joins' }
  /** It, a role whose trust policy lets the holder in. */
  | { readonly kind: 'assumes' }
  /**
   * Any role that `iam:PassRole` covers and that trusts one of the services. `sends`: what the call carries as
   * `iam:PassedToService`; empty where AWS publishes no value, so that the key may be absent.
   */
  | { readonly kind: 'passes'; readonly trusts: readonly string[]; readonly sends: readonly string[] }
  /** A role that one of the services already uses. */
  | { readonly kind: 'runs'; readonly trusts: readonly string[] }
  /**
   * Perhaps a role that one of the services runs or hands out: what decides it, such as who runs an image, is not seen. Never
   * certain, also on every resource.
   */
  | { readonly kind: 'influences'; readonly trusts: readonly string[] }
  /** Perhaps the role with which CloudFormation deploys from it, a bucket of the CDK. */
  | { readonly kind: 'deploys' }
  /** Every role that trusts it, an identity provider, or one of the services. */
  | { readonly kind: 'federates'; readonly trusts: readonly string[] }
  /** The same principal without a limit, also if it is the holder itself. */
  | { readonly kind: 'unguards'; readonly guard: 'boundary' | 'deny' | 'mfa' | 'organization' }

export type EscalationPath = {
  /** The id of the public catalogue if it has the path. Stable: cards and audit records contain it. */
  readonly id: string
  readonly category: Category
  /** All of them are required. `passes` adds `iam:PassRole` on the role. */
  readonly needs: readonly [RequiredAction, ...RequiredAction[]]
  readonly gain: Gain
  /** Follows "may". `{it}` is the resource of the first need, `{role}` the passed role. */
  readonly does: string
  /** Where the path or its underlying fact is published. */
  readonly source: string
}

/** `iam:PassRole` counts as a need of every path that passes a role. */
export function actionsOf({ needs, gain }: EscalationPath): readonly string[] {
  const named = needs.map(({ action }) => action)
  return gain.kind === 'passes' ? ['iam:PassRole', ...named] : named
}
