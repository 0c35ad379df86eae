/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs */

import { never } from '../../base/index.ts'
import type { Statement } from '../../iam/index.ts'
import { changeComment, type ExportedChange, iamPathOf, snakeName, trustComment } from './names.ts'

export function toTerraform(change: ExportedChange): string {
  return `# ${changeComment(change)}\n${block(change)}\n`
}

function block({ target, after }: ExportedChange): string {
  const policy = `jsonencode(${hcl(after, '  ')})`
  const label = quoted(`${snakeName(target.name)}_rolemedic`)
  const name = quoted(target.name)
  switch (target.kind) {
    case 'role-inline-policy':
      return resource('aws_iam_role_policy', label, { name: quoted(target.policyName ?? ''), role: name, policy })
    case 'user-inline-policy':
      return resource('aws_iam_user_policy', label, { name: quoted(target.policyName ?? ''), user: name, policy })
    case 'managed-policy':
      return resource('aws_iam_policy', quoted(snakeName(target.name)), {
        name,
        path: quoted(iamPathOf(target)),
        policy,
      })
    case 'role-trust-policy':
      return resource('aws_iam_role', quoted(snakeName(target.name)), {
        name,
        path: quoted(iamPathOf(target)),
        assume_role_policy: policy,
      })
    case 'permission-set-inline-policy':
      return [
        'data "aws_ssoadmin_instances" "this" {}',
        `data "aws_ssoadmin_permission_set" ${quoted(snakeName(target.name))} {\n  instance_arn = ${INSTANCE}\n  name         = ${name}\n}`,
        resource('aws_ssoadmin_permission_set_inline_policy', quoted(snakeName(target.name)), {
          instance_arn: INSTANCE,
          permission_set_arn: `data.aws_ssoadmin_permission_set.${snakeName(target.name)}.arn`,
          inline_policy: policy,
        }),
      ].join('\n\n')
    default:
      return never(target.kind)
  }
}

export function terraformTrustStatement(role: string | null, statement: Statement): string {
  const name = role === null ? 'trust_statement' : `${snakeName(role)}_trust_statement`
  return `# ${trustComment(role, 'the Statement list in assume_role_policy')}\nlocals {\n  ${name} = ${hcl(statement, '  ')}\n}\n`
}

const INSTANCE = 'tolist(data.aws_ssoadmin_instances.this.arns)[0]'

function resource(type: string, label: string, attributes: { readonly [name: string]: string }): string {
  const width = Math.max(...Object.keys(attributes).map(name => name.length))
  const lines = Object.entries(attributes).map(([name, value]) => `  ${name.padEnd(width)} = ${value}`)
  return `resource "${type}" ${label} {\n${lines.join('\n')}\n}`
}

/** A JSON value as an HCL expression. */
function hcl(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? quoted(value) : String(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[${value.map(item => hcl(item, indent)).join(', ')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${inner}${isName(key) ? key : quoted(key)} = ${hcl(member, inner)}`)
  return `{\n${members.join('\n')}\n${indent}}`
}

const isName = (key: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)

/** Escapes `${` and `%{`, which HCL would interpolate: IAM policy variables use them too. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%]\{/g, open => `${open.charAt(0)}${open}`)
}
