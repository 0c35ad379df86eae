import { ok, type Refusal, type Result } from '../../base/index.ts'
import { type ConditionBlock, serviceOfLinkedRole } from '../../iam/index.ts'
import { mergeConditions, type NewStatement } from './document-edits.ts'
import { refuseDraft } from './draft-context.ts'
import { exactRole } from './exact-names.ts'

/**
 * Allows creating one service-linked role for one service.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-service-linked-role.html
 */
export function serviceLinkedRoleStatement(
  roleArn: string,
  under: ConditionBlock | null = null,
): Result<NewStatement, Refusal> {
  const role = exactRole(roleArn)
  const service = serviceOfLinkedRole(role?.text ?? null)
  if (role === null || service === null)
    return refuseDraft('unreadable-arn', `“${roleArn}” is not the ARN of a service-linked role.`)
  const forService = { StringEquals: { 'iam:AWSServiceName': service } }
  return ok({
    Effect: 'Allow',
    Action: 'iam:CreateServiceLinkedRole',
    Resource: role.text,
    Condition: mergeConditions(under, forService) ?? forService,
  })
}
