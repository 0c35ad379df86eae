import type { IamSource } from '../iam-reader.ts'
import type { NamedText } from '../world.ts'

export type ExplainDeployQuestion = {
  /** An event of EventBridge about a failed deploy. */
  readonly event: NamedText | null
  /** The output of `describe-stack-events`. */
  readonly stackEvents: NamedText | null
  readonly log: NamedText | null
  /** Files with what was deployed: a template, `cdk.out` or a plan. */
  readonly sources: readonly string[]
  /** CloudTrail files or folders around the deploy. */
  readonly trail?: readonly string[]
  /** A stack that is read from CloudFormation. */
  readonly stack: string | null
  readonly access: IamSource
  readonly config: string | null
  readonly region: string | null
  readonly parameters: ReadonlyMap<string, string>
  /** Null: the current time. */
  readonly atMs: number | null
}
