import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { leanSdk } from './lean-sdk.ts'

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
  readonly bytes: number
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
  const { code, metafile } = await bundleEntry(join(root, 'functions', name, 'handler.ts'))
  const file = join(outFolder, BUNDLE_FILE)
  await writeFile(file, code)
  return { name, folder: outFolder, file, bytes: code.byteLength, metafile }
}

/** All of them, each in a folder of its name. Done before the stacks are made: they take finished folders. */
export async function bundleAll(outRoot: string, configFile?: string): Promise<readonly Bundle[]> {
  return Promise.all(FUNCTIONS.map(name => bundle(name, join(outRoot, name), configFile)))
}

export type BundledEntry = { readonly code: Uint8Array; readonly metafile: Metafile }

/** Any entry file, bundled as the functions are: what the bench compares them with. */
export async function bundleEntry(entry: string): Promise<BundledEntry> {
  const { outputFiles, metafile } = await build({ ...OPTIONS, entryPoints: [entry] })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${entry}`)
  return { code: output.contents, metafile }
}

/** CommonJS packages ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE = "import{createRequire as _r}from'node:module';const require=_r(import.meta.url);"

const OPTIONS = {
  absWorkingDir: root,
  outfile: BUNDLE_FILE,
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['node', 'module'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
  plugins: [leanSdk],
  banner: { js: REQUIRE },
} as const satisfies BuildOptions
