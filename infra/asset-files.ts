/** Files that a source reads from its own folder or from a package. They are copied next to the bundle, named after their folder. */
import { cp, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { Metafile, Plugin } from 'esbuild'

export type Assets = Map<string, string>

const ASSET = /new URL\(\s*'([^']+)',\s*import\.meta\.url,?\s*\)/g

/** What else a build changes in a source file: esbuild loads a file with one plugin. */
export type EditSource = (text: string, path: string) => Promise<string>

export const assetFiles = (assets: Assets, edited: EditSource = async text => text): Plugin => ({
  name: 'asset-files',
  setup(build) {
    build.onLoad({ filter: /[\\/](cli|simulator|adapters[\\/](syntax|web))[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await edited(await readFile(path, 'utf8'), path)
      const contents = text.replaceAll(ASSET, (whole, from: string) => {
        // In the package, the manifest is one folder up too.
        if (basename(from) === 'package.json') return `new URL('../package.json', import.meta.url)`
        const file = resolve(dirname(path), from)
        const name = `${basename(dirname(file))}-${basename(file)}${file.endsWith('.wasm') ? '.br' : ''}`
        if (assets.has(name) && assets.get(name) !== file) throw new Error(`two assets are called ${name}`)
        assets.set(name, file)
        return whole.replace(from, name)
      })
      return { contents, loader: 'ts' }
    })
  },
})

/** Copies the files, and lists them in the metafile, from which the licences of packages are read. */
export async function copyAssets(assets: Assets, folder: string, metafile: Metafile, root: string): Promise<void> {
  for (const [name, file] of assets) {
    // A grammar compresses to less than a tenth.
    if (name.endsWith('.br')) await writeFile(join(folder, name), brotliCompressSync(await readFile(file)))
    else await cp(file, join(folder, name))
    const { size: bytes } = await stat(join(folder, name))
    const input = relative(root, file).replaceAll('\\', '/')
    metafile.outputs[relative(root, join(folder, name)).replaceAll('\\', '/')] = {
      ...{ bytes, imports: [], exports: [] },
      inputs: { [input]: { bytesInOutput: bytes } },
    }
  }
}
