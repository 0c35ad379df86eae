/** Policy documents as people read them: short lists on one line, secrets hidden, changes as a diff. */
import { diffArrays } from 'diff'
import { neutralText } from '../neutral-text.ts'
import type { PolicyDocument } from '../policy.ts'

export type DiffLine = { readonly sign: ' ' | '+' | '-' | '…'; readonly text: string }

const ONE_LINE_CHARS = 72
const CONTEXT_LINES = 2
const LONGEST_LINE_CHARS = 400

/** An external id is a shared secret of two companies: it is compared, never shown in a channel. */
const HIDDEN_KEY = 'sts:externalid'
const HIDDEN = '(not shown)'

export function withoutSecrets(document: PolicyDocument): PolicyDocument {
  return hidden(document, false) as PolicyDocument
}

function hidden(value: unknown, secret: boolean): unknown {
  if (Array.isArray(value)) return value.map(item => hidden(item, secret))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, hidden(member, secret || key.toLowerCase() === HIDDEN_KEY)]),
    )
  return secret ? HIDDEN : value
}

export function printed(document: PolicyDocument): readonly string[] {
  return print(withoutSecrets(document), '').split('\n').map(neutralLine)
}

function print(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const short = `[${value.map(item => print(item, inner)).join(', ')}]`
    if (short.length <= ONE_LINE_CHARS && !short.includes('\n')) return short
    return `[\n${value.map(item => inner + print(item, inner)).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return '{}'
  const lines = members.map(([key, member]) => `${inner}${JSON.stringify(key)}: ${print(member, inner)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function neutralLine(line: string): string {
  const indent = line.length - line.trimStart().length
  return line.slice(0, indent) + neutralText(line.slice(indent), LONGEST_LINE_CHARS)
}

/** Only what changes, with two lines around it; `…` stands for the lines between. */
export function difference(before: PolicyDocument | null, after: PolicyDocument | null): readonly DiffLine[] {
  const lines = diffArrays(linesOf(before), linesOf(after)).flatMap(part =>
    part.value.map((text): DiffLine => ({ sign: part.added ? '+' : part.removed ? '-' : ' ', text })),
  )
  const changed = lines.flatMap((line, index) => (line.sign === ' ' ? [] : [index]))
  const near = (index: number) => changed.some(at => Math.abs(at - index) <= CONTEXT_LINES)
  return lines.flatMap((line, index) => {
    if (near(index)) return [line]
    return index > 0 && near(index - 1) && index < lines.length - 1 ? [{ sign: '…', text: '' } as const] : []
  })
}

const linesOf = (document: PolicyDocument | null): string[] => (document === null ? [] : [...printed(document)])

/** At most `limit` lines; the rest is counted. */
export function cut(
  lines: readonly DiffLine[],
  limit: number,
): { readonly lines: readonly DiffLine[]; readonly left: number } {
  return { lines: lines.slice(0, limit), left: Math.max(0, lines.length - limit) }
}
