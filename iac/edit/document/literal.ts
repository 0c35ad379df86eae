/** A value in code, with its place. */
export type Literal = ScalarLiteral | ListLiteral | MapLiteral | OpenLiteral

type Place = { readonly file: string; readonly start: number; readonly end: number }

export type ScalarLiteral = Place & { readonly kind: 'scalar'; readonly value: string | number | boolean | null }
export type ListLiteral = Place & {
  readonly kind: 'list'
  readonly items: readonly Literal[]
  /** Why no item can be added here, such as a list that a function makes. Null: items can be added. */
  readonly fixed: string | null
}
export type MapLiteral = Place & {
  readonly kind: 'map'
  readonly entries: readonly LiteralEntry[]
  readonly fixed: string | null
}
/** `start`: the offset of the key. */
export type LiteralEntry = { readonly key: string; readonly start: number; readonly value: Literal }
/** A value that only the deploy knows. `text`: the expression. `pieces`: the parts of the resulting text, null for unknown parts. */
export type OpenLiteral = Place & {
  readonly kind: 'open'
  readonly text: string
  readonly pieces: readonly (string | null)[]
}

export const memberOf = (literal: Literal | null | undefined, key: string): Literal | null =>
  literal?.kind === 'map' ? (literal.entries.find(entry => entry.key === key)?.value ?? null) : null

/** A known value as text. Null for anything else. */
export const scalarLiteralText = (literal: Literal | null | undefined): string | null =>
  literal?.kind === 'scalar' && literal.value !== null ? String(literal.value) : null

const OPEN = 'only the deploy knows'

/** The value as plain data. Unknown parts become their expression, so that equal code has equal values. */
export function plainLiteral(literal: Literal): unknown {
  switch (literal.kind) {
    case 'scalar':
      return literal.value
    case 'list':
      return literal.items.map(plainLiteral)
    case 'map':
      return Object.fromEntries(literal.entries.map(({ key, value }) => [key, plainLiteral(value)]))
    case 'open':
      return { [OPEN]: literal.text }
  }
}

export function hasOpen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, OPEN) || Object.values(value).some(hasOpen)
}

/** True when an unknown name may resolve to this one. A name without any known part proves nothing. */
export const mayBeText = (literal: Literal | null, name: string): boolean =>
  literal?.kind === 'open' && mayBecome(literal.pieces, name)

/** Like `mayBeText`, for a text whose unknown parts are null. */
export function mayBecome(pieces: readonly (string | null)[], name: string): boolean {
  if (pieces.every(piece => piece === null || piece === '')) return false
  let at = 0
  for (const [index, piece] of pieces.entries()) {
    if (piece === null || piece === '') continue
    const found = index === 0 ? (name.startsWith(piece) ? 0 : -1) : name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  const last = pieces.at(-1)
  return last === null || last === undefined || name.endsWith(last)
}

/** Whether a text as it is written, with `${…}` for what is filled in, may become this name. */
export function mayBeWritten(text: string, name: string): boolean {
  const pieces = text.split(/\$\{[^{}]*\}/)
  if (pieces.length === 1) return text === name
  return pieces.every(piece => piece === '') || mayBecome(pieces.flatMap(piece => [piece, null]).slice(0, -1), name)
}

const sizes = new WeakMap<Literal, number>()

/** The number of values in it. A shared part counts each time. */
export function sizeOf(literal: Literal): number {
  if (literal.kind === 'scalar' || literal.kind === 'open') return 1
  const before = sizes.get(literal)
  if (before !== undefined) return before
  const parts = literal.kind === 'list' ? literal.items : literal.entries.map(({ value }) => value)
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 1)
  sizes.set(literal, size)
  return size
}
