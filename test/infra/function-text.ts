/** The own code in a function's bundle after dead code elimination, file by file. */
import { basename, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import type { FunctionName } from '../../infra/functions.ts'

const root = resolve(import.meta.dirname, '../..')

export type FunctionText = { readonly whole: string; readonly files: ReadonlyMap<string, string> }

const made = new Map<FunctionName, Promise<FunctionText>>()

export function functionText(name: FunctionName): Promise<FunctionText> {
  const text = made.get(name) ?? bundled(name)
  made.set(name, text)
  return text
}

async function bundled(name: FunctionName): Promise<FunctionText> {
  const entry = `functions/${name}/handler.ts`
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: resolve(root, 'unwritten'),
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]))
  const whole = reached(metafile, entry, path => texts.get(resolve(root, path)) ?? '')
    .map(path => texts.get(resolve(root, path)) ?? '')
    .join('\n')
  return { whole, files: byFile(whole) }
}

/** The output files that the entry reads, at the start or later, without those that only dropped code would read. */
function reached({ outputs }: Metafile, entry: string, textOf: (path: string) => string): readonly string[] {
  const waiting = Object.keys(outputs).filter(path => outputs[path]?.entryPoint === entry)
  const seen = new Set<string>()
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    for (const { path: next, external } of outputs[path]?.imports ?? [])
      if (external !== true && textOf(path).includes(basename(next))) waiting.push(next)
  }
  return [...seen]
}

/** esbuild writes the path of each file above what it takes from it. */
function byFile(whole: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  let path = ''
  for (const line of whole.split('\n')) {
    path = /^\/\/ (functions\/\S+\.ts)$/.exec(line)?.[1] ?? path
    files.set(path, `${files.get(path) ?? ''}${line}\n`)
  }
  return files
}
