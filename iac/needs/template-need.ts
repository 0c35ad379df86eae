import type { DeniedAction } from '../../core/actions/index.ts'

/** A property of a template, as its author knows it. */
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
  /** The role as which CloudFormation deploys the stack; null: as the caller that started it. */
  readonly by: string | null
  /** The template makes the role. */
  readonly isMade: boolean
  readonly place: TemplatePlace
}

/** As CloudFormation deploys it, with the values of its parameters. */
export type StackTemplate = {
  readonly body: string
  readonly parameters: Readonly<Record<string, string>>
  /** The role as which CloudFormation deploys the stack; null: as the caller that started it. */
  readonly roleArn: string | null
}
