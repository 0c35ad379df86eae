/**
 * The SDK's packages share code through index files that name everything. A file that is reached through one belongs, to
 * esbuild, to every entry that reads the index, so that what only S3 needs would be read at each start. Named imports are
 * therefore pointed at the files that have the names.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PluginBuild } from 'esbuild'

/** `import { a, b as c } from "@smithy/core/serde";` Event streams are left out as a whole. */
const SHARED = /^(import|export) \{([^}]*)\} from ["'](@(?:aws-sdk|smithy)\/core\/(?!event-streams)[A-Za-z-]+)["'];?$/gm

type Names = ReadonlyMap<string, Origin>
type Origin = { readonly file: string; readonly name: string }

/** An index of code that others share. */
const INDEX = /@(aws-sdk|smithy)[\\/]core[\\/]dist-es[\\/]submodules[\\/][A-Za-z-]+[\\/]index\.js$/
const EXPORTED = /^export \{([^}]*)\} from "(\.[^"]*)";$/gm

export function directImports(build: PluginBuild): (source: string, path: string) => Promise<string> {
  const indexes = new Map<string, Promise<Names>>()

  async function namesOf(shared: string, resolveDir: string): Promise<Names> {
    const { path, errors } = await build.resolve(shared, { resolveDir, kind: 'import-statement' })
    if (errors.length > 0) return new Map()
    const known = indexes.get(path) ?? readFile(path, 'utf8').then(text => originsIn(text, dirname(path)))
    indexes.set(path, known)
    return known
  }

  return async (source, path) => {
    // What an index defines itself stays; what it only passes on is no longer asked of it.
    let direct = INDEX.test(path) ? source.replace(EXPORTED, '') : source
    for (const [statement, verb, list = '', shared = ''] of source.matchAll(SHARED)) {
      const names = await namesOf(shared, dirname(path))
      const lines = namesIn(list).map(([name, as]) => {
        const origin = names.get(name)
        const from = JSON.stringify(origin?.file ?? shared)
        return `${verb} { ${origin?.name ?? name} as ${as} } from ${from};`
      })
      direct = direct.replace(statement, () => lines.join('\n'))
    }
    return direct
  }
}

/** What an index exports, and from which file. */
export function originsIn(index: string, folder: string): Names {
  const origins = new Map<string, Origin>()
  for (const [, list = '', from = ''] of index.matchAll(EXPORTED)) {
    const file = [`${from}.js`, join(from, 'index.js')].map(path => join(folder, path)).find(existsSync)
    if (file === undefined) continue
    for (const [name, as] of namesIn(list)) origins.set(as, { file, name })
  }
  return origins
}

/** `a, b as c` → [a, a], [b, c]. */
function namesIn(list: string): readonly (readonly [name: string, as: string])[] {
  return list
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => {
      const [name = '', as = name] = part.split(/\s+as\s+/)
      return [name, as] as const
    })
}
