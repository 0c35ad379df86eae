/** Bundles the command line: split ES modules that run on Node 20.19 and later without a dependency. */
import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, formatMessages, type Metafile, type Plugin } from 'esbuild'
import { type Assets, assetFiles, copyAssets } from '../infra/asset-files.ts'
import { packedFacts } from '../infra/packed-facts.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The systems that `rolemedic start` runs on: its embedded store is the only native code. Alpine's libc would be 190 KB more. */
const NATIVE = ['darwin-x64+arm64', 'linux-arm64', 'linux-x64', 'win32-x64']

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  metafile: true,
  minify: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  mainFields: ['module', 'main'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
  define: {
    'process.env.NODE_ENV': '"production"',
    // It asks to upgrade Node for future versions of the SDK, and the bundle has a fixed one.
    'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"',
  },
  inject: [join(ROOT, 'packaging/node-20.ts')],
  // CommonJS packages load Node's own modules with `require`, and the native store is found relative to the bundle.
  banner: {
    js: "import{createRequire as createRolemedicRequire}from'node:module';const require=createRolemedicRequire(import.meta.url),rolemedicFolder=import.meta.dirname;",
  },
} as const satisfies BuildOptions

/** Writes one file per entry, named after it, and the chunks that they share. */
export async function bundleEntries(entries: { readonly [name: string]: string }, folder: string): Promise<Metafile> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const assets: Assets = new Map()
  const { metafile, warnings } = await build({
    ...OPTIONS,
    entryPoints: Object.entries(entries).map(([out, file]) => ({ in: join(ROOT, file), out })),
    outdir: folder,
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [
      packedFacts,
      assetFiles(assets),
      nativeStore,
      dynaliteOperations,
      staticMarkup,
      englishMessages,
      hostLimits,
    ],
  })
  // An import of a name that its module does not export is only a warning, and undefined at run time.
  if (warnings.length > 0) throw new Error((await formatMessages(warnings, { kind: 'warning' })).join('\n'))
  await copyAssets(assets, folder, metafile, ROOT)
  const usesStore = Object.keys(metafile.inputs).some(file => file.includes('node_modules/classic-level/'))
  if (usesStore)
    for (const system of NATIVE)
      await cp(join(ROOT, 'node_modules/classic-level/prebuilds', system), join(folder, 'native/prebuilds', system), {
        recursive: true,
        filter: file => !file.endsWith('.musl.node'),
      })
  return metafile
}

const nativeStore: Plugin = {
  name: 'native-store',
  setup(build) {
    build.onLoad({ filter: /[\\/]classic-level[\\/]binding\.js$/ }, () => ({
      contents: `module.exports = require('node-gyp-build')(require('node:path').join(rolemedicFolder, 'native'))`,
      loader: 'js',
    }))
  },
}

/** dynalite loads its operations by a computed name without extension, which a bundler cannot resolve. */
const dynaliteOperations: Plugin = {
  name: 'dynalite-operations',
  setup(build) {
    build.onLoad({ filter: /[\\/]dynalite[\\/]index\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/(require\('\.\/\w+\/' \+ \w+)\)/g, "$1 + '.js')"),
      loader: 'js',
    }))
  },
}

/** Of React's renderer, the page uses the one for static markup; the entry of the package brings another, for streams, along. */
const staticMarkup: Plugin = {
  name: 'static-markup',
  setup(build) {
    const path = join(ROOT, 'node_modules/react-dom/cjs/react-dom-server-legacy.node.production.js')
    build.onResolve({ filter: /^react-dom\/server$/ }, () => ({ path }))
  },
}

/** zod brings its messages in fifty languages along; those of rolemedic are English. */
const englishMessages: Plugin = {
  name: 'english-messages',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.c?js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    }))
  },
}

/** The client of GitLab brings a limiter along for those who set limits of their own: rolemedic follows what the host answers. */
const hostLimits: Plugin = {
  name: 'host-limits',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]rate-limiter-flexible[\\/]/ }, () => ({
      contents: 'module.exports = {}',
      loader: 'js',
    }))
  },
}
