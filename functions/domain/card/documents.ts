/** Policy documents for people: short lists on one line, secrets hidden, changes as a diff. */

import { diffArrays } from 'diff'
import { neutralText, shortened } from '../../../core/base/index.ts'
import { type PolicyDocument, withoutSecrets } from '../../../core/iam/index.ts'

export type DiffLine = { readonly sign: ' ' | '+' | '-' | '…'; readonly text: string }

const ONE_LINE_CHARS = 72
const CONTEXT_LINES = 2
/** Includes the `…` of a truncated line. */
const LONGEST_LINE_CHARS = 401

export function printed(document: PolicyDocument): readonly string[] {
  return lines(print(withoutSecrets(document), ''))
}

const lines = (text: string, longest?: number): string[] => text.split('\n').map(line => neutralLine(line, longest))

function print(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const short = `[${value.map(item => print(item, inner)).join(', ')}]`
    if (short.length <= ONE_LINE_CHARS && !short.includes('\n')) return short
    return `[\n${value.map(item => inner + print(item, inner)).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}: ${print(member, inner)}`)
  if (members.length === 0) return '{}'
  const short = `{ ${members.join(', ')} }`
  if (members.length === 1 && indent !== '' && short.length <= ONE_LINE_CHARS && !short.includes('\n')) return short
  return `{\n${members.map(member => inner + member).join(',\n')}\n${indent}}`
}

/** Keeps the indentation, which is part of code. A truncated line ends with `…`. */
export function neutralLine(line: string, longest = LONGEST_LINE_CHARS): string {
  const indent = line.length - line.trimStart().length
  return line.slice(0, indent) + shortened(neutralText(line.slice(indent)), longest)
}

/** Only the statements that change, with two lines of context around each change. `…` replaces the lines in between. */
export function difference(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  longest?: number,
): readonly DiffLine[] {
  const all = diffArrays(linesOf(before, after, null, longest), linesOf(after, before, before, longest)).flatMap(part =>
    part.value.map((text): DiffLine => ({ sign: part.added ? '+' : part.removed ? '-' : ' ', text })),
  )
  const changed = all.flatMap((line, index) => (line.sign === ' ' ? [] : [index]))
  if (changed.length === 0) return []
  const far = (index: number) => changed.every(at => Math.abs(at - index) > CONTEXT_LINES)
  return all.flatMap((line, index) => {
    if (!far(index)) return [line]
    // The first of several omitted lines represents them all.
    return index === 0 || !far(index - 1) ? [index + 1 < all.length && far(index + 1) ? GAP : line] : []
  })
}

const GAP: DiffLine = { sign: '…', text: '' }

/** Omits Version and Id if both documents have the same. */
function linesOf(
  document: PolicyDocument | null,
  other: PolicyDocument | null,
  old: PolicyDocument | null,
  longest: number | undefined,
): string[] {
  if (document === null) return []
  const around = (['Version', 'Id'] as const).flatMap(key =>
    other === null || document[key] === other[key] ? [] : lines(`"${key}": ${print(document[key], '')}`, longest),
  )
  return [
    ...around,
    ...withoutSecrets(document, old).Statement.flatMap(statement => lines(print(statement, ''), longest)),
  ]
}

/** At most `limit` lines, and the number of omitted ones. */
export function cut(
  all: readonly DiffLine[],
  limit: number,
): { readonly lines: readonly DiffLine[]; readonly left: number } {
  return { lines: all.slice(0, limit), left: Math.max(0, all.length - limit) }
}
