import type { Denial } from '../../../core/denial/index.ts'
import type {
  FailedDeploy,
  FailureReason,
  MissingPermission,
  OwnIdentity,
  StackCourse,
} from '../../../functions/domain/deploy/index.ts'
import type { DeployNeeds } from '../../../iac/needs/index.ts'

/** `certainty`: as in the alert of the bot. */
export type RunDenial = {
  readonly denial: Denial
  readonly reason: FailureReason
  readonly line: number | null
  readonly certainty: 'certain' | 'probable'
}

/** What the inputs report about one failed deploy. */
export type RunReport = {
  /** A kind of deploy tool, or what wrote the log. */
  readonly tool: string
  readonly name: string | null
  readonly isStack: boolean
  readonly accountId: string | null
  readonly region: string | null
  readonly partition: string
  readonly status: string | null
  readonly atMs: number | null
  /** Who deploys; null: not known. */
  readonly by: string | null
  readonly reasons: readonly FailureReason[]
  readonly denials: readonly RunDenial[]
  /** Of other actions than ours. */
  readonly permissions: readonly MissingPermission[]
  /** True where the lines of its text mean something to a reader. */
  readonly hasLines: boolean
  /** Null: it is no stack, or went on or failed without a rollback. */
  readonly course: StackCourse | null
  /** Roles that the rollback deleted, by name: when. */
  readonly deletedRoles: ReadonlyMap<string, number>
  readonly source: DeployNeeds | null
  /** The first reason in the words of the tool; where it gives none, its words for the end of the deploy. */
  readonly otherReason: string | null
  /** True where nothing that was read says why it failed. */
  readonly isUntold: boolean
  /** As its event tells it. Absent: no event was given, or none of a deploy tool. */
  readonly deploy?: FailedDeploy | null
  readonly notes: readonly string[]
  /** Why its words prove nothing, where a job sent them itself. Null: AWS wrote them, or who asks gave them. */
  readonly hearsay?: string | null
}

/** What one input reports. */
export type StackRun = Omit<RunReport, 'source' | 'denials' | 'permissions' | 'otherReason' | 'isUntold'> & {
  /** What AWS says of its end, which is no reason: a list of what failed. Absent: nothing. */
  readonly lastWords?: string | null
  /** What a stack in AWS needs. */
  readonly live?: DeployNeeds | null
  /** As whom it acts: what others can write into its texts is judged by it. Absent: who asks gave the text, and vouches for it. */
  readonly own?: readonly OwnIdentity[]
}
