import type { Fact } from '../domain/base/fact.ts'
import type { FailedAction, Place, StackOperation, StackTemplate } from '../domain/deploy/deploy.ts'

/** What the deploy tools themselves say. What cannot be read is unknown, with the reason. */
export interface DeployReader {
  /** `untilMs`: when it failed; later operations are none of it. */
  stack(place: Place, stackId: string, untilMs: number): Promise<Fact<StackOperation>>
  /** The processed template of a stack. */
  template(place: Place, stackId: string): Promise<Fact<StackTemplate>>
  failedActions(place: Place, pipeline: string, executionId: string): Promise<Fact<readonly FailedAction[]>>
  /** The last part of a log, bounded. */
  logTail(place: Place, group: string, stream: string): Promise<Fact<string>>
}
