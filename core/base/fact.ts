/** A value that was seen, or the reason why it could not be. Unknown can be shown, never acted on. */
export type Fact<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string }

/**
 * The outcome of reading one thing. `absent` (it does not exist) and `unreadable` (it may exist) are never confused:
 * the first is evidence, the second is an unknown.
 */
export type Read<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }

export type Unknown = { readonly fact: string; readonly why: string }

export const known = <T>(value: T): Fact<T> => ({ known: true, value })
export const unknown = (why: string): { readonly known: false; readonly why: string } => ({ known: false, why })

export const found = <T>(value: T): Read<T> => ({ kind: 'found', value })
export const ABSENT = { kind: 'absent' } as const
export const unreadable = (why: string): { readonly kind: 'unreadable'; readonly why: string } => ({
  kind: 'unreadable',
  why,
})
