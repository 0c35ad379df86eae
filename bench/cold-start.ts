/**
 * How long Node takes to import the bundle of each function: the part of a cold start that the code controls. Sizes are
 * reported without a gate. COLD_START_BEFORE names a folder with bundles of another commit (`<function>/index.mjs`) to import
 * in rotation with the current ones.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { WRITE_CONFIG_FILE } from '../functions/domain/config/index.ts'
import { BUNDLE_FILE, bundleAll, PACKED_CONFIG_FILE } from '../infra/bundle.ts'
import { FUNCTIONS } from '../infra/functions.ts'
import { commandStart } from './cold-start/command-start.ts'
import { ENVIRONMENT } from './cold-start/environment.ts'
import { median, round } from './figures.ts'
import { atMost, type Report, type Table } from './report.ts'

const RUNS = Number(process.env['RUNS'] ?? 15)
const TARGET = 2
const BASE = '@aws-sdk/client-dynamodb alone'
/** Takes about a millisecond, where noise changes the ratio by a third, so a second run need not repeat it. */
const EMPTY = 'empty handler'
const COMPARED = { [EMPTY]: 'empty.ts', [BASE]: 'dynamodb-only.ts', 'handler with Bolt': 'bolt.ts' }
/** The functions whose result somebody waits for. */
const QUICK = ['decide', 'intake'] as const

/** Null: unknown. */
type Sizes = { readonly bytes: number; readonly startBytes: number | null }
/** Each import of a bundle, with the import of the base that ran directly before. */
type Times = { readonly plain: Pair[]; readonly cached: Pair[] }
type Pair = { readonly ms: number; readonly baseMs: number }
type Started = Sizes & { readonly name: string; readonly file: string; readonly times: Times }

export async function coldStart(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'rolemedic-cold-start-'))
  try {
    const all = [...(await compared(folder)), ...(await functions(folder)), ...(await before())]
    await measure(all, baseOf(all), folder)
    return report(all, commandStart(RUNS))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compared(folder: string): Promise<readonly Started[]> {
  return Promise.all(
    Object.entries(COMPARED).map(async ([name, entry]) => {
      // One folder per entry, because an entry may be split into several files.
      const file = join(folder, basename(entry, '.ts'), BUNDLE_FILE)
      const bytes = await plainBundle(join(import.meta.dirname, 'cold-start', entry), file)
      return started(name, file, { bytes, startBytes: bytes })
    }),
  )
}

/** One minified file, the usual bundle of a Lambda function. */
async function plainBundle(entry: string, outfile: string): Promise<number> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    metafile: true,
    logLevel: 'silent',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  })
  return Object.values(metafile.outputs)[0]?.bytes ?? 0
}

async function functions(folder: string): Promise<readonly Started[]> {
  const all = await bundleAll(folder)
  return all.map(({ name, file, ...sizes }) => started(name, file, sizes))
}

/** Bundles of another commit, by the current names of functions. Sizes are those of all files. */
async function before(): Promise<readonly Started[]> {
  const folder = process.env['COLD_START_BEFORE']
  if (folder === undefined) return []
  return Promise.all(
    FUNCTIONS.map(async name => {
      const files = (await readdir(join(folder, name))).filter(file => file.endsWith('.mjs'))
      const sizes = await Promise.all(files.map(async file => (await stat(join(folder, name, file))).size))
      const bytes = sizes.reduce((sum, size) => sum + size, 0)
      return started(`${name} (before)`, join(folder, name, BUNDLE_FILE), { bytes, startBytes: null })
    }),
  )
}

function started(name: string, file: string, { bytes, startBytes }: Sizes): Started {
  return { name, file, bytes, startBytes, times: { plain: [], cached: [] } }
}

/**
 * Each runs in a process of its own, in rotation, with the base directly before it, so that other load affects both. The first
 * start with a cache fills it and does not count.
 */
async function measure(all: readonly Started[], base: Started, folder: string): Promise<void> {
  const cache = join(folder, 'cache')
  await mkdir(cache)
  for (const { file } of all) await importMs(file, cache)
  for (let run = 0; run < RUNS; run += 1) {
    for (const { file, times } of all) {
      times.plain.push({ baseMs: await importMs(base.file, null), ms: await importMs(file, null) })
      times.cached.push({ baseMs: await importMs(base.file, cache), ms: await importMs(file, cache) })
    }
  }
}

const run = promisify(execFile)
const PROBE = `
const startedMs = performance.now()
const { handler } = await import(process.argv[1])
const endedMs = performance.now()
if (typeof handler !== 'function') throw new Error('no handler')
process.stdout.write(String(endedMs - startedMs))
process.exit(0)`

async function importMs(file: string, cache: string | null): Promise<number> {
  const configuration = {
    CONFIG_FILE: join(file, '..', PACKED_CONFIG_FILE),
    WRITE_CONFIG_FILE: join(file, '..', WRITE_CONFIG_FILE),
  }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', PROBE, pathToFileURL(file).href], {
    env: { ...ENVIRONMENT, ...configuration, ...(cache === null ? {} : { NODE_COMPILE_CACHE: cache }) },
  })
  return Number(stdout.trim().split('\n').at(-1))
}

function baseOf(all: readonly Started[]): Started {
  const base = all.find(({ name }) => name === BASE)
  if (base === undefined) throw new Error('the comparison is missing')
  return base
}

function report(all: readonly Started[], command: Table): Report {
  const ratio = ({ times }: Started, kind: keyof Times) =>
    round(median(times[kind].map(({ ms, baseMs }) => ms / baseMs)))
  const middle = (pairs: readonly Pair[]) => round(median(pairs.map(({ ms }) => ms)))
  const bolt = all.find(({ name }) => name === 'handler with Bolt') ?? baseOf(all)
  const quick = all.filter(({ name }) => QUICK.some(one => one === name))
  return {
    tables: [
      {
        title: `Medians of ${RUNS} imports, in ms; ratios to ${BASE}, imported just before`,
        columns: ['', 'bundle KB', 'loaded at start KB', 'import', 'ratio', 'with compile cache', 'ratio'],
        rows: all.map(one => [
          one.name,
          Math.round(one.bytes / 1000),
          one.startBytes === null ? '' : Math.round(one.startBytes / 1000),
          middle(one.times.plain),
          ratio(one, 'plain'),
          middle(one.times.cached),
          ratio(one, 'cached'),
        ]),
      },
      command,
    ],
    gates: quick.map(one => atMost(`import of ${one.name} / ${BASE}`, ratio(one, 'plain'), TARGET)),
    ratios: Object.fromEntries([
      ...all
        .filter(one => one.name !== BASE && one.name !== EMPTY)
        .map(one => [`${one.name} / ${BASE}`, ratio(one, 'plain')]),
      ...quick.map(one => [`${one.name} / handler with Bolt`, round(ratio(one, 'plain') / ratio(bolt, 'plain'))]),
    ]),
    notes: ['Imports alone: what Lambda adds to start the runtime is not in these times.'],
  }
}
