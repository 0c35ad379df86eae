import type { AccountRegion, Fact } from '../../core/base/index.ts'
import type { StackTemplate } from '../../iac/needs/index.ts'
import type { BuildRole, FailedAction, FailureReason, PartedRun, StackOperation } from '../domain/deploy/index.ts'

/** Reads the deploy tools. What cannot be read is unknown, with the reason. */
export interface DeployReader {
  /** `untilMs`: the time of the failure. Ignores later operations. */
  stack(where: AccountRegion, stackId: string, untilMs: number): Promise<Fact<StackOperation>>
  /** The processed template of a stack. */
  template(where: AccountRegion, stackId: string): Promise<Fact<StackTemplate>>
  failedActions(where: AccountRegion, pipeline: string, executionId: string): Promise<Fact<readonly FailedAction[]>>
  /** `atMs`: the time that the reasons get. */
  failedParts(where: AccountRegion, run: PartedRun, atMs: number): Promise<Fact<readonly FailureReason[]>>
  /** `ids`: `<project>:<id>`. Omits builds that CodeBuild does not know. */
  buildRoles(where: AccountRegion, ids: readonly string[]): Promise<Fact<readonly BuildRole[]>>
  /** The end of a log, bounded. */
  logTail(where: AccountRegion, group: string, stream: string): Promise<Fact<string>>
}
