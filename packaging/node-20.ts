/** The functions of ES2024 that Node 20 lacks, for the bundle only. https://node.green/#ES2024 */
function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  let index = 0
  for (const item of items) {
    const key = keyOf(item, index++)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

function define(owner: object, name: string, value: unknown): void {
  if (!(name in owner)) Object.defineProperty(owner, name, { value, writable: true, configurable: true })
}

define(Map, 'groupBy', groupBy)
define(Object, 'groupBy', <T>(items: Iterable<T>, keyOf: (item: T, index: number) => string) =>
  Object.assign(Object.create(null), Object.fromEntries(groupBy(items, keyOf))),
)
define(Promise, 'withResolvers', () => {
  const resolvers: { resolve?: unknown; reject?: unknown } = {}
  const promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }))
  return { promise, ...resolvers }
})
