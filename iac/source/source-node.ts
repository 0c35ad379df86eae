import type { RoleText } from './role-text.ts'

/** A value of a YAML or JSON text, with its place. Short tags (`!Sub`) are already their long form (`Fn::Sub`). */
export type SourceNode = ScalarNode | OpenNode | ListNode | MapNode

/** Offsets in UTF-16 units, as `String.slice` takes them; an alias has the place of the alias. */
export type Place = { readonly line: number; readonly start: number; readonly end: number }

export type ScalarNode = Place & {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written: `012345678901` stays an account id. */
  readonly text: string
}
/** A text that is already worked out, and of which parts may be unknown. */
export type OpenNode = Place & { readonly kind: 'open'; readonly worth: RoleText }
export type ListNode = Place & {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
  /** Why an edit can add nothing here, such as an anchor that other parts use too; null where it can. */
  readonly fixed: string | null
}
export type MapNode = Place & {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  readonly fixed: string | null
}
/** `line` and `start`: of the key. */
export type Entry = { readonly line: number; readonly start: number; readonly value: SourceNode }

/** Input that cannot be read: one line for a person, with the place. Readers catch it at their edge and return it as data. */
export class UnreadableSource extends Error {
  readonly file: string
  readonly line: number | null

  constructor(file: string, line: number | null, message: string) {
    super(message)
    this.name = 'UnreadableSource'
    this.file = file
    this.line = line
  }
}

/** What `read` returns, or null for input that cannot be read. */
export function readable<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (fault) {
    if (fault instanceof UnreadableSource) return null
    throw fault
  }
}

export const duplicateKey = (file: string, line: number, key: string, before: number) =>
  new UnreadableSource(file, line, `${JSON.stringify(key)} stands twice, first on line ${before}`)

/** Deeper than any template that CloudFormation accepts, shallow enough to walk recursively. */
export const MAX_DEPTH = 200

export const entryOf = (node: SourceNode | undefined, key: string): Entry | undefined =>
  node?.kind === 'map' ? node.entries.get(key) : undefined

export const childOf = (node: SourceNode | undefined, key: string): SourceNode | undefined => entryOf(node, key)?.value

export const scalarText = (node: SourceNode | undefined): string | null =>
  node?.kind === 'scalar' && node.value !== null ? node.text : null

export const placeOf = ({ line, start, end }: Place): Place => ({ line, start, end })

export const scalarNode = (text: string, at: Place): ScalarNode => ({
  ...placeOf(at),
  kind: 'scalar',
  value: text,
  text,
})

/** The one entry of a map such as `{ "Fn::Sub": … }`, or null where there are none or several. */
export function onlyEntry(node: SourceNode): readonly [key: string, entry: Entry] | null {
  if (node.kind !== 'map' || node.entries.size !== 1) return null
  for (const [key, entry] of node.entries) return [key, entry]
  return null
}

/** As plain data, with functions as they are written. */
export function plainSource(node: SourceNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return scalarValue(node)
    case 'open':
      return { open: node.worth.pieces }
    case 'list':
      return node.items.map(plainSource)
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plainSource(value)]))
  }
}

/** A number that would lose digits stays the text that it is: `012345678901`. */
export const scalarValue = ({ value, text }: ScalarNode): ScalarNode['value'] =>
  typeof value === 'number' && String(value) !== text ? text : value
