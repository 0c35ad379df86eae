/**
 * What AWS knows of a deploy.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
 */

import { holeText, joinTexts, literalText, type RoleText } from '../role-text.ts'
import type { IntrinsicsScope } from '../scope.ts'

/** Null: no pseudo parameter has this name. */
export function pseudoParameter({ environment }: IntrinsicsScope, name: string): readonly RoleText[] | null {
  switch (name) {
    case 'AWS::Partition':
      return [literalText(environment.partition)]
    case 'AWS::AccountId':
      return [known(environment.accountId, name)]
    case 'AWS::Region':
      return [known(environment.region, name)]
    case 'AWS::StackName':
      return [known(environment.stackName, name)]
    case 'AWS::URLSuffix':
      return [known(URL_SUFFIXES.get(environment.partition) ?? null, name)]
    case 'AWS::StackId':
    case 'AWS::NotificationARNs':
      return [holeText(name, 'unknown')]
    case 'AWS::NoValue':
      return []
    default:
      return null
  }
}

/** The suffixes of isolated partitions are not documented. */
const URL_SUFFIXES = new Map([
  ['aws', 'amazonaws.com'],
  ['aws-us-gov', 'amazonaws.com'],
  ['aws-cn', 'amazonaws.com.cn'],
])

const known = (value: string | null, name: string) => (value === null ? holeText(name, 'unknown') : literalText(value))

/** The ARN of an IAM entity up to its path. */
export function iamPrefix({ environment }: IntrinsicsScope, kind: string): RoleText {
  const start = literalText(`arn:${environment.partition}:iam::`)
  return joinTexts([start, known(environment.accountId, 'AWS::AccountId'), literalText(`:${kind}`)])
}
