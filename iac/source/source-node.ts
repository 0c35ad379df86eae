import type { RoleText } from './role-text.ts'

/** A value of a YAML or JSON text, with its place. Short tags (`!Sub`) are already in their long form (`Fn::Sub`). */
export type SourceNode = ScalarNode | OpenNode | ListNode | MapNode

/** Offsets in UTF-16 code units, as in `String.slice`. The place of an aliased value is that of the alias. */
export type Place = { readonly line: number; readonly start: number; readonly end: number }

export type ScalarNode = Place & {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, so that `012345678901` stays an account id. */
  readonly text: string
}
/** A text that is already resolved and may have unknown parts. */
export type OpenNode = Place & { readonly kind: 'open'; readonly worth: RoleText }
export type ListNode = Place & {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
  /** Why an edit cannot add to the node, such as an anchor that other parts use too. Null: it can. */
  readonly fixed: string | null
}
export type MapNode = Place & {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  readonly fixed: string | null
}
/** `line` and `start` are those of the key. */
export type Entry = { readonly line: number; readonly start: number; readonly value: SourceNode }

/**
 * Input that cannot be read. The message is one line for a person, with the place. Readers catch it at their edge and return it as data.
 */
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

/** The result of `read`. Null: the input cannot be read. */
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

/** Deeper than any template that CloudFormation accepts, and shallow enough for recursion. */
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

/** The one entry of a map such as `{ "Fn::Sub": … }`. Null: there is none, or there are several. */
export function onlyEntry(node: SourceNode): readonly [key: string, entry: Entry] | null {
  if (node.kind !== 'map' || node.entries.size !== 1) return null
  for (const [key, entry] of node.entries) return [key, entry]
  return null
}

/** The node as plain data, with unresolved functions. */
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

/** The value. A number that would lose digits remains a text: `012345678901`. */
export const scalarValue = ({ value, text }: ScalarNode): ScalarNode['value'] =>
  typeof value === 'number' && String(value) !== text ? text : value
