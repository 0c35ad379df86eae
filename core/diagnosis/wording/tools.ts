/** Settings of the tools that next steps mention. */
import { never } from '../../base/index.ts'
import type { Tool } from '../../denial/index.ts'

/** How to stop a tool from assuming another role. */
export function removeRoleSetting(tool: Tool | null): string {
  switch (tool) {
    case 'github-action':
      return 'leave out the later configure-aws-credentials step (or its role-to-assume and role-chaining)'
    case 'terraform':
      return 'remove the assume_role block of the provider, or of the backend'
    case 'pulumi':
      return 'remove aws:assumeRole from the configuration of the stack'
    case 'cdk':
      return 'run the CDK with the credentials of a person or a pipeline, not with those of its own role'
    case 'aws-cli':
      return 'remove role_arn and source_profile from the profile, or the aws sts assume-role of the script'
    case 'aws-vault':
      return 'remove role_arn from the profile in ~/.aws/config'
    case 'kubectl':
      return 'remove --role-arn (or -r and its value) from the user in the kubeconfig'
    case 'kubernetes':
      return 'remove the role from the configuration of the controller: its service account already gives it'
    case 'vault':
      return 'remove role_arns from the role of Vault’s AWS secrets engine'
    case 'serverless':
    case 'sam':
    case 'amplify':
      return 'use a profile without role_arn and source_profile'
    case null:
      return 'remove the role from the configuration of the call'
    default:
      return never(tool)
  }
}
