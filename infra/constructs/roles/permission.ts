/** One permission of a role; each wildcard has a reason. */

import { Stack } from 'aws-cdk-lib'
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import type { IConstruct } from 'constructs'
import { RolemedicError } from '../../../core/base/index.ts'
import { acknowledge } from '../observability/acknowledge.ts'

type Conditions = { readonly [operator: string]: { readonly [key: string]: string | string[] } }

export type Permission = {
  readonly sid: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly conditions?: Conditions
  /** Why the resources contain a wildcard. Absent: they contain none. */
  readonly wildcard?: string
}

/**
 * Events of one kind. A request has one or more, and so the keys have one or more values; `ForAllValues` alone is true without any.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export const onlyEvents = ({ source, type }: { readonly source: string; readonly type: string }): Conditions => ({
  'ForAllValues:StringEquals': { 'events:source': source, 'events:detail-type': type },
  Null: { 'events:source': 'false', 'events:detail-type': 'false' },
})

export function allow(role: Role, permissions: readonly Permission[]): void {
  for (const permission of permissions) role.addToPolicy(statementOf(role, permission))
}

/** The statement. Acknowledges on `owner` what cdk-nag finds in it. */
export function statementOf(
  owner: IConstruct,
  { sid, actions, resources, conditions, wildcard }: Permission,
): PolicyStatement {
  for (const resource of resources.filter(each => each.includes('*'))) {
    if (wildcard === undefined) throw new RolemedicError('permission', `${sid} has no reason for its wildcard`)
    acknowledge(owner, `AwsSolutions-IAM5[Resource::${asFound(Stack.of(owner).resolve(resource))}]`, wildcard)
  }
  return new PolicyStatement({
    sid,
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  })
}

/** cdk-nag's notation for a resource that is known only at deployment. */
export function asFound(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(asFound).join('')
  const [[name, inner] = ['', '']] = Object.entries(value as { readonly [name: string]: unknown })
  switch (name) {
    case 'Fn::Join':
      return asFound((inner as readonly unknown[])[1])
    case 'Fn::ImportValue':
      return asFound(inner)
    case 'Ref':
      return `<${String(inner)}>`
    case 'Fn::GetAtt':
      return `<${(inner as readonly string[]).join('.')}>`
    default:
      return JSON.stringify(value)
  }
}
