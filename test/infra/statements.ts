/** Every statement that the templates give to a role, with the role's name. */
import { type Deployed, named, type Resource } from './deployment.ts'

export type Given = {
  readonly role: string
  readonly effect: string
  readonly actions: readonly string[]
  readonly resources: readonly unknown[]
}

type Statement = { readonly Effect: string; readonly Action?: string | string[]; readonly Resource?: unknown }
type Document = { readonly Statement: readonly Statement[] }

export function given(deployed: Deployed, stack?: string): readonly Given[] {
  const roles = new Map(named(deployed, 'AWS::IAM::Role', stack).map(([id, role]) => [id, nameOf(role)]))
  const inline = named(deployed, 'AWS::IAM::Policy', stack).flatMap(([, { Properties }]) =>
    references(Properties['Roles']).flatMap(id => statements(roles.get(id) ?? id, Properties['PolicyDocument'])),
  )
  const managed = named(deployed, 'AWS::IAM::ManagedPolicy', stack).flatMap(([, { Properties }]) =>
    statements(`boundary ${String(Properties['ManagedPolicyName'])}`, Properties['PolicyDocument']),
  )
  const inRole = named(deployed, 'AWS::IAM::Role', stack).flatMap(([, role]) =>
    ((role.Properties['Policies'] ?? []) as readonly { PolicyDocument: Document }[]).flatMap(({ PolicyDocument }) =>
      statements(nameOf(role), PolicyDocument),
    ),
  )
  return [...inline, ...managed, ...inRole]
}

export const allowed = (deployed: Deployed, stack?: string): readonly Given[] =>
  given(deployed, stack).filter(({ effect }) => effect === 'Allow')

function statements(role: string, document: unknown): readonly Given[] {
  return (document as Document).Statement.map(({ Effect, Action, Resource }) => ({
    role,
    effect: Effect,
    actions: [Action ?? []].flat(),
    resources: [Resource ?? []].flat(),
  }))
}

/** CloudFormation joins names that contain the Region. */
function nameOf({ Properties }: Resource): string {
  const name = Properties['RoleName']
  if (typeof name === 'string') return name
  return /rolemedic-(forward|heartbeat)(?=-)/.exec(JSON.stringify(name))?.[0] ?? '?'
}

function references(value: unknown): readonly string[] {
  return (value as readonly { readonly Ref: string }[]).map(({ Ref }) => Ref)
}
