/**
 * The content of a card before markup. Spans keep rolemedic's own text apart from outside text, so that a renderer never reads
 * outside text as markup. In the template `richText`, every inserted string is outside text.
 */

import { never } from './errors.ts'
import { neutralText, shortened } from './neutral-text.ts'

export type Span =
  | { readonly kind: 'own'; readonly text: string }
  | { readonly kind: 'strong'; readonly text: string }
  | { readonly kind: 'outside'; readonly text: string }
  /** Outside text that is a name or an ARN. */
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'person'; readonly id: string; readonly name: string | null }
  | { readonly kind: 'group'; readonly id: string }
  /** A link to a page that rolemedic's own data names. */
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
export type RichText = readonly Span[]

/** Longest piece of outside text on a card. IAM's limit for an ARN is 2,048; 600 is what people can read. */
const LONGEST_PIECE_CHARS = 600

export const own = (text: string): Span => ({ kind: 'own', text })
export const strong = (text: string): Span => ({ kind: 'strong', text })
export const outside = (text: string): Span => ({ kind: 'outside', text: piece(text) })
export const code = (text: string): Span => ({ kind: 'code', text: piece(text) })
export const time = (atMs: number): Span => ({ kind: 'time', atMs })
/** A mention where the chat takes the id for one of its users, else the name. */
export const person = ({ id, name }: { readonly id: string; readonly name: string }): Span => ({
  kind: 'person',
  id: piece(id),
  name: piece(name),
})

/** https, a host name, and no character that ends a link in Markdown or Slack. */
const LINKABLE =
  /^https:\/\/((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9])(:\d{1,5})?\/[\w.~%/?=&#+-]{0,400}$/i

/**
 * The URL if it is safe to show as a link, else null. Stored URLs are checked again, as they may have been changed. `hosts`:
 * allowed hosts, where `*.example.com` allows all subdomains; without a port.
 */
export function linkableUrl(url: string | null | undefined, hosts?: readonly string[]): string | null {
  const [address, name = '', port] = LINKABLE.exec(url ?? '') ?? []
  if (address === undefined) return null
  if (hosts === undefined) return address
  const host = name.toLowerCase()
  const isIn = (one: string) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one)
  return port === undefined && hosts.some(isIn) ? address : null
}

export const link = (text: string, url: string): Span => {
  const address = linkableUrl(url)
  return address === null ? own(text) : { kind: 'link', text, url: address }
}

function piece(text: string): string {
  return shortened(neutralText(text, LONGEST_PIECE_CHARS + 1), LONGEST_PIECE_CHARS)
}

type Part = string | number | Span | RichText

export function richText(literals: TemplateStringsArray, ...parts: readonly Part[]): RichText {
  return literals.flatMap((literal, index) => {
    const before = literal === '' ? [] : [own(literal)]
    const part = parts[index]
    return part === undefined ? before : [...before, ...spansOf(part)]
  })
}

function spansOf(part: Part): RichText {
  if (typeof part === 'number') return [own(String(part))]
  if (typeof part === 'string') return part === '' ? [] : [outside(part)]
  return 'kind' in part ? [part] : part
}

export function joined(list: readonly RichText[], separator: string): RichText {
  return list.flatMap((item, index) => (index === 0 ? item : [own(separator), ...item]))
}

/** For places without markup: notifications, SNS, a terminal. */
export function asPlainText(text: RichText): string {
  return text.map(plainSpan).join('')
}

function plainSpan(span: Span): string {
  switch (span.kind) {
    case 'own':
    case 'strong':
    case 'outside':
    case 'code':
      return span.text
    case 'link':
      return `${span.text} (${span.url})`
    case 'time':
      return utc(span.atMs)
    case 'person':
      return span.name === null || span.name === '' ? span.id : span.name
    case 'group':
      return span.id
    default:
      return never(span)
  }
}

/** `2026-11-24 23:31 UTC`, or `an unknown time` for an invalid date. */
export function utc(atMs: number): string {
  const date = new Date(atMs)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

export const plural = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : nouns}`
