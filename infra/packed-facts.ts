import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { Plugin } from 'esbuild'
import { memoize } from '../core/base/index.ts'

/**
 * Replaces the imports of the files in `passed-service/` by one compressed text of a fifth of the size. It is unpacked on first
 * use, and the file of a service is parsed on demand. The text of the published actions is compressed to less than a half.
 */
export const packedFacts: Plugin = {
  name: 'packed-facts',
  setup(build) {
    build.onLoad({ filter: /[\\/]passed-service[\\/]fact-files\.ts$/ }, async ({ path }) => {
      const folder = dirname(path)
      const names = (await readdir(folder)).filter(name => name.endsWith('.json')).sort()
      const texts = await Promise.all(
        names.map(async name => [name.slice(0, -'.json'.length), await compact(join(folder, name))]),
      )
      return { contents: unpacking(JSON.stringify(Object.fromEntries(texts))), loader: 'js', watchDirs: [folder] }
    })
    build.onLoad({ filter: /[\\/]service-actions[\\/]packed-text\.ts$/ }, async ({ path }) => {
      const file = join(dirname(path), 'packed.json')
      const text: string = JSON.parse(await readFile(file, 'utf8'))
      return { contents: unpackingText(text), loader: 'js', watchFiles: [file] }
    })
  },
}

const compact = async (file: string): Promise<string> => JSON.stringify(JSON.parse(await readFile(file, 'utf8')))

/** An expression for the text. Each function holds the same texts, and compressing one takes a second. */
const compressed = memoize(
  (text: string): string =>
    `brotliDecompressSync(Buffer.from('${brotliCompressSync(text).toString('base64')}', 'base64')).toString()`,
)

const unpackingText = (text: string): string => `
import { brotliDecompressSync } from 'node:zlib'
export const packedText = () => ${compressed(text)}
`

const unpacking = (texts: string): string => `
import { brotliDecompressSync } from 'node:zlib'
let texts
const parsed = new Map()
const unpacked = () => JSON.parse(${compressed(texts)})
export function factFile(service) {
  texts ??= unpacked()
  if (!Object.hasOwn(texts, service)) return null
  if (!parsed.has(service)) parsed.set(service, JSON.parse(texts[service]))
  return parsed.get(service)
}
export function factServices() {
  texts ??= unpacked()
  return Object.keys(texts)
}
`
