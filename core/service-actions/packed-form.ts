/**
 * The text form of the published actions, written by `npm run facts -- --actions`. Four parts: a head with version, day, verbs and
 * services; then for each service its resource forms, its sets of forms, and its actions as nouns with the verbs that each has.
 */

export const PART_END = '\n---\n'
export const SERVICE_END = '\n\n'

/** The published forms of ARNs; a variable is `$`. */
export type TypeForms = readonly string[]

/**
 * Drops what most forms of a service have in common: `log-group:$` is `arn:$:logs:$:$:log-group:$`. With other accounts or Regions
 * the form starts with a colon, with another service with `=`.
 */
export function shortForm(service: string, form: string): string {
  const [, , owner = '', region = '', account = '', ...rest] = form.split(':')
  const resource = rest.join(':')
  if (owner !== service) return `=${[owner, region, account, resource].join(':')}`
  return region === '$' && account === '$' ? resource : `:${[region, account, resource].join(':')}`
}

export function wholeForm(service: string, short: string): string {
  if (short.startsWith('=')) return `arn:$:${short.slice(1)}`
  return short.startsWith(':') ? `arn:$:${service}${short}` : `arn:$:${service}:$:$:${short}`
}

/** A noun names how many words it shares with the one before. One that starts with a digit always does. */
export function shortNoun(noun: string, before: readonly string[]): string {
  const words = nounWords(noun)
  let same = 0
  while (same < Math.min(words.length - 1, before.length, 9) && words[same] === before[same]) same += 1
  const rest = words.slice(same).join('')
  return same === 0 && !/^\d/.test(rest) ? rest : `${same}${rest}`
}

export function wholeNoun(short: string, before: readonly string[]): string {
  const same = /^\d/.test(short) ? Number(short.charAt(0)) : null
  return same === null ? short : before.slice(0, same).join('') + short.slice(1)
}

export const nounWords = (noun: string): readonly string[] =>
  noun.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[^A-Z]+/g) ?? [noun]

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')

/** What a noun may call each type: the last fixed word of its form. `accesspoint/$` is `accesspoint`. */
export const wordsOfTypes = (types: readonly TypeForms[]): readonly string[] =>
  types.map(([form = '']) => letters(/:[^:]*$/.exec(form.replaceAll(/[/$*]+/g, ':').replace(/:+$/, ''))?.[0] ?? ''))

/** The place of the type that a noun names: `AccessPointPolicy` is about `accesspoint`. Null: none. */
export function typeNamedBy(noun: string, words: readonly string[]): number | null {
  const name = letters(noun)
  const longest = (some: readonly string[]) => some.toSorted((a, b) => b.length - a.length)[0]
  const within = words.filter(word => word !== '' && name.includes(word))
  const best = longest(within.filter(word => name.startsWith(word))) ?? longest(within)
  return best === undefined ? null : words.indexOf(best)
}

/** No resource: only `*` is valid. */
export const NO_TYPE = '*'
/** The type that the noun names. */
export const NAMED_TYPE = '='
const SIGNS = '0123456789!#$%&()+,-./:;<>?@[]^_{|}~'

/** The sign of the set at a place. */
export const signOfSet = (at: number): string => SIGNS.charAt(at) || String.fromCodePoint(0xa1 + at - SIGNS.length)

export function setOfSign(sign: string): number {
  const at = SIGNS.indexOf(sign)
  return at >= 0 ? at : (sign.codePointAt(0) ?? 0) - 0xa1 + SIGNS.length
}

/** A capital letter is a verb with the plural: `C` makes `ListBuckets` of `Bucket`, if `c` is `List`. */
export const VERB_LETTERS = 'abcdefghijklmnopqrstuvwxyz'
export const VERBS_WITH_SIGN = /([A-Za-z']*)([^A-Za-z']|$)/g
/** The noun is the whole name of an action. Left out where no letter is beside it. */
export const WHOLE_NAME = "'"
