import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { minify } from '@swc/core'
import { type BuildOptions, build, formatMessages, type Metafile } from 'esbuild'
import { lean } from './lean/lean.ts'

/** Every function of the bot, in the order of the flow; each is one bundle of its own. */
export const FUNCTIONS = ['intake', 'propose', 'decide', 'apply', 'sweep', 'alert'] as const
export type FunctionName = (typeof FUNCTIONS)[number]

/** The bundle exports `handler`: in Lambda's words, `index.handler`. */
export const BUNDLE_FILE = 'index.mjs'
export const CONFIG_FILE = 'rolemedic.config.json'

export type Bundle = {
  readonly name: FunctionName
  readonly folder: string
  readonly file: string
  /** All files of the bundle. */
  readonly bytes: number
  /** What is read before the first event: the entry and what it imports statically. */
  readonly startBytes: number
  /** What went in and from where, for the bench and for `esbuild --analyze`. */
  readonly metafile: Metafile
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Writes `<outFolder>/index.mjs` and the configuration beside it: the folder is what Lambda gets. */
export async function bundle(
  name: FunctionName,
  outFolder: string,
  configFile: string = join(root, CONFIG_FILE),
): Promise<Bundle> {
  await rm(outFolder, { recursive: true, force: true })
  await mkdir(outFolder, { recursive: true })
  await copyFile(configFile, join(outFolder, CONFIG_FILE))
  const file = join(outFolder, BUNDLE_FILE)
  return { name, folder: outFolder, file, ...(await bundleEntry(join(root, 'functions', name, 'handler.ts'), file)) }
}

/** All of them, each in a folder of its name. Done before the stacks are made: they take finished folders. */
export async function bundleAll(outRoot: string, configFile?: string): Promise<readonly Bundle[]> {
  return Promise.all(FUNCTIONS.map(name => bundle(name, join(outRoot, name), configFile)))
}

export type BundledEntry = Pick<Bundle, 'bytes' | 'startBytes' | 'metafile'>

/** Any entry file, bundled as the functions are: what the bench compares them with. */
export async function bundleEntry(entry: string, outFile: string): Promise<BundledEntry> {
  const { metafile, outputFiles, warnings } = await build({
    ...OPTIONS,
    entryPoints: [{ in: entry, out: basename(outFile, '.mjs') }],
    outdir: dirname(outFile),
  })
  // A name that a module does not have is only a warning, and undefined when it is used.
  if (warnings.length > 0) throw new Error((await formatMessages(warnings, { kind: 'warning' })).join('\n'))
  await mkdir(dirname(outFile), { recursive: true })
  const bytes = new Map<string, number>()
  await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const code = await smallest(text)
      await writeFile(path, code)
      bytes.set(basename(path), Buffer.byteLength(code))
    }),
  )
  return {
    bytes: sum([...bytes.values()]),
    startBytes: sum(readAtStart(metafile, basename(outFile)).map(name => bytes.get(name) ?? 0)),
    metafile,
  }
}

/** CommonJS packages ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE =
  "import{createRequire as createRolemedicRequire}from'node:module';const require=createRolemedicRequire(import.meta.url);"

/** A second minifier: it follows values from one statement into the next, which esbuild does not. */
async function smallest(text: string): Promise<string> {
  const { code } = await minify(text, { module: true, ecma: 2022, compress: { passes: 3 }, mangle: true })
  return /\brequire\b/.test(code) ? `${REQUIRE}${code}` : code
}

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  write: false,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // What a handler imports only when it needs it stays in a file of its own, read only then.
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  mainFields: ['module', 'main'],
  conditions: ['node', 'module'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
  plugins: [lean(root)],
} as const satisfies BuildOptions

/** The entry and what it imports statically, by their names. */
function readAtStart({ outputs }: Metafile, entry: string): readonly string[] {
  const seen = new Set<string>()
  const waiting = Object.keys(outputs).filter(path => basename(path) === entry)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    for (const { kind, path: next, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && external !== true) waiting.push(next)
  }
  return [...seen].map(path => basename(path))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
