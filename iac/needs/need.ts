import type { RoleText } from '../source/index.ts'
import type { Assumption } from './assumptions.ts'

export type NeedAction = 'iam:PassRole' | 'sts:AssumeRole' | 'sts:TagSession' | 'iam:CreateServiceLinkedRole'

/** A role that a deploy will pass, assume or create, and the place in the source. */
export type Need = {
  readonly action: NeedAction
  readonly role: NeededRole
  /** The value of `iam:PassedToService`, if the operation alone does not determine it. */
  readonly service: string | null
  /** The API call that needs the permission: `lambda:CreateFunction`. */
  readonly operation: string
  readonly where: NeedPlace
  readonly actor: Actor
  /** The service that makes the call on behalf of the actor: `cloudformation.amazonaws.com`. */
  readonly via: string | null
  /** Only the deploy knows whether the resource or the value exists. */
  readonly conditional: boolean
  /** The property was recognized by its name, because no table has the resource type. */
  readonly byName: boolean
  /** The first resource of this type in an account creates a service-linked role. It is a need only if the account lacks that role. */
  readonly implied: boolean
  /** Who has to be able to assume a passed role: null where AWS publishes nothing about it. */
  readonly assumptions: readonly Assumption[] | null
}

export type NeededRole =
  /** An ARN, or the name of a role in the deploy's account. */
  | { readonly kind: 'role'; readonly text: RoleText }
  /** The name or ARN of an instance profile. The deploy passes the role in it. */
  | { readonly kind: 'instance-profile'; readonly text: RoleText }

export type NeedPlace = {
  readonly file: string
  readonly line: number | null
  readonly logicalId: string
  readonly property: string
  readonly constructPath: string | null
}

/** Who makes the call. */
export type Actor =
  /** The principal that deploys the resources. */
  | { readonly kind: 'principal' }
  /** The person or pipeline that starts the deploy. */
  | { readonly kind: 'caller' }
  /** A role that the source names: the CDK's deploy and execution roles, or the role that a Terraform provider assumes. */
  | { readonly kind: 'role'; readonly role: RoleText }

export const PRINCIPAL: Actor = { kind: 'principal' }
export const CALLER: Actor = { kind: 'caller' }

/** A policy document as the deploy will write it. If it is not complete, unknown parts are `*`. */
export type MadeDocument = { readonly document: unknown; readonly complete: boolean }

/** A role that the deploy itself makes, in its state when it is needed. */
export type MadeRole = {
  /** Null: the deploy's account is unknown. */
  readonly accountId: string | null
  readonly scope: string
  readonly logicalId: string
  /** Null: the deploy chooses the name. */
  readonly name: string | null
  /** Null: only the deploy knows it. */
  readonly path: string | null
  readonly trust: MadeDocument
  /** Only the deploy knows whether it makes or sets the role. */
  readonly isConditional?: true
  /** Where the source writes the trust policy, if that has a place of its own. */
  readonly trustLine?: number | null
  readonly inlinePolicies: readonly (MadeDocument & { readonly name: string })[]
  readonly managedPolicyArns: readonly string[]
  readonly permissionsBoundary: string | null
  /** False when a policy or the boundary is unknown. */
  readonly complete: boolean
  readonly file: string
  readonly line: number | null
}

/** An instance profile that the deploy makes, and the role in it. */
export type MadeProfile = {
  readonly accountId: string | null
  readonly scope: string
  readonly logicalId: string
  readonly name: string | null
  readonly roles: readonly RoleText[]
}

export type DeployNeeds = {
  readonly needs: readonly Need[]
  readonly made: readonly MadeRole[]
  readonly profiles: readonly MadeProfile[]
  /** The role that deploys, if the source names it. */
  readonly deployRole: { readonly arn: string; readonly from: 'template' | 'cdk-manifest' } | null
  /** Where `deployRole` is null: the ARN that the source gives it, with `*` for what only the deploy knows. */
  readonly deployRolePattern?: string
  /** Parts that were not read, each with the reason, such as a nested stack at an address. */
  readonly unread: readonly { readonly file: string; readonly line: number | null; readonly what: string }[]
  /** Names of the parameters of templates. Absent: the source has none of its own. */
  readonly parameters?: readonly string[]
}
