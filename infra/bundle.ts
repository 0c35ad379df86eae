import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, formatMessages, type Metafile } from 'esbuild'
import { UsageError } from '../core/base/index.ts'
import { parseBotConfig, WRITE_CONFIG_FILE, writeConfigText } from '../functions/domain/config/index.ts'
import { type Assets, assetFiles, copyAssets } from './asset-files.ts'
import { FUNCTIONS, type FunctionName } from './functions.ts'
import { packedFacts } from './packed-facts.ts'
import { pastDoors } from './past-doors.ts'

/** The bundle exports `handler`, which Lambda calls `index.handler`. */
export const BUNDLE_FILE = 'index.mjs'
export const PACKED_CONFIG_FILE = 'rolemedic.config.json'

export type Bundle = {
  readonly name: FunctionName
  readonly folder: string
  readonly file: string
  /** The size of all files of the bundle. */
  readonly bytes: number
  /** The size of what Node loads before the first event: the entry and its static imports. */
  readonly startBytes: number
  /** esbuild's list of inputs. */
  readonly metafile: Metafile
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Writes `<outFolder>/index.mjs` and what the function reads of the configuration beside it: the folder is the Lambda asset. */
export async function bundle(
  name: FunctionName,
  outFolder: string,
  configFile: string = join(root, PACKED_CONFIG_FILE),
): Promise<Bundle> {
  await rm(outFolder, { recursive: true, force: true })
  await mkdir(outFolder, { recursive: true })
  if (name === 'write') await writeFile(join(outFolder, WRITE_CONFIG_FILE), await writeConfigOf(configFile))
  else await copyFile(configFile, join(outFolder, PACKED_CONFIG_FILE))
  const file = join(outFolder, BUNDLE_FILE)
  return { name, folder: outFolder, file, ...(await bundleEntry(join(root, 'functions', name, 'handler.ts'), file)) }
}

/** `write` has no parser of the configuration. */
async function writeConfigOf(configFile: string): Promise<string> {
  const text = await readFile(configFile, 'utf8')
  const parsed = parseBotConfig(text)
  if (!parsed.ok) throw new UsageError(`${configFile}: ${parsed.error.join('; ')}`)
  return writeConfigText(text, parsed.value)
}

/** All of them, each in a folder of its name. Runs before the stacks are built, because they take finished folders. */
export async function bundleAll(outRoot: string, configFile?: string): Promise<readonly Bundle[]> {
  return Promise.all(FUNCTIONS.map(name => bundle(name, join(outRoot, name), configFile)))
}

export async function bundleEntry(
  entry: string,
  outFile: string,
): Promise<Pick<Bundle, 'bytes' | 'startBytes' | 'metafile'>> {
  const assets: Assets = new Map()
  const { metafile, warnings } = await build({
    ...OPTIONS,
    plugins: [packedFacts, assetFiles(assets), pastDoors],
    entryPoints: [{ in: entry, out: basename(outFile, '.mjs') }],
    outdir: dirname(outFile),
  })
  // esbuild only warns about an import that its module does not export, and the value is undefined at run time.
  if (warnings.length > 0) throw new Error((await formatMessages(warnings, { kind: 'warning' })).join('\n'))
  await copyAssets(assets, dirname(outFile), metafile, root)
  const { outputs } = metafile
  const bytesOf = (paths: readonly string[]) => paths.reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0)
  const startBytes = bytesOf(loadedAtStart(outputs, basename(outFile)))
  return { bytes: bytesOf(Object.keys(outputs)), startBytes, metafile }
}

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // A dynamic import becomes a separate file, loaded on first use.
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  mainFields: ['module', 'main'],
  // CommonJS packages load Node's modules with `require`, which an ES module lacks.
  banner: {
    js: "import{createRequire as createRolemedicRequire}from'node:module';const require=createRolemedicRequire(import.meta.url);",
  },
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions

/** The entry and its static imports, by path. */
export function loadedAtStart(outputs: Metafile['outputs'], entry: string): readonly string[] {
  const seen = new Set<string>()
  const waiting = Object.keys(outputs).filter(path => basename(path) === entry)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    for (const { kind, path: next, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && external !== true) waiting.push(next)
  }
  return [...seen]
}
