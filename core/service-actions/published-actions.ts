/**
 * The actions that AWS publishes, and the ARNs of the resources that each takes.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { once } from '../base/index.ts'
import {
  NAMED_TYPE,
  NO_TYPE,
  nounWords,
  PART_END,
  SERVICE_END,
  setOfSign,
  type TypeForms,
  typeNamedBy,
  VERB_LETTERS,
  VERBS_WITH_SIGN,
  WHOLE_NAME,
  wholeForm,
  wholeNoun,
  wordsOfTypes,
} from './packed-form.ts'
import { packedText } from './packed-text.ts'

export type PublishedAction = {
  /** As AWS spells it: `s3:CreateBucket`. */
  readonly name: string
  /** The resource types that it takes, each with its forms. None: only `*` is valid. */
  readonly types: readonly TypeForms[]
}

export type PublishedService = {
  /** By name in lower case, without the prefix. */
  readonly actions: ReadonlyMap<string, PublishedAction>
  /** Every resource type that an action of this service takes. */
  readonly types: readonly TypeForms[]
}

export type PublishedActions = {
  readonly version: string
  /** The day of the data: `2026-09-26`. */
  readonly day: string
  readonly prefixes: readonly string[]
  /** The service with this prefix in lower case. Null: not published, or not packed. */
  readonly service: (prefix: string) => PublishedService | null
}

/** Reads the packed text. A service is read on first use. Throws for a text that is none. */
export function readPublishedActions(text: string): PublishedActions {
  const [head = '', types = '', sets = '', names = '', more] = text.trimEnd().split(PART_END)
  const [version = '', day = ''] = head.split('\n', 1)[0]?.split(' ') ?? []
  const [, verbs = '', prefixes = ''] = head.split('\n')
  const services = prefixes.split(' ')
  const columns = [types, sets, names].map(part => part.split(SERVICE_END))
  if (version === '' || more !== undefined || columns.some(column => column.length !== services.length))
    throw new Error('the packed actions are not whole')
  const read = new Map<string, PublishedService>()
  const service = (prefix: string): PublishedService | null => {
    const at = services.indexOf(prefix)
    if (at < 0) return null
    const known = read.get(prefix)
    if (known !== undefined) return known
    const [forms = '', ownSets = '', ownNames = ''] = columns.map(column => column[at] ?? '')
    const made = readService(prefix, { forms, sets: ownSets, names: ownNames }, verbs.split(' '))
    read.set(prefix, made)
    return made
  }
  return { version, day, prefixes: services, service }
}

/** What is packed with rolemedic. */
export const publishedActions = once(() => readPublishedActions(packedText()))

type ServiceText = { readonly forms: string; readonly sets: string; readonly names: string }

function readService(prefix: string, { forms, sets, names }: ServiceText, verbs: readonly string[]): PublishedService {
  const types = forms === '' ? [] : forms.split('\n').map(line => line.split(' ').map(one => wholeForm(prefix, one)))
  const words = wordsOfTypes(types)
  const typesAt = (places: readonly number[]) => places.flatMap(at => (types[at] === undefined ? [] : [types[at]]))
  const typeSets = sets.split(' ').map(set => typesAt(set.split(',').map(Number)))
  const actions = new Map<string, PublishedAction>()
  let before: readonly string[] = []
  for (const line of names.split('\n')) {
    const space = line.lastIndexOf(' ')
    const noun = wholeNoun(line.slice(0, space), before)
    before = nounWords(noun)
    const named = typeNamedBy(noun, words)
    for (const [, letters = '', sign = ''] of signedVerbs(line.slice(space + 1))) {
      const own = sign === NAMED_TYPE || sign === '' ? typesAt(named === null ? [] : [named]) : null
      const taken = own ?? (sign === NO_TYPE ? [] : (typeSets[setOfSign(sign)] ?? []))
      for (const name of namesWith(letters, noun, verbs))
        actions.set(name.toLowerCase(), { name: `${prefix}:${name}`, types: taken })
    }
  }
  return { types, actions }
}

/** Without a sign at the end the noun names the type. */
function signedVerbs(text: string): readonly RegExpMatchArray[] {
  const all = [...text.matchAll(VERBS_WITH_SIGN)]
  return all.length > 1 ? all.filter(([whole]) => whole !== '') : all
}

const namesWith = (letters: string, noun: string, verbs: readonly string[]): readonly string[] =>
  [...(letters || WHOLE_NAME)].map(letter => {
    if (letter === WHOLE_NAME) return noun
    const lower = letter.toLowerCase()
    return `${verbs[VERB_LETTERS.indexOf(lower)] ?? ''}${noun}${letter === lower ? '' : 's'}`
  })
