/** A template in its form for one account: CloudFormation's functions are replaced by their values. */
import type { Template } from './deployment.ts'

export type InAccount = {
  /** Inline policies of a role, and policies that the template attaches to it. */
  rolePolicies(roleName: string): readonly unknown[]
  managedPolicy(name: string): unknown
  trust(roleName: string): unknown
  all(type: string): readonly Properties[]
}

export function inAccount(template: Template | undefined, accountId: string, region = 'eu-west-1'): InAccount {
  if (template === undefined) throw new Error('there is no such stack')
  const resolve = resolver(accountId, region)
  const all = Object.entries(template.Resources).map(
    ([id, { Type, Properties }]) => ({ id, type: Type, properties: resolve(Properties ?? {}) as Properties }) as const,
  )
  const role = (name: string) => {
    const one = all.find(({ type, properties }) => type === 'AWS::IAM::Role' && properties['RoleName'] === name)
    if (one === undefined) throw new Error(`the template has no role ${name}`)
    return one
  }
  return {
    rolePolicies(name) {
      const { id, properties } = role(name)
      const inline = (properties['Policies'] ?? []) as readonly { readonly PolicyDocument: unknown }[]
      const attached = all.filter(
        ({ type, properties }) =>
          /^AWS::IAM::(Policy|RolePolicy)$/.test(type) &&
          [properties['RoleName'], ...((properties['Roles'] ?? []) as unknown[])].includes(`<${id}>`),
      )
      return [...inline.map(one => one.PolicyDocument), ...attached.map(one => one.properties['PolicyDocument'])]
    },
    managedPolicy(name) {
      const one = all.find(({ properties }) => properties['ManagedPolicyName'] === name)
      if (one === undefined) throw new Error(`the template has no policy ${name}`)
      return one.properties['PolicyDocument']
    },
    trust: name => role(name).properties['AssumeRolePolicyDocument'],
    all: wanted => all.filter(({ type }) => type === wanted).map(({ properties }) => properties),
  }
}

type Properties = { readonly [name: string]: unknown }

function resolver(accountId: string, region: string): (value: unknown) => unknown {
  const pseudo: { readonly [name: string]: string } = {
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
  }
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [name, inner] = entries[0] ?? []
    if (entries.length === 1 && name === 'Ref') return pseudo[String(inner)] ?? `<${String(inner)}>`
    if (entries.length === 1 && name === 'Fn::ImportValue') return `<${String(inner)}>`
    if (entries.length === 1 && name === 'Fn::GetAtt') return `<${(inner as readonly string[]).join('.')}>`
    if (entries.length === 1 && name === 'Fn::Join') {
      const [separator, parts] = inner as readonly [string, readonly unknown[]]
      return parts.map(resolve).join(separator)
    }
    return Object.fromEntries(entries.map(([key, each]) => [key, resolve(each)]))
  }
  return resolve
}
