/** https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam-readme.html */

import { never } from '../../base/index.ts'
import type { PolicyDocument, Statement } from '../../iam/index.ts'
import type { Target } from '../patch.ts'
import { hasDynamicReference, NOT_IN_TEMPLATES } from './dynamic-reference.ts'
import { changeComment, type ExportedChange, iamPathOf, pascalName, trustComment } from './names.ts'

/** A separate construct. If a stack already defines the entity, the document belongs into that definition. */
export function toCdk(change: ExportedChange): string {
  const { target, after } = change
  if (hasDynamicReference([target, after])) return `// ${NOT_IN_TEMPLATES}.\n`
  const id = `${pascalName(target.name)}Rolemedic`
  const module = target.kind === 'permission-set-inline-policy' ? 'aws_sso as sso' : 'aws_iam as iam'
  return [
    `// ${changeComment(change)}`,
    `import { ${module} } from 'aws-cdk-lib'`,
    `import type { Construct } from 'constructs'`,
    '',
    `export function add${id}(scope: Construct${parameterOf(target)}) {`,
    `  return ${construct(id, target, after)}`,
    '}',
    '',
  ].join('\n')
}

const parameterOf = ({ kind }: Target): string =>
  kind === 'permission-set-inline-policy' ? ', identityCenterInstanceArn: string' : ''

function construct(id: string, target: Target, after: PolicyDocument): string {
  const make = (name: string, props: readonly string[]) =>
    `new ${name}(scope, ${text(id)}, {\n${props.map(prop => `    ${prop},`).join('\n')}\n  })`
  const document = code(after, '    ')
  switch (target.kind) {
    case 'role-inline-policy':
      return make('iam.CfnRolePolicy', [
        `roleName: ${text(target.name)}`,
        `policyName: ${text(target.policyName ?? '')}`,
        `policyDocument: ${document}`,
      ])
    case 'user-inline-policy':
      return make('iam.CfnUserPolicy', [
        `userName: ${text(target.name)}`,
        `policyName: ${text(target.policyName ?? '')}`,
        `policyDocument: ${document}`,
      ])
    case 'managed-policy':
      return make('iam.CfnManagedPolicy', [
        `managedPolicyName: ${text(target.name)}`,
        `path: ${text(iamPathOf(target))}`,
        `policyDocument: ${document}`,
      ])
    case 'role-trust-policy':
      return make('iam.CfnRole', [
        `roleName: ${text(target.name)}`,
        `path: ${text(iamPathOf(target))}`,
        `assumeRolePolicyDocument: ${document}`,
      ])
    case 'permission-set-inline-policy':
      return make('sso.CfnPermissionSet', [
        'instanceArn: identityCenterInstanceArn',
        `name: ${text(target.name)}`,
        `inlinePolicy: ${document}`,
      ])
    default:
      return never(target.kind)
  }
}

export function cdkTrustStatement(role: string | null, statement: Statement): string {
  if (hasDynamicReference(statement)) return `// ${NOT_IN_TEMPLATES}.\n`
  return [
    `// ${trustComment(role, 'the trust policy')}`,
    `import { aws_iam as iam } from 'aws-cdk-lib'`,
    '',
    `export function trust${role === null ? 'Service' : pascalName(role)}(role: iam.Role) {`,
    `  role.assumeRolePolicy?.addStatements(iam.PolicyStatement.fromJson(${code(statement, '  ')}))`,
    '}',
    '',
  ].join('\n')
}

/** A JSON value as a TypeScript literal. */
function code(value: unknown, indent: string): string {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(item => code(item, indent)).join(', ')}]`
  const inner = `${indent}  `
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${inner}${/^[A-Za-z]\w*$/.test(key) ? key : text(key)}: ${code(member, inner)},`)
  return `{\n${members.join('\n')}\n${indent}}`
}

const text = (value: string): string =>
  `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
