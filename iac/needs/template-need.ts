import type { DeniedAction } from '../../core/actions/index.ts'

/** A property of a template, in the words of its author. */
export type TemplatePlace = {
  readonly logicalId: string
  readonly property: string
  readonly line: number | null
  readonly constructPath: string | null
}

/** A role that the template of a stack names by its ARN. */
export type TemplateNeed = {
  readonly action: DeniedAction
  readonly operation: string
  readonly service: string | null
  readonly via: string | null
  readonly role: string
  /** The role with which CloudFormation deploys the stack. Null: the caller that started the deploy. */
  readonly by: string | null
  /** True when the template makes the role. */
  readonly isMade: boolean
  readonly place: TemplatePlace
  /** Services that have to be able to assume the role. Absent: the template makes it, or AWS publishes none. */
  readonly assumers?: readonly RoleAssumer[]
}

export type RoleAssumer = {
  readonly action: DeniedAction
  readonly service: string
  /** The condition keys that it sends, with their values. */
  readonly sends: readonly { readonly key: string; readonly value: string }[]
}

/** The template that CloudFormation deploys, with the values of its parameters. */
export type StackTemplate = {
  readonly body: string
  readonly parameters: Readonly<Record<string, string>>
  /** The role with which CloudFormation deploys the stack. Null: the caller that started the deploy. */
  readonly roleArn: string | null
}
