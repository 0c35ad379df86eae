/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html */

import { never } from '../../base/index.ts'
import type { Statement } from '../../iam/index.ts'
import { hasDynamicReference, NOT_IN_TEMPLATES } from './dynamic-reference.ts'
import { changeComment, type ExportedChange, iamPathOf, pascalName, trustComment } from './names.ts'

export type CfnResource = { readonly Type: string; readonly Properties: { readonly [name: string]: unknown } }

export function toCloudFormation(change: ExportedChange): string {
  if (hasDynamicReference([change.target, change.after])) return `# ${NOT_IN_TEMPLATES}.\n`
  const id = `${pascalName(change.target.name)}Rolemedic`
  const parameters =
    change.target.kind === 'permission-set-inline-policy'
      ? yaml({ Parameters: { IdentityCenterInstanceArn: { Type: 'String' } } }, '')
      : ''
  return `# ${changeComment(change)}\n${parameters}${yaml({ Resources: { [id]: cfnResource(change) } }, '')}`
}

function cfnResource({ target, after }: ExportedChange): CfnResource {
  switch (target.kind) {
    case 'role-inline-policy':
      return {
        Type: 'AWS::IAM::RolePolicy',
        Properties: { RoleName: target.name, PolicyName: target.policyName, PolicyDocument: after },
      }
    case 'user-inline-policy':
      return {
        Type: 'AWS::IAM::UserPolicy',
        Properties: { UserName: target.name, PolicyName: target.policyName, PolicyDocument: after },
      }
    case 'managed-policy':
      return {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { ManagedPolicyName: target.name, Path: iamPathOf(target), PolicyDocument: after },
      }
    case 'role-trust-policy':
      return {
        Type: 'AWS::IAM::Role',
        Properties: { RoleName: target.name, Path: iamPathOf(target), AssumeRolePolicyDocument: after },
      }
    case 'permission-set-inline-policy':
      return {
        Type: 'AWS::SSO::PermissionSet',
        Properties: { InstanceArn: { Ref: 'IdentityCenterInstanceArn' }, Name: target.name, InlinePolicy: after },
      }
    default:
      return never(target.kind)
  }
}

export function cloudFormationTrustStatement(role: string | null, statement: Statement): string {
  if (hasDynamicReference(statement)) return `# ${NOT_IN_TEMPLATES}.\n`
  return `# ${trustComment(role, 'the Statement list in AssumeRolePolicyDocument')}\n-${yamlItem(statement, '')}`
}

/** A JSON value as block YAML. Strings keep their JSON quotes, which YAML accepts. */
function yaml(value: object, indent: string): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      ([key, member]) =>
        `${indent}${/^[A-Za-z][A-Za-z0-9]*$/.test(key) ? key : JSON.stringify(key)}:${yamlValue(member, indent)}`,
    )
    .join('')
}

function yamlValue(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}\n`
  const inner = `${indent}  `
  if (!Array.isArray(value)) return Object.keys(value).length === 0 ? ' {}\n' : `\n${yaml(value, inner)}`
  if (value.length === 0) return ' []\n'
  return `\n${value.map(item => `${inner}-${yamlItem(item, inner)}`).join('')}`
}

/** A list item. Its first member is on the line of the dash. */
function yamlItem(item: unknown, indent: string): string {
  const text = yamlValue(item, indent)
  return text.startsWith('\n') ? ` ${text.slice(1).trimStart()}` : text
}
