/** A failed deploy, as AWS's own deploy tools report it. All plain data. */
import type { TemplateNeed } from '../../../iac/needs/index.ts'
import type { PostedCard } from '../messages/index.ts'

/** Why something failed, in the tool's own text: untrusted. */
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
  /** What is deployed: stack id, project or service ARN, pipeline or deployment group by name. The same for every attempt. */
  readonly target: string
  readonly name: string
  /** Client request token, execution, build or deployment id. Null: the event has none. */
  readonly attempt: string | null
  /** A pipeline's execution keeps its id when its stage is retried: the number of the retry, from 2. */
  readonly retried?: number
  readonly status: string
  readonly failedAtMs: number
  readonly reasons: readonly FailureReason[]
  readonly log: { readonly group: string; readonly stream: string } | null
}

/** One operation on a stack, from its own events. */
export type StackOperation = {
  /** The root stack: a nested stack belongs to it. */
  readonly rootId: string
  /** The service role of CloudFormation; null: it acts with the caller's credentials. */
  readonly roleArn: string | null
  /** Null: its first event was not among those that were read. */
  readonly startedAtMs: number | null
  readonly reasons: readonly FailureReason[]
  /** Names of the roles that the stack makes. */
  readonly roles: readonly string[]
}

/** A failed action of a pipeline. */
export type FailedAction = {
  readonly stage: string
  readonly action: string
  readonly provider: string
  /** The role of the action; null: the pipeline's own, which could not be read. */
  readonly roleArn: string | null
  /** The role that it passes to CloudFormation. */
  readonly stackRoleArn: string | null
  /** CodeBuild: `project:id`. */
  readonly externalId: string | null
  readonly reasons: readonly FailureReason[]
}

/** Whom a deploy acts as, from the tool itself. */
export type OwnIdentity = {
  readonly roleArn: string
  /** The exact name of its session; null: AWS does not say which. */
  readonly session: string | null
  /** Of a pipeline: only the reasons of this action may name it. Absent: every reason may. */
  readonly action?: string
}

/** The role of a build. */
export type BuildRole = { readonly id: string; readonly roleArn: string }

/** What ties a denial to a failed deploy. */
export type CorrelationKeys = {
  /** `requestKeyOf` each denial in the deploy's own texts. */
  readonly requests: readonly string[]
  /** ARNs of the roles that the deploy acts as. */
  readonly roles: readonly string[]
  /** Exact names of its sessions. */
  readonly sessions: readonly string[]
  /** The service that acts for the caller; null: none does. */
  readonly via: string | null
  /** Names of the roles that belong to what is deployed. */
  readonly ownRoles: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  /** Every reason that the tool gives explains the failure: a denial that none of them names did not cause it. */
  readonly explained: boolean
}

export const CONFIDENCES = ['caused by', 'probably'] as const
export type Confidence = (typeof CONFIDENCES)[number]
export type DeployCause = { readonly fingerprint: string; readonly confidence: Confidence }

/** The causes of an earlier round. They cause a later failure only if they are denied again after `untilMs`. */
export type PastCauses = { readonly fingerprints: readonly string[]; readonly untilMs: number }

export type DeployTemplate =
  | {
      readonly kind: 'read'
      readonly needs: readonly TemplateNeed[]
      /** Roles whose names only the deploy will know. */
      readonly unnamed: number
      /** Denials that the failed resources report, if their words can be trusted: whose stack it is without a role. */
      readonly reported: readonly { readonly request: string; readonly resource: string | null }[]
    }
  | { readonly kind: 'unread'; readonly why: string }

/** What is stored of a deploy that failed: its attempts since its cause was last fixed. */
export type DeployState = {
  readonly key: string
  /** Counts up when it fails again after its cause was fixed. */
  readonly round: number
  readonly deploy: FailedDeploy
  readonly correlation: CorrelationKeys
  readonly attempts: readonly { readonly id: string; readonly atMs: number }[]
  readonly causes: readonly DeployCause[]
  /** How many denials in its texts became no card, as there were too many; absent: none. */
  readonly leftOut?: number
  /** Absent: nobody looked for one. */
  readonly template?: DeployTemplate
  /** Absent: it is the first round. */
  readonly past?: PastCauses
  /** When the SNS notice was published; null: not yet. */
  readonly noticedAtMs: number | null
  /** The lease of the worker that publishes it. */
  readonly noticingUntilMs: number
  /** In Slack; null: there is no card yet to post it under. */
  readonly alert: PostedCard | null
  /** The lease of the worker that posts it. */
  readonly postingUntilMs: number
}

/** Identifies one attempt of its deploy. Null: the event does not say. */
export const attemptIdOf = ({ attempt, retried }: FailedDeploy): string | null =>
  attempt === null || retried === undefined ? attempt : `${attempt} ${retried}`
