import type { Fact } from '../../core/base/index.ts'
import type { AwsEvaluation } from '../../core/denial/index.ts'

/** AWS's own words about a denial. Both give null (with a reason) rather than fail. */
export interface AwsExplanations {
  /** `sts:DecodeAuthorizationMessage`. */
  decode(accountId: string, blob: string): Promise<Fact<AwsEvaluation>>
  /** Authorization details; retries "not recorded yet" for up to a minute. */
  authorizationDetails(accountId: string, region: string, authorizationId: string): Promise<Fact<AwsEvaluation>>
}
