/** A value, or the reason there is none. Refusals travel as data; faults are exceptions. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })
export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error })

/**
 * The result of reading one thing. `absent` means that it does not exist, which is evidence; `unreadable` means that it may
 * exist, which is unknown.
 */
export type Read<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Why rolemedic refuses, and who can act. `code` is stable. `owner` is null if nobody in particular owns the next step. */
export type Refusal = { readonly code: string; readonly message: string; readonly owner: string | null }

declare const brand: unique symbol
/** A type that only a module with a cast can create. It turns safety rules of the pipeline into types. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
