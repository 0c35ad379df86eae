import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

const IMPORT = /^import \{([^}]*)\} from '(\.[^']*\/index\.ts)'$/gm
const EXPORT = /^export \{([^}]*)\} from '(\.[^']+)'$/gm

/**
 * Rewrites imports of a room's index to the files behind it. With `splitting`, esbuild loads everything that an index exports
 * at the start, as soon as another file imports any of it lazily: https://esbuild.github.io/api/#splitting
 */
export const pastDoors: Plugin = {
  name: 'past-doors',
  setup(build) {
    const doors = new Map<string, Promise<ReadonlyMap<string, string>>>()
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined
      const text = await readFile(path, 'utf8')
      const found = [...text.matchAll(IMPORT)]
      if (found.length === 0) return undefined
      const direct = await Promise.all(
        found.map(async ([whole, names = '', door = '']) => {
          const file = join(dirname(path), door)
          const exported = doors.get(file) ?? namesBehind(file)
          doors.set(file, exported)
          return { whole, text: importsPast(namesIn(names), door, await exported) }
        }),
      )
      return { contents: direct.reduce((all, one) => all.replace(one.whole, () => one.text), text), loader: 'ts' }
    })
  },
}

/** Only values, because types are erased. */
const namesIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '))

/** The declaring file of each name that an index exports, relative to the index. */
async function namesBehind(door: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(door, 'utf8')
  return new Map(
    [...text.matchAll(EXPORT)].flatMap(([, list = '', file = '']) => namesIn(list).map(name => [name, file])),
  )
}

/** Leaves a name that the index does not export to esbuild, which reports it. */
function importsPast(names: readonly string[], door: string, exported: ReadonlyMap<string, string>): string {
  return names
    .map(name => {
      const file = exported.get(name.split(' as ')[0] ?? '')
      return `import { ${name} } from '${file === undefined ? door : `${dirname(door)}/${file.slice(2)}`}'`
    })
    .join(';')
}
