/** A value of a template, with the line it stands on. Short tags (`!Sub`) are already their long form (`Fn::Sub`). */
export type SourceNode = ScalarNode | ListNode | MapNode

export type ScalarNode = {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written: `012345678901` stays an account id. */
  readonly text: string
  readonly line: number
}
export type ListNode = { readonly kind: 'list'; readonly items: readonly SourceNode[]; readonly line: number }
export type MapNode = { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Entry>; readonly line: number }
export type Entry = { readonly line: number; readonly value: SourceNode }

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

/** Deeper than any template that CloudFormation accepts, shallow enough to walk recursively. */
export const MAX_DEPTH = 200

export const entryOf = (node: SourceNode | undefined, key: string): Entry | undefined =>
  node?.kind === 'map' ? node.entries.get(key) : undefined

export const childOf = (node: SourceNode | undefined, key: string): SourceNode | undefined => entryOf(node, key)?.value

export const textOf = (node: SourceNode | undefined): string | null =>
  node?.kind === 'scalar' && node.value !== null ? node.text : null

export const scalarNode = (text: string, line: number): ScalarNode => ({ kind: 'scalar', value: text, text, line })

/** The one entry of a map such as `{ "Fn::Sub": … }`, or null where there are none or several. */
export function onlyEntry(node: SourceNode): readonly [key: string, entry: Entry] | null {
  if (node.kind !== 'map' || node.entries.size !== 1) return null
  for (const [key, entry] of node.entries) return [key, entry]
  return null
}
