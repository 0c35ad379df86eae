import type { RoleText } from '../source/index.ts'

export type NeedAction = 'iam:PassRole' | 'sts:AssumeRole' | 'iam:CreateServiceLinkedRole'

/** A role that a deploy will pass, assume or have created, and where its source says so. */
export type Need = {
  readonly action: NeedAction
  readonly role: NeededRole
  /** What the call sends as `iam:PassedToService`, where the operation alone does not tell it. */
  readonly service: string | null
  /** The API call that is authorized: `lambda:CreateFunction`. */
  readonly operation: string
  readonly where: NeedPlace
  readonly actor: Actor
  /** The service that makes the call for the actor: `cloudformation.amazonaws.com`. */
  readonly via: string | null
  /** Only the deploy will know whether the resource or the value is there at all. */
  readonly conditional: boolean
  /** The property is known by its name alone: no table has the resource type. */
  readonly byName: boolean
  /** A service-linked role that the first resource of its kind makes: a need only where the account lacks the role. */
  readonly implied: boolean
}

export type NeededRole =
  /** An ARN, or the bare name of a role of the deploy's account. */
  | { readonly kind: 'role'; readonly text: RoleText }
  /** The name or ARN of an instance profile; the role inside is what is passed. */
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
  /** A role that the source names: the CDK's deploy and execution roles, the role that a Terraform provider assumes. */
  | { readonly kind: 'role'; readonly role: RoleText }

export const PRINCIPAL: Actor = { kind: 'principal' }
export const CALLER: Actor = { kind: 'caller' }

/** A policy document as the deploy will write it. Where it is not complete, parts that are not known yet stand as `*`. */
export type MadeDocument = { readonly document: unknown; readonly complete: boolean }

/** A role that the deploy itself makes: what it will be when the need arises. */
export type MadeRole = {
  /** Null: the account that is deployed to is not known. */
  readonly accountId: string | null
  readonly scope: string
  readonly logicalId: string
  /** Null where the deploy chooses the name. */
  readonly name: string | null
  /** Null where only the deploy will know it. */
  readonly path: string | null
  readonly trust: MadeDocument
  readonly inlinePolicies: readonly (MadeDocument & { readonly name: string })[]
  readonly managedPolicyArns: readonly string[]
  readonly permissionsBoundary: string | null
  /** False where a policy or the boundary is not known. */
  readonly complete: boolean
  readonly file: string
  readonly line: number | null
}

/** An instance profile that the deploy makes, and the role inside. */
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
  /** What the source names as the role that deploys, if it does. */
  readonly deployRole: { readonly arn: string; readonly from: 'template' | 'cdk-manifest' } | null
  /** Parts that were not read, each with the reason: a nested stack behind an address. */
  readonly unread: readonly { readonly file: string; readonly line: number | null; readonly what: string }[]
}
