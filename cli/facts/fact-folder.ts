/** The files of `passed-service/`: read, and written in the form that they keep in the repository. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ServiceFacts } from '../../functions/domain/denial/passed-service/service-facts.ts'

export const FACT_FOLDER = fileURLToPath(new URL('../../functions/domain/denial/passed-service/', import.meta.url))
const INDEX = fileURLToPath(new URL('../../functions/domain/denial/passed-service/fact-files.ts', import.meta.url))
const BIOME = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url))

export function readFacts(folder: string = FACT_FOLDER): ReadonlyMap<string, ServiceFacts> {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  return new Map(names.map(name => [name.slice(0, -'.json'.length), JSON.parse(readFileSync(folder + name, 'utf8'))]))
}

/** Services whose facts are new or differ. */
export function differing(
  facts: ReadonlyMap<string, ServiceFacts>,
  old: ReadonlyMap<string, ServiceFacts>,
): readonly string[] {
  return [...facts.keys()].filter(service => JSON.stringify(facts.get(service)) !== JSON.stringify(old.get(service)))
}

export function writeFacts(facts: ReadonlyMap<string, ServiceFacts>, services: readonly string[]): void {
  const files = services.flatMap(service => {
    const one = facts.get(service)
    return one === undefined ? [] : [[`${FACT_FOLDER}${service}.json`, printed(one)] as const]
  })
  for (const [file, text] of files) writeFileSync(file, text)
  writeFileSync(INDEX, indexOf([...facts.keys()]))
  execFileSync(process.execPath, [BIOME, 'check', '--write', INDEX, ...files.map(([file]) => file)], {
    stdio: 'ignore',
  })
}

/** Biome breaks what is too long, and keeps an object in one line that begins in one. */
function printed({ calls, sources, ...rest }: ServiceFacts): string {
  const groups = calls.map(({ sends, operations }) =>
    expanded({ sends: inline(sends), operations: members(operations) }),
  )
  const head = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inline(value)]))
  return `${expanded({ ...head, sources: members(sources), calls: `[${groups.join(', ')}]` })}\n`
}

const inline = (value: unknown): string => JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
const members = (value: object): string =>
  expanded(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inline(one)])))
const expanded = (texts: { readonly [key: string]: string }): string => {
  const lines = Object.entries(texts).map(([key, text]) => `${JSON.stringify(key)}: ${text}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n}`
}

/** The registry of the files: static imports, which the bundler replaces with one packed text. */
export function indexOf(services: readonly string[]): string {
  const names = [...services].sort()
  const identifier = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  return `/** Written by \`npm run facts\`. A bundle carries these files packed, and reads one when it is asked for. */
${names.map(name => `import ${identifier(name)} from './${name}.json' with { type: 'json' }`).join('\n')}
import type { ServiceFacts } from './service-facts.ts'

const FILES: { readonly [service: string]: ServiceFacts } = {
${names.map(name => (identifier(name) === name ? `  ${name},` : `  '${name}': ${identifier(name)},`)).join('\n')}
}

/** \`service\` is an event source without its domain: \`rds\`. */
export function factFile(service: string): ServiceFacts | null {
  return Object.hasOwn(FILES, service) ? (FILES[service] ?? null) : null
}

export const factServices = (): readonly string[] => Object.keys(FILES)
`
}
