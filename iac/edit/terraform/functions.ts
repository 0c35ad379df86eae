/** Terraform functions that names and policies use. Null for any other function and for open arguments. */
import {
  type Literal,
  type LiteralEntry,
  plainLiteral,
  type ScalarLiteral,
  scalarLiteralText,
} from '../document/literal.ts'

type Place = { readonly file: string; readonly start: number; readonly end: number }

const MADE = 'a function makes this list'

/** https://developer.hashicorp.com/terraform/language/functions */
export function callFunction(name: string, given: readonly Literal[], place: Place): Literal | null {
  const [first, second] = given
  if (first === undefined) return null
  const scalar = (value: ScalarLiteral['value']): Literal => ({ kind: 'scalar', ...place, value })
  const text = scalarLiteralText(first)
  switch (name) {
    case 'toset':
    case 'tolist':
    case 'tomap':
    case 'distinct':
      return first
    case 'tostring':
      return text === null ? null : scalar(text)
    case 'lower':
      return text === null ? null : scalar(text.toLowerCase())
    case 'upper':
      return text === null ? null : scalar(text.toUpperCase())
    case 'trimspace':
      return text === null ? null : scalar(text.trim())
    case 'length':
      if (first.kind === 'list') return scalar(first.items.length)
      return first.kind === 'map' ? scalar(first.entries.length) : null
    case 'keys':
      if (first.kind !== 'map') return null
      return {
        kind: 'list',
        ...place,
        items: first.entries.map(({ key }): Literal => ({ kind: 'scalar', ...place, value: key })),
        fixed: MADE,
      }
    case 'concat': {
      const lists = given.map(one => (one.kind === 'list' ? one.items : null))
      return lists.every(items => items !== null) ? { kind: 'list', ...place, items: lists.flat(), fixed: MADE } : null
    }
    case 'merge': {
      const entries = new Map<string, LiteralEntry>()
      for (const one of given) {
        if (one.kind !== 'map') return null
        for (const entry of one.entries) entries.set(entry.key, entry)
      }
      return { kind: 'map', ...place, entries: [...entries.values()], fixed: MADE }
    }
    case 'join': {
      const items = second?.kind === 'list' ? second.items.map(scalarLiteralText) : [null]
      return text === null || items.includes(null) ? null : scalar(items.join(text))
    }
    case 'replace': {
      const [, from, to] = given.map(scalarLiteralText)
      // `replace` reads a text between slashes as a regular expression.
      if (text === null || from == null || to == null || from.startsWith('/')) return null
      return scalar(text.replaceAll(from, () => to))
    }
    case 'format':
      return text === null ? null : formatted(text, given.slice(1), scalar)
    case 'jsonencode': {
      const value = JSON.stringify(plainLiteral(first))
      return /"only the deploy knows"/.test(value) ? null : scalar(value)
    }
    default:
      return null
  }
}

function formatted(format: string, values: readonly Literal[], scalar: (value: string) => Literal): Literal | null {
  const texts = values.map(scalarLiteralText)
  const verbs = format.match(/%./g) ?? []
  if (verbs.some(verb => verb !== '%s' && verb !== '%d') || verbs.length !== texts.length || texts.includes(null))
    return null
  let at = 0
  return scalar(format.replaceAll(/%[sd]/g, () => texts[at++] ?? ''))
}
