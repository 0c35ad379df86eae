/**
 * Condition keys of one request: present with values, known to be absent from the request, or unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export type ContextFact =
  | { readonly state: 'present'; readonly values: readonly string[] }
  | { readonly state: 'absent' }
  /**
   * `never`: values that it does not have, if it is present at all; `any`: whatever a policy asks for. `like`: it is present, and
   * its value matches this pattern, in which `*` is any text.
   */
  | {
      readonly state: 'unknown'
      readonly why: string
      readonly never?: readonly string[] | 'any'
      readonly like?: string
    }

/** Keyed by the condition key in lower case. A key that is not listed is unknown. */
export type ContextFacts = { readonly [keyInLowerCase: string]: ContextFact }

export const present = (...values: string[]): ContextFact => ({ state: 'present', values })
export const ABSENT_KEY: ContextFact = { state: 'absent' }
export const unknownKey = (why: string, never: readonly string[] | 'any' = []): ContextFact =>
  never.length === 0 ? { state: 'unknown', why } : { state: 'unknown', why, never }

/** A key that is sent with a value of which only a pattern is known. */
export const partlyKnown = (like: string, why: string): ContextFact => ({ state: 'unknown', why, like })

export function contextFact(facts: ContextFacts, key: string): ContextFact {
  const lower = key.toLowerCase()
  return Object.hasOwn(facts, lower)
    ? (facts[lower] as ContextFact)
    : { state: 'unknown', why: `the event does not show ${key}` }
}

/** The condition keys of a time. A diagnosis asks for the time of the request and for now. */
export function timeContext(atMs: number): ContextFacts {
  if (latest.atMs !== atMs) [latest, other] = [other.atMs === atMs ? other : momentAt(atMs), latest]
  return latest.context
}

type Moment = { readonly atMs: number; readonly context: ContextFacts }

const momentAt = (atMs: number): Moment => ({
  atMs,
  context: {
    'aws:currenttime': present(new Date(atMs).toISOString()),
    'aws:epochtime': present(String(Math.floor(atMs / 1000))),
  },
})

let latest = momentAt(0)
let other = latest
