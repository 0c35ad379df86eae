/** Merges what AWS publishes into the known facts. An incomplete table deletes nothing, and every change is reported. */
import type { CallFacts, RoleParameter, SentValues, ServiceFacts } from '../../core/denial/index.ts'
import type { PublishedRow } from './published-row.ts'

export type FactChange = {
  readonly kind: 'new' | 'changed' | 'unlisted'
  readonly service: string
  readonly operation: string
  readonly text: string
}

export type Merged = { readonly facts: ReadonlyMap<string, ServiceFacts>; readonly changes: readonly FactChange[] }

/** A single operation. Facts are compared per operation; afterwards operations with the same values are grouped again. */
type Operation = { readonly name: string; readonly sends: SentValues; readonly roles: readonly RoleParameter[] }

/** Internal and preview environments of AWS. Their values are stored separately and never granted. */
const PREVIEW = /-preview\.|\.(?:preprod|beta|gamma)\.|^test\./

/** `on`: the day on which the rows were read, such as `2026-11-25`. */
export function mergeFacts(
  known: ReadonlyMap<string, ServiceFacts>,
  rows: readonly PublishedRow[],
  on: string,
): Merged {
  const facts = new Map(known)
  const changes: FactChange[] = []
  for (const [service, published] of Map.groupBy(rows, row => row.service)) {
    const before = known.get(service)
    const merged = mergeService(
      before ?? { service: `${service}.amazonaws.com`, sources: {}, calls: [] },
      published,
      on,
    )
    facts.set(service, merged.facts)
    changes.push(...merged.changes.map(change => ({ ...change, service })))
  }
  return { facts, changes }
}

type ServiceChange = Omit<FactChange, 'service'>

function mergeService(
  before: ServiceFacts,
  rows: readonly PublishedRow[],
  on: string,
): { readonly facts: ServiceFacts; readonly changes: readonly ServiceChange[] } {
  const operations = new Map(operationsOf(before).map(one => [one.name, one]))
  const changes: ServiceChange[] = []
  for (const row of rows) {
    const old = operations.get(row.operation) ?? null
    const next = withPublished(old, row)
    operations.set(row.operation, next)
    const change = changeOf(old, next)
    if (change !== null) changes.push({ operation: row.operation, ...change })
  }
  const listed = new Set(rows.map(row => row.operation))
  for (const { name, sends } of operations.values())
    if (sends.published !== undefined && !listed.has(name))
      changes.push({
        kind: 'unlisted',
        operation: name,
        text: `no longer listed; kept: ${describeSent(sends)}`,
      })
  const from = rows[0]?.from ?? ''
  const sources = { ...before.sources, published: { from, on } }
  return { facts: { ...before, sources, calls: grouped([...operations.values()]) }, changes }
}

function withPublished(old: Operation | null, { operation, values }: PublishedRow): Operation {
  const published = values.filter(value => !PREVIEW.test(value))
  const preview = values.filter(value => PREVIEW.test(value))
  const { published: _, preview: __, 'managed-policy': policies = {}, trust = [], reportedAbsent } = old?.sends ?? {}
  // A published value needs no weaker evidence. A different value from a managed policy stays, because the sources disagree.
  const others = Object.fromEntries(Object.entries(policies).filter(([value]) => !published.includes(value)))
  const sends: SentValues = {
    published,
    ...(preview.length === 0 ? {} : { preview }),
    ...(Object.keys(others).length === 0 ? {} : { 'managed-policy': others }),
    ...(published.length > 0 || trust.length === 0 ? {} : { trust }),
    ...(reportedAbsent === undefined ? {} : { reportedAbsent }),
  }
  return { name: operation, sends, roles: (old?.roles ?? []).map(role => stillSent(role, sends)) }
}

/** A role keeps the values that are still sent. If none are left, all values of the call are possible. */
function stillSent(role: RoleParameter, sends: SentValues): RoleParameter {
  if (typeof role === 'string' || role.sends === undefined) return role
  const all = [...(sends.published ?? []), ...Object.keys(sends['managed-policy'] ?? {}), ...(sends.trust ?? [])]
  const { sends: old, ...rest } = role
  const remaining = old.filter(value => all.includes(value))
  if (remaining.length === old.length) return role
  if (remaining.length > 0) return { ...rest, sends: remaining }
  return rest.assumedBy === undefined ? rest.role : rest
}

function changeOf(old: Operation | null, next: Operation): Omit<ServiceChange, 'operation'> | null {
  if (old === null) {
    const roles = 'the parameter that holds the role is not known: add it by hand'
    return { kind: 'new', text: `${describeSent(next.sends)}; ${roles}` }
  }
  if (JSON.stringify(ordered(old)) === JSON.stringify(ordered(next))) return null
  return { kind: 'changed', text: `${describeSent(old.sends)} → ${describeSent(next.sends)}` }
}

const sorted = (values: readonly string[] | undefined): readonly string[] => [...(values ?? [])].sort()
const ordered = ({ sends, roles }: Operation): unknown => [
  sends.published === undefined,
  sorted(sends.published),
  sorted(sends.preview),
  Object.entries(sends['managed-policy'] ?? {}).sort(),
  sorted(sends.trust),
  sends.reportedAbsent === true,
  roles,
]

function describeSent({ published, preview = [], 'managed-policy': policies = {}, trust = [] }: SentValues): string {
  const parts = [
    ...(published === undefined
      ? []
      : [`published ${published.length === 0 ? 'without a value' : published.join(', ')}`]),
    ...(preview.length === 0 ? [] : [`preview ${preview.join(', ')}`]),
    ...Object.entries(policies).map(([value, policy]) => `${value} in ${policy}`),
    ...(trust.length === 0 ? [] : [`usually trusted ${trust.join(', ')}`]),
  ]
  return parts.length === 0 ? 'no value known' : parts.join('; ')
}

function operationsOf(facts: ServiceFacts): readonly Operation[] {
  return facts.calls.flatMap(({ sends, operations }) =>
    Object.entries(operations).map(([name, roles]) => ({ name, sends, roles })),
  )
}

/** Published values first, guesses last; operations by name. */
function grouped(operations: readonly Operation[]): readonly CallFacts[] {
  const groups = [...Map.groupBy(operations, ({ sends }) => JSON.stringify(sends)).values()].flatMap(group => {
    const [first] = group
    const byName = group.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return first === undefined
      ? []
      : [{ sends: first.sends, operations: Object.fromEntries(byName.map(({ name, roles }) => [name, roles])) }]
  })
  return groups.toSorted(
    (a, b) => rank(a.sends) - rank(b.sends) || (JSON.stringify(a.sends) < JSON.stringify(b.sends) ? -1 : 1),
  )
}

function rank({ published, 'managed-policy': policies, trust }: SentValues): number {
  if (published !== undefined) return published.length > 0 ? 0 : 1
  if (policies !== undefined) return 2
  return trust === undefined ? 4 : 3
}
