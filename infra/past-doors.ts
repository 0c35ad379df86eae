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
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) =>
      path.includes('node_modules')
        ? undefined
        : { contents: await withoutDoors(await readFile(path, 'utf8'), path), loader: 'ts' },
    )
  },
}

/** The source with direct imports. For files that another plugin edits too, as esbuild loads a file with one plugin. */
export async function withoutDoors(text: string, path: string): Promise<string> {
  let direct = text
  for (const [whole, names = '', door = ''] of text.matchAll(IMPORT)) {
    const imports = importsPast(namesIn(names), door, await namesBehind(join(dirname(path), door)))
    direct = direct.replace(whole, () => imports)
  }
  return direct
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
