import type { Fact } from '../../core/base/index.ts'
import type { AwsEvaluation, DecodedEvaluation } from '../../core/denial/index.ts'

/** AWS's own explanation of a denial. Failures are unknown values with a reason. */
export interface AwsExplanations {
  /** Calls `sts:DecodeAuthorizationMessage`. */
  decode(accountId: string, blob: string): Promise<Fact<DecodedEvaluation>>
  /** Reads the authorization details. Retries for up to a minute while AWS has not recorded them. */
  authorizationDetails(accountId: string, region: string, authorizationId: string): Promise<Fact<AwsEvaluation>>
}
