import { type SourceNode, scalarText, UnreadableSource } from './source-node.ts'

type Referring = {
  readonly type: string
  readonly line: number
  readonly properties: SourceNode | undefined
  readonly dependsOn: readonly string[]
}

/** Throws for resources that depend on each other in a cycle. CloudFormation refuses them, and a recursive walk would not end. */
export function refuseCycles(file: string, resources: ReadonlyMap<string, Referring>): void {
  const state = new Map<string, 'open' | 'done'>()
  for (const start of resources.keys()) visit(start)

  function visit(start: string): void {
    if (state.get(start) === 'done') return
    const path: { readonly id: string; readonly next: Iterator<string> }[] = []
    enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.next.next()
      if (next.done === true) {
        state.set(top.id, 'done')
        path.pop()
      } else if (state.get(next.value) === 'open') {
        const ids = path.map(step => step.id)
        const cycle = [...ids.slice(ids.indexOf(next.value)), next.value]
        const line = resources.get(next.value)?.line ?? null
        throw new UnreadableSource(file, line, `circular reference: ${cycle.slice(0, 6).join(' → ')}`)
      } else if (state.get(next.value) === undefined) enter(next.value)
    }

    function enter(id: string): void {
      const resource = resources.get(id)
      state.set(id, 'open')
      const references = resource === undefined ? new Set<string>() : referencesOf(resource)
      path.push({ id, next: [...references].filter(reference => resources.has(reference)).values() })
    }
  }
}

/** Ignores the SAM transform's own resources: it splits them, and only then are their references known. */
function referencesOf(resource: Referring): ReadonlySet<string> {
  if (resource.type.startsWith('AWS::Serverless::')) return new Set()
  const found = new Set(resource.dependsOn)
  if (resource.properties !== undefined) collect(resource.properties, found)
  return found
}

function collect(node: SourceNode, found: Set<string>): void {
  if (node.kind === 'scalar' || node.kind === 'open') return
  if (node.kind === 'list') {
    for (const item of node.items) collect(item, found)
    return
  }
  for (const [key, { value }] of node.entries) {
    if (key === 'Ref') add(scalarText(value), found)
    else if (key === 'Fn::GetAtt')
      add(scalarText(value.kind === 'list' ? value.items[0] : value)?.split('.')[0] ?? null, found)
    else if (key === 'Fn::Sub') {
      const text = scalarText(value.kind === 'list' ? value.items[0] : value) ?? ''
      for (const [, name = ''] of text.matchAll(/\$\{([^{}!][^{}]*)\}/g)) add(name.trim().split('.')[0] ?? null, found)
      if (value.kind === 'list') collect(value, found)
      continue
    }
    collect(value, found)
  }
}

function add(name: string | null, found: Set<string>): void {
  if (name !== null) found.add(name)
}
