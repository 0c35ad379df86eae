import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

const IMPORT = /^import \{([^}]*)\} from '(\.[^']*\/index\.ts)'$/gm
const EXPORT = /^export \{([^}]*)\} from '(\.[^']+)'$/gm

/**
 * Imports what stands behind the index of a room from the file that holds it. With `splitting`, esbuild loads at the start whatever an
 * index names, as soon as some other file loads it lazily: https://esbuild.github.io/api/#splitting
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

/** Values alone: types are erased. */
const namesIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '))

/** From each name that an index exports to the file that declares it, relative to the index. */
async function namesBehind(door: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(door, 'utf8')
  return new Map(
    [...text.matchAll(EXPORT)].flatMap(([, list = '', file = '']) => namesIn(list).map(name => [name, file])),
  )
}

/** A name that the index does not export is left to esbuild, which says so. */
function importsPast(names: readonly string[], door: string, exported: ReadonlyMap<string, string>): string {
  return names
    .map(name => {
      const file = exported.get(name.split(' as ')[0] ?? '')
      return `import { ${name} } from '${file === undefined ? door : `${dirname(door)}/${file.slice(2)}`}'`
    })
    .join(';')
}
