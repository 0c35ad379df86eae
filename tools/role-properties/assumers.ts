/**
 * Which services assume the role in a property, from the tables in this folder: `assumers.tsv` has the services,
 * `sent-keys.tsv` the condition keys that a service sends then. Each row has the URL where AWS publishes it.
 */
import { readFileSync } from 'node:fs'
import { matchesGlob } from '../../core/iam/index.ts'
import type { GeneratedRoleProperty } from './generate.ts'

/** One row for several types. `*` in a property is any text. */
export type AssumersRow = {
  readonly types: readonly string[]
  readonly properties: readonly string[]
  /**
   * Services separated by spaces, each with other names after `|` and a further action after `+`. `@Property`: the role in
   * another property of the resource. `-`: no service.
   */
  readonly assumedBy: string
  readonly sources: readonly string[]
  /** The day on which the sources were read, such as `2026-11-29`. */
  readonly read: string
  readonly note: string
}

export type SentKeyRow = {
  readonly principal: string
  /** Empty: for every use of the role. */
  readonly types: readonly string[]
  readonly key: string
  readonly form: string
  readonly source: string
  readonly read: string
}

type RoleProperties = Readonly<Record<string, readonly GeneratedRoleProperty[]>>

export type GeneratedAssumers = {
  readonly read: string
  readonly instanceProfile: string
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly sent: Readonly<Record<string, readonly SentKey[]>>
}

/** `types` is absent if the service always sends the key. */
type SentKey = { readonly key: string; readonly form: string; readonly types?: readonly string[] }

const INSTANCE_PROFILE = 'instance-profile'

export const readAssumers = (): readonly AssumersRow[] =>
  rowsOf('assumers.tsv').map(([types = '', properties = '', assumedBy = '', sources = '', read = '', note = '']) => ({
    types: types.split(' '),
    properties: properties.split(' '),
    assumedBy,
    sources: sources.split(' ').filter(source => source !== ''),
    read,
    note,
  }))

export const readSentKeys = (): readonly SentKeyRow[] =>
  rowsOf('sent-keys.tsv').map(([principal = '', types = '', key = '', form = '', source = '', read = '']) => ({
    principal,
    types: types === '*' ? [] : types.split(' '),
    key,
    form,
    source,
    read,
  }))

function rowsOf(file: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map(line => line.split('\t'))
}

/** The first matching row of a property decides. `unused`: rows without a property in the tables. */
export function generateAssumers(
  properties: RoleProperties,
  rows: readonly AssumersRow[] = readAssumers(),
  sentKeys: readonly SentKeyRow[] = readSentKeys(),
): { readonly assumers: GeneratedAssumers; readonly unused: readonly string[] } {
  const types = new Map<string, Map<string, string>>()
  const unused: string[] = []
  let instanceProfile: string | null = null
  for (const row of rows) {
    for (const type of row.types) {
      if (type === INSTANCE_PROFILE) {
        instanceProfile = row.assumedBy
        continue
      }
      const own = (properties[type] ?? [])
        .map(([path]) => path)
        .filter(path => row.properties.some(one => matchesGlob(one, path)))
      if (own.length === 0) unused.push(`${type} ${row.properties.join(' ')}`)
      const known = types.get(type) ?? new Map<string, string>()
      for (const path of own) if (!known.has(path)) known.set(path, row.assumedBy)
      types.set(type, known)
    }
  }
  if (instanceProfile === null) throw new Error('assumers.tsv has no row for instance profiles')
  const sent = Map.groupBy(sentKeys, ({ principal }) => principal)
  const read = [...rows, ...sentKeys].map(row => row.read).sort()[0] ?? ''
  return {
    assumers: {
      read,
      instanceProfile,
      types: sorted([...types].map(([type, known]) => [type, sorted([...known])])),
      sent: sorted(
        [...sent].map(([principal, keys]) => [
          principal,
          keys.map(({ key, form, types: of }) => ({ key, form, ...(of.length === 0 ? {} : { types: of }) })),
        ]),
      ),
    },
    unused,
  }
}

const sorted = <T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries([...entries].filter(([, value]) => !isEmpty(value)).sort(([a], [b]) => (a < b ? -1 : 1)))

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
