/** A failed deploy, as AWS's deploy tools report it. Plain data. */
import type { Run } from '../../../core/runs/index.ts'
import type { TemplateNeed } from '../../../iac/needs/index.ts'
import type { PostedCard } from '../messages/index.ts'
import type { MissingPermission } from './missing-permission.ts'
import type { TrustFault } from './trust-fault.ts'

/** The tool's own text about the failure, which is untrusted. */
export type FailureReason = {
  readonly text: string
  /** For CloudFormation: the failed resource and its type. */
  readonly resource: string | null
  readonly resourceType: string | null
  readonly atMs: number
  /** It failed while what had failed before was rolled back. Absent: it is a reason of the failure, or nobody knows. */
  readonly during?: 'rollback'
  /** The text is a log, whose lines a reader can look up. Absent: it is not. */
  readonly isLog?: true
}

/** The kinds of deploy tools, in the order of their descriptors in `tools/`. Stored, and part of published notices. */
export const DEPLOY_KINDS = [
  'cloudformation',
  'codepipeline',
  'codebuild',
  'codedeploy',
  'ecs',
  'amplify',
  'stack-set',
  'job',
] as const
export type DeployKind = (typeof DEPLOY_KINDS)[number]

export type FailedDeploy = {
  /** The kind of a descriptor in `tools/`. */
  readonly kind: string
  readonly accountId: string
  readonly region: string
  /** What is deployed: a stack id, project ARN, service ARN, or the name of a pipeline or deployment group. The same for every attempt. */
  readonly target: string
  readonly name: string
  /** Client request token, execution, build or deployment id. Null: the event has none. */
  readonly attempt: string | null
  /** A pipeline's execution keeps its id when its stage is retried. This is the number of the attempt, from 2. */
  readonly retried?: number
  readonly status: string
  readonly failedAtMs: number
  readonly reasons: readonly FailureReason[]
  readonly log: { readonly group: string; readonly stream: string } | null
  /** Where a job ran. Absent: AWS's console shows the deploy. */
  readonly link?: string
  /** The deploy that started it and whose alert it shares: the pipeline of a build. Absent: none. */
  readonly partOf?: Pick<FailedDeploy, 'kind' | 'target'>
  /** Ids of the builds that failed in it: its own, or those of a pipeline. Absent: none is known. */
  readonly builds?: readonly string[]
}

/** `rolled-back`: since then. */
export type StackCourse =
  | { readonly kind: 'succeeded' | 'deleting' }
  | { readonly kind: 'rolled-back'; readonly sinceMs: number }

/** One operation on a stack, from the stack's events. */
export type StackOperation = {
  /** The id of the root stack, if this one is nested. */
  readonly rootId: string
  /** The service role of CloudFormation. Null: it uses the caller's credentials. */
  readonly roleArn: string | null
  /** Null: the first event was not among those that were read. */
  readonly startedAtMs: number | null
  readonly reasons: readonly FailureReason[]
  /** Names of the roles that the stack creates. */
  readonly roles: readonly string[]
  /** What the stack's own events say of its course. Absent: they do not say it. */
  readonly course?: StackCourse
  /** The newest of the stack itself. Absent: its events do not say it. */
  readonly status?: string
  /** Roles that it deleted, by name: when. Absent: nobody looked. */
  readonly deletedRoles?: ReadonlyMap<string, number>
}

export type FailedAction = {
  readonly stage: string
  readonly action: string
  readonly provider: string
  /** The role of the action. Null: the pipeline's own role, which could not be read. */
  readonly roleArn: string | null
  /** The role that it passes to CloudFormation. */
  readonly stackRoleArn: string | null
  /** For CodeBuild: `project:id`. For CloudFormation: the id of the stack. */
  readonly externalId: string | null
  /** Null: unknown. */
  readonly startedAtMs: number | null
  readonly reasons: readonly FailureReason[]
}

/** The identity with which a deploy acts, from the tool itself. */
export type OwnIdentity = {
  readonly roleArn: string
  /** The exact session name. Null: AWS does not document it. */
  readonly session: string | null
  /** For a pipeline: only the reasons of this action may name the identity. Absent: every reason may. */
  readonly action?: string
}

export type BuildRole = { readonly id: string; readonly roleArn: string }

/** What links a denial to a failed deploy. */
export type CorrelationKeys = {
  /** The `requestKeyOf` of each denial in the deploy's own texts. */
  readonly requests: readonly string[]
  /** Of each denial that its texts repeat and that is not shown to be its own. Absent: of none. */
  readonly repeated?: readonly string[]
  /** ARNs of the roles that the deploy uses. */
  readonly roles: readonly string[]
  /** Exact names of its sessions. */
  readonly sessions: readonly string[]
  /** The service that acts on behalf of the caller. Null: none. */
  readonly via: string | null
  /** Names of the roles that are part of what is deployed. */
  readonly ownRoles: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  /** True when every reason of the tool explains the failure. A denial that no reason names then did not cause it. */
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
      /** The number of roles whose names only the deploy knows. */
      readonly unnamed: number
      /** Denials that the failed resources report, if their texts can be trusted. They show the principal of a stack without a role. */
      readonly reported: readonly { readonly request: string; readonly resource: string | null }[]
    }
  | { readonly kind: 'unread'; readonly why: string }

/** `builds`: those that are known to have failed in it. An attempt that only they have reported has the id of the first. */
export type DeployAttempt = { readonly id: string; readonly atMs: number; readonly builds?: readonly string[] }

/** `run`: null where CloudTrail does not show it. */
export type DeployBegun = { readonly attempt: string; readonly asked: number; readonly run: Run | null }

/** The stored state of a failed deploy: its attempts since its cause was last fixed. */
export type DeployState = {
  readonly key: string
  /** Increases when the deploy fails again after its cause was fixed. */
  readonly round: number
  readonly deploy: FailedDeploy
  readonly correlation: CorrelationKeys
  readonly attempts: readonly DeployAttempt[]
  readonly causes: readonly DeployCause[]
  /** How many denials in its texts became no card, because there were too many. Absent: none. */
  readonly leftOut?: number
  /** Roles that services could not use, without a card: of the last attempt. Absent: none. */
  readonly faults?: readonly TrustFault[]
  /** Other permissions that its texts name: of the last attempt. Absent: none. */
  readonly permissions?: readonly MissingPermission[]
  /** Names of the runs that it broke, and whose own alerts would say the same. Absent: none. */
  readonly broke?: readonly string[]
  /** How many permissions its texts name that are not shown: of the last attempt. Absent: none. */
  readonly withheld?: number
  /** Why nobody could read what broke the last attempt. Absent: it was read. */
  readonly unread?: string
  /** Why the last attempt failed, in the words of its tool, where no permission broke it. Absent: a permission did, or nobody knows. */
  readonly otherReason?: string
  /** The run that began the last attempt. Absent: nobody asked. */
  readonly begun?: DeployBegun
  /** Absent: the template was never looked up. */
  readonly template?: DeployTemplate
  /** Absent: this is the first round. */
  readonly past?: PastCauses
  /** When the SNS notice was published. Null: not yet. */
  readonly noticedAtMs: number | null
  /** The end of the lease of the worker that publishes it. */
  readonly noticingUntilMs: number
  /** The alert's message in the chat. Null: there is no card yet to post it under. */
  readonly alert: PostedCard | null
  /** The end of the lease of the worker that posts it. */
  readonly postingUntilMs: number
}

/** Identifies one attempt of the deploy. Null: the event does not say. */
export const attemptIdOf = ({ attempt, retried }: FailedDeploy): string | null =>
  attempt === null || retried === undefined ? attempt : `${attempt} ${retried}`
