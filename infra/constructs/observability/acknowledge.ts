import { Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** An id of cdk-nag, or of the CDK's own check. */
type Finding = `AwsSolutions-${string}` | `CloudFormation-Validate::${string}`

/** Accepts a finding, with the reason. */
export function acknowledge(construct: IConstruct, id: Finding, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason })
}
