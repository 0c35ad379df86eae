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
  /** The folder of the code that makes the roles. Absent: it is not looked at. */
  readonly code?: string | null
  /** CloudTrail files or folders around the deploy. */
  readonly trail?: readonly string[]
  /** What is read from AWS. Null: nothing. */
  readonly run: LiveRun | null
  readonly access: IamSource
  readonly config: string | null
  readonly region: string | null
  readonly parameters: ReadonlyMap<string, string>
  /** Null: the current time. */
  readonly atMs: number | null
}

export type LiveRun =
  | { readonly kind: 'stack'; readonly name: string }
  /** `<project>:<id>` or an ARN. */
  | { readonly kind: 'build'; readonly id: string }
  /** `execution`: null is the newest. */
  | { readonly kind: 'pipeline'; readonly name: string; readonly execution: string | null }
  | { readonly kind: 'deployment'; readonly id: string }
  | { readonly kind: 'service'; readonly cluster: string; readonly service: string }
