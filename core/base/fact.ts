import type { Read } from './result.ts'

/** A known value, or the reason why it is unknown. Unknown can be shown, never acted on. */
export type Fact<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string }

export type { Read } from './result.ts'

export type Unknown = { readonly fact: string; readonly why: string }

export const known = <T>(value: T): Fact<T> => ({ known: true, value })
export const unknown = (why: string): { readonly known: false; readonly why: string } => ({ known: false, why })

export const found = <T>(value: T): Read<T> => ({ kind: 'found', value })
export const ABSENT = { kind: 'absent' } as const
export const unreadable = (why: string): { readonly kind: 'unreadable'; readonly why: string } => ({
  kind: 'unreadable',
  why,
})
