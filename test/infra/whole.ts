/** State and bot as they are deployed together in one account: imports are replaced by what the other stack exports. */
import type { Template } from './deployment.ts'

export type Statement = {
  readonly Sid?: string
  readonly Effect: string
  readonly Action?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: object
}
type Properties = { readonly [name: string]: unknown }
type Made = { readonly id: string; readonly type: string; readonly arn: string; readonly properties: Properties }

export type Whole = {
  all(type: string): readonly Made[]
  /** The policies of a role, by its name. */
  policiesOf(role: string): readonly { readonly Statement: readonly Statement[] }[]
  /** What policies of resources deny to everybody, without the principal, as one document. */
  readonly denies: { readonly Version: string; readonly Statement: readonly Statement[] }
}

type Given = {
  readonly accountId: string
  readonly region: string
  readonly parameters?: Readonly<Record<string, string>>
}
type Full = Template & {
  readonly Parameters?: { readonly [name: string]: { readonly Default?: string } }
  readonly Conditions?: { readonly [name: string]: unknown }
  readonly Outputs?: {
    readonly [id: string]: { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }
  }
}

const RESOURCE_POLICIES = ['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy']

export function deployedTogether(state: Template | undefined, bot: Template | undefined, given: Given): Whole {
  const exported = new Map<string, unknown>()
  const made = [state, bot].flatMap(template => {
    if (template === undefined) throw new Error('there is no such stack')
    const { resources, exports } = resourcesOf(template as Full, given, exported)
    for (const [name, value] of exports) exported.set(name, value)
    return resources
  })
  const all = (type: string) => made.filter(one => one.type === type)
  const documents = [
    ...RESOURCE_POLICIES.flatMap(all).map(({ properties }) => properties['PolicyDocument']),
    ...all('AWS::KMS::Key').map(({ properties, arn }) => at(properties['KeyPolicy'], arn)),
  ] as readonly { readonly Statement: readonly (Statement & { readonly Principal: unknown })[] }[]
  const denied = documents.flatMap(({ Statement }) => Statement).filter(({ Effect }) => Effect === 'Deny')
  // A deny of some principals alone would need their names.
  if (denied.some(({ Principal }) => !['{"AWS":"*"}', '"*"'].includes(JSON.stringify(Principal))))
    throw new Error('a deny that does not name everybody')
  return {
    all,
    policiesOf(name) {
      const role = all('AWS::IAM::Role').find(({ properties }) => properties['RoleName'] === name)
      if (role === undefined) throw new Error(`there is no role ${name}`)
      return all('AWS::IAM::Policy')
        .filter(({ properties }) => (properties['Roles'] as readonly string[]).includes(role.arn))
        .map(({ properties }) => properties['PolicyDocument'] as { readonly Statement: readonly Statement[] })
    },
    denies: { Version: '2012-10-17', Statement: denied.map(({ Principal: _, ...rest }) => rest) },
  }
}

/** In a key policy, `*` is the key. */
function at(document: unknown, arn: string): unknown {
  const { Statement: statements } = document as { readonly Statement: readonly Statement[] }
  return { Statement: statements.map(one => ({ ...one, Resource: arn })) }
}

function resourcesOf(
  template: Full,
  { accountId, region, parameters = {} }: Given,
  imports: ReadonlyMap<string, unknown>,
) {
  const { Resources, Outputs = {}, Conditions = {}, Parameters = {} } = template
  const pseudo: { readonly [name: string]: string } = {
    ...Object.fromEntries(Object.entries(Parameters).map(([name, { Default = '' }]) => [name, String(Default)])),
    ...parameters,
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/some/5f1b6c1e-0d2a-11ef-9c1f-0a58a9feac02`,
  }
  const arnOf = (id: string): string => {
    const { Type, Properties = {} } = Resources[id] ?? {}
    const name = String(Properties['QueueName'] ?? id)
    switch (Type) {
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${id.toLowerCase()}`
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${accountId}:role/${id}`
      default:
        return `arn:aws:${Type?.split('::')[1]?.toLowerCase()}:${region}:${accountId}:${Type?.split('::')[2]?.toLowerCase()}/${name}`
    }
  }
  const holds = (condition: unknown): boolean => {
    const [[name, inner] = ['', null]] = Object.entries(condition as object)
    if (name === 'Condition') return holds(Conditions[String(inner)])
    if (name === 'Fn::Not') return !holds((inner as readonly unknown[])[0])
    if (name === 'Fn::And') return (inner as readonly unknown[]).every(holds)
    if (name === 'Fn::Equals') {
      const [one, other] = inner as readonly unknown[]
      return resolved(one) === resolved(other)
    }
    throw new Error(`${name} is not evaluated here`)
  }
  function resolved(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolved).filter(one => one !== NOTHING)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [name, inner] = entries[0] ?? []
    const parts = inner as readonly unknown[]
    if (entries.length === 1)
      switch (name) {
        case 'Ref':
          if (inner === 'AWS::NoValue') return NOTHING
          return pseudo[String(inner)] ?? arnOf(String(inner))
        case 'Fn::GetAtt':
          return parts[1] === 'Arn' ? arnOf(String(parts[0])) : `<${parts.join('.')}>`
        case 'Fn::ImportValue':
          if (!imports.has(String(inner))) throw new Error(`nothing exports ${String(inner)}`)
          return imports.get(String(inner))
        case 'Fn::Join':
          return (resolved(parts[1]) as readonly unknown[]).join(String(parts[0]))
        case 'Fn::Split':
          return String(resolved(parts[1])).split(String(parts[0]))
        case 'Fn::Select':
          return (resolved(parts[1]) as readonly unknown[])[Number(parts[0])]
        case 'Fn::If':
          return resolved(holds(Conditions[String(parts[0])]) ? parts[1] : parts[2])
      }
    return Object.fromEntries(entries.map(([key, each]) => [key, resolved(each)]).filter(([, one]) => one !== NOTHING))
  }
  const isMade = (condition: string | undefined) => condition === undefined || holds(Conditions[condition])
  const resources = Object.entries(Resources)
    .filter(([, { Condition }]) => isMade(Condition))
    .map(
      ([id, { Type, Properties }]): Made => ({
        ...{ id, type: Type, arn: arnOf(id) },
        properties: resolved(Properties ?? {}) as Properties,
      }),
    )
  const exports = Object.values(Outputs)
    .filter(output => output.Export !== undefined && isMade((output as { readonly Condition?: string }).Condition))
    .map(({ Value, Export }) => [String(Export?.Name), resolved(Value)] as const)
  return { resources, exports }
}

const NOTHING = Symbol('AWS::NoValue')
