/** A value in code: what it evaluates to, and its place. */
export type Literal = ScalarLiteral | ListLiteral | MapLiteral | OpenLiteral

type Place = { readonly file: string; readonly start: number; readonly end: number }

export type ScalarLiteral = Place & { readonly kind: 'scalar'; readonly value: string | number | boolean | null }
export type ListLiteral = Place & {
  readonly kind: 'list'
  readonly items: readonly Literal[]
  /** Why no item can be added here, such as a list that a function makes; null for brackets or dashes. */
  readonly fixed: string | null
}
export type MapLiteral = Place & {
  readonly kind: 'map'
  readonly entries: readonly LiteralEntry[]
  readonly fixed: string | null
}
export type LiteralEntry = { readonly key: string; readonly value: Literal }
/** Only the deploy knows it. `text` is the expression; `pieces` are the parts of a text that are known, null for the others. */
export type OpenLiteral = Place & {
  readonly kind: 'open'
  readonly text: string
  readonly pieces: readonly (string | null)[]
}

export const memberOf = (literal: Literal | null | undefined, key: string): Literal | null =>
  literal?.kind === 'map' ? (literal.entries.find(entry => entry.key === key)?.value ?? null) : null

const OPEN = 'only the deploy knows'

/** As plain data. Open parts stand as their expression, so that equal code has equal values. */
export function plainOf(literal: Literal): unknown {
  switch (literal.kind) {
    case 'scalar':
      return literal.value
    case 'list':
      return literal.items.map(plainOf)
    case 'map':
      return Object.fromEntries(literal.entries.map(({ key, value }) => [key, plainOf(value)]))
    case 'open':
      return { [OPEN]: literal.text }
  }
}

export function hasOpen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, OPEN) || Object.values(value).some(hasOpen)
}
