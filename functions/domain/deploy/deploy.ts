/** A failed deploy, as AWS's own deploy tools tell of it. All plain data. */
import type { DeniedAction } from '../actions/actions.ts'
import type { PostedCard, TemplatePlace } from '../proposal/proposal.ts'

/** Why something failed, in the tool's words: outside text. */
export type FailureReason = {
  readonly text: string
  /** CloudFormation: the resource that failed, and its type. */
  readonly resource: string | null
  readonly resourceType: string | null
  readonly atMs: number
}

export type FailedDeploy = {
  /** Of a descriptor in `tools/`. */
  readonly kind: string
  readonly accountId: string
  readonly region: string
  /** What is deployed: stack id, project or service ARN, pipeline or deployment group by name. The same for every try. */
  readonly target: string
  readonly name: string
  /** One try: client request token, execution, build or deployment id. Null: the event does not tell. */
  readonly attempt: string | null
  /** A pipeline's execution keeps its id when its stage is retried: which try of it, from the second. */
  readonly retried?: number
  readonly status: string
  readonly failedAtMs: number
  readonly reasons: readonly FailureReason[]
  readonly log: { readonly group: string; readonly stream: string } | null
}

/** One operation on a stack, from its own events. */
export type StackOperation = {
  /** The stack that the deploy was about: a nested stack belongs to it. */
  readonly rootId: string
  /** The role that CloudFormation acts with; null: whoever deploys. */
  readonly roleArn: string | null
  /** Null: its beginning was not among the events that were read. */
  readonly startedAtMs: number | null
  readonly reasons: readonly FailureReason[]
  /** Names of the roles that the stack makes. */
  readonly roles: readonly string[]
}

/** An action of a pipeline that failed. */
export type FailedAction = {
  readonly stage: string
  readonly action: string
  readonly provider: string
  /** The role that acted; null: the pipeline's own, which could not be read. */
  readonly roleArn: string | null
  /** The role that it hands to CloudFormation. */
  readonly stackRoleArn: string | null
  /** CodeBuild: `project:id`. */
  readonly externalId: string | null
  readonly reasons: readonly FailureReason[]
}

export type Place = { readonly accountId: string; readonly region: string }

/** What ties a denial to the deploy. */
export type DeployTraces = {
  /** Denials that the deploy's own words hold, by `requestKeyOf`. */
  readonly said: readonly string[]
  /** ARNs of the roles that the deploy acts as. */
  readonly roles: readonly string[]
  /** Exact names of the sessions that it acts in. */
  readonly sessions: readonly string[]
  /** The service that acts for a person, where that is how it deploys. */
  readonly via: string | null
  /** Names of the roles that belong to what is deployed. */
  readonly ownRoles: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  /** Its own words say why, each of them: then a denial at the same time that they do not name is not it. */
  readonly otherwise: boolean
}

export const CONFIDENCES = ['caused by', 'probably'] as const
export type Confidence = (typeof CONFIDENCES)[number]
export type Cause = { readonly fingerprint: string; readonly confidence: Confidence }

/** What is remembered of a deploy that failed: all tries until its cause was mended. */
/** Only when it is denied again after `untilMs` does any of these break a later try. */
export type Past = { readonly fingerprints: readonly string[]; readonly untilMs: number }

/** A role that the template of a stack names by its ARN. */
export type TemplateNeed = {
  readonly action: DeniedAction
  readonly operation: string
  readonly service: string | null
  readonly via: string | null
  readonly role: string
  /** The template makes the role. */
  readonly isMade: boolean
  readonly place: TemplatePlace
}

/** As CloudFormation deploys it, with the values of its parameters. */
export type StackTemplate = { readonly body: string; readonly parameters: Readonly<Record<string, string>> }

export type DeployTemplate =
  | {
      readonly kind: 'read'
      readonly needs: readonly TemplateNeed[]
      /** Roles whose names only the deploy will know. */
      readonly unnamed: number
    }
  | { readonly kind: 'unread'; readonly why: string }

export type DeployState = {
  readonly key: string
  /** Rises with each failure that comes after the cause of the one before was mended. */
  readonly generation: number
  readonly deploy: FailedDeploy
  readonly traces: DeployTraces
  readonly attempts: readonly { readonly id: string; readonly atMs: number }[]
  readonly causes: readonly Cause[]
  /** Absent: nobody looked for one. */
  readonly template?: DeployTemplate
  /** What broke the tries before and was mended. Absent: nothing. */
  readonly past?: Past
  /** SNS was told; null: not yet. */
  readonly noticedAtMs: number | null
  /** Somebody tells SNS until then. */
  readonly noticingUntilMs: number
  /** In Slack; null: no card to stand under yet. */
  readonly alert: PostedCard | null
  /** Somebody posts it until then. */
  readonly postingUntilMs: number
}

/** Names one try among all of its deploy. Null: the event does not say. */
export const tryOf = ({ attempt, retried }: FailedDeploy): string | null =>
  attempt === null || retried === undefined ? attempt : `${attempt} ${retried}`
