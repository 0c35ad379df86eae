/** https://docs.aws.amazon.com/cli/latest/reference/iam/ */

import { never } from '../../base/index.ts'
import type { Statement } from '../../iam/index.ts'
import { changeComment, type ExportedChange, toolStep, trustComment } from './names.ts'

/** AWS CLI commands that write the same document. */
export function toAwsCli(change: ExportedChange): string {
  const step = toolStep(change.target)
  const lines = step === null ? commands(change) : [...addedStatements(change), ...(step.command ?? '').split(' && ')]
  return `# ${changeComment(change)}\n${lines.join('\n')}\n`
}

/** As comments, for the tool that owns the role. */
function addedStatements({ before, after }: ExportedChange): readonly string[] {
  const had = new Set(before?.Statement.map(statement => JSON.stringify(statement)))
  return after.Statement.map(statement => JSON.stringify(statement)).flatMap(text =>
    had.has(text) ? [] : [`# ${text}`],
  )
}

function commands({ target, before, after }: ExportedChange): readonly string[] {
  const document = shell(JSON.stringify(after))
  const name = shell(target.name)
  switch (target.kind) {
    case 'role-inline-policy':
      return [
        `aws iam put-role-policy --role-name ${name} --policy-name ${shell(target.policyName ?? '')} --policy-document ${document}`,
      ]
    case 'user-inline-policy':
      return [
        `aws iam put-user-policy --user-name ${name} --policy-name ${shell(target.policyName ?? '')} --policy-document ${document}`,
      ]
    case 'managed-policy':
      if (before === null) return [`aws iam create-policy --policy-name ${name} --policy-document ${document}`]
      return [
        '# A policy has at most five versions: delete the oldest first if there are five.',
        `aws iam create-policy-version --policy-arn ${shell(target.arn)} --set-as-default --policy-document ${document}`,
      ]
    case 'role-trust-policy':
      return [`aws iam update-assume-role-policy --role-name ${name} --policy-document ${document}`]
    case 'permission-set-inline-policy':
      return [
        `# In the account of IAM Identity Center, with the ARNs of its instance and of permission set ${name}:`,
        `aws sso-admin put-inline-policy-to-permission-set --instance-arn "$INSTANCE_ARN" --permission-set-arn "$PERMISSION_SET_ARN" --inline-policy ${document}`,
        'aws sso-admin provision-permission-set --instance-arn "$INSTANCE_ARN" --permission-set-arn "$PERMISSION_SET_ARN" --target-type ALL_PROVISIONED_ACCOUNTS',
      ]
    default:
      return never(target.kind)
  }
}

/** Quotes any text as one word of a POSIX shell. */
export const shell = (text: string): string =>
  /^[\w+=,.@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Commands for a trust policy, which is written as a whole. Run without the manual edit in between, they change nothing. */
export function cliTrustStatement(role: string | null, statement: Statement): string {
  const name = role === null ? '"$ROLE"' : shell(role)
  return `# ${trustComment(role, 'the trust policy')}
aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument > trust.json
# Add to "Statement" in trust.json: ${JSON.stringify(statement)}
aws iam update-assume-role-policy --role-name ${name} --policy-document file://trust.json
`
}
