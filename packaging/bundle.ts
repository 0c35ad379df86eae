/** Bundles the command line: split ES modules that run on Node 20.19 and later without dependencies. */
import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, formatMessages, type Metafile, type Plugin } from 'esbuild'
import { type Assets, assetFiles, copyAssets } from '../infra/asset-files.ts'
import { packedFacts } from '../infra/packed-facts.ts'
import { pastDoors, withoutDoors } from '../infra/past-doors.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The systems that `rolemedic start` supports: its embedded store is the only native code. Alpine's libc would add 190 KB. */
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
    // Disables the SDK's request to upgrade Node for its future versions, because the bundle has a fixed version.
    'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"',
  },
  inject: [join(ROOT, 'packaging/node-20.ts')],
  // CommonJS packages load Node's modules with `require`, and the native store is located relative to the bundle.
  banner: {
    js: "import{createRequire as createRolemedicRequire}from'node:module';const require=createRolemedicRequire(import.meta.url),rolemedicFolder=import.meta.dirname;",
  },
} as const satisfies BuildOptions

/** Writes one file per entry, with its name, and their shared chunks. */
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
      assetFiles(assets, withoutDoors),
      pastDoors,
      nativeStore,
      dynaliteOperations,
      staticMarkup,
      englishMessages,
      noCompiler,
      hostLimits,
      emojiNames,
      slackText,
      staticStyle,
      emptyPage,
      plainCharts,
      noElicitation,
      noBrowsers,
      plainSchemas,
      twoProviders,
    ],
  })
  // esbuild only warns about an import that its module does not export, and the value is undefined at run time.
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

/**
 * dynalite loads its operations by computed names without extension, which a bundler cannot resolve. Outside of `node_modules`, Node
 * warns of its `url.parse`, which reads a query in the same way. https://nodejs.org/api/deprecations.html#DEP0169
 */
const dynaliteOperations: Plugin = {
  name: 'dynalite-operations',
  setup(build) {
    build.onLoad({ filter: /[\\/]dynalite[\\/]index\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8'))
        .replaceAll(/(require\('\.\/\w+\/' \+ \w+)\)/g, "$1 + '.js')")
        .replace('url.parse(req.url, true).query', "require('node:querystring').parse(req.url.split('?')[1])"),
      loader: 'js',
    }))
  },
}

/** The page uses only React's renderer for static markup. The package's entry also loads one for streams. */
const staticMarkup: Plugin = {
  name: 'static-markup',
  setup(build) {
    const path = join(ROOT, 'node_modules/react-dom/cjs/react-dom-server-legacy.node.production.js')
    build.onResolve({ filter: /^react-dom\/server$/ }, () => ({ path }))
  },
}

/** Removes zod's messages in fifty languages, because rolemedic uses English. */
const englishMessages: Plugin = {
  name: 'english-messages',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.c?js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    }))
  },
}

/** Removes what makes a schema into code, which nothing here asks for. */
const noCompiler: Plugin = {
  name: 'no-compiler',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]core[\\/]compile\.js$/ }, () => ({
      contents: `const none = () => { throw new Error('schemas are not compiled') }
export { none as compile, none as compileFn, none as withParser }
export const INVALID = Symbol.for('zod.compile.invalid')
export class ZodCompileAsyncError extends Error {}
export class ZodCompileUnsupportedError extends Error {}`,
      loader: 'js',
    }))
  },
}

/** Removes the rate limiter of the GitLab client, as rolemedic follows the limits that the host reports, and how it prints a wrong key. */
const hostLimits: Plugin = {
  name: 'host-limits',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]object-inspect[\\/]index\.js$/ }, () => ({
      contents: 'module.exports = String',
      loader: 'js',
    }))
    build.onLoad({ filter: /[\\/]node_modules[\\/]rate-limiter-flexible[\\/]/ }, () => ({
      contents: 'module.exports = {}',
      loader: 'js',
    }))
  },
}

/** Removes the tables of emoji and what reads them, because the page shows their names as they are (`simulator/web-ui/blocks.ts`). */
const emojiNames: Plugin = {
  name: 'emoji-names',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]node-emoji[\\/]/ }, () => ({
      contents: 'export const emojify = text => text',
      loader: 'js',
    }))
  },
}

/**
 * Removes what no message of the bot has: names of emoji and of punctuation, labels of links in other scripts, and all names of
 * characters but those that Slack escapes. https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
const slackText: Plugin = {
  name: 'slack-text',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]node_modules[\\/]slack-blocks-to-jsx[\\/]dist[\\/]index\.m?js$/ },
      async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const plain = text.replaceAll(/\{(?:(?:"[^"]+"|[\w$\\]+):\s*"[^"]*",?){1000,}\}/g, '{}')
        const escapes = plain.replaceAll(/\{key:\[[\d,]+\],value:"([^"]*)"\},?/g, (one, value: string) =>
          ['&', '<', '>'].includes(value) ? one : '',
        )
        if (escapes === plain || plain === text)
          throw new Error(`${path} has other tables than those that are left out`)
        return { contents: withoutNames(escapes), loader: 'js' }
      },
    )
  },
}

/** Of a member that nothing names, such as `e[e.EM_DASH=8212]="EM_DASH"`, the number is left: only the list of numbers is read. */
const withoutNames = (text: string): string =>
  text.replaceAll(/(\w+)\[\1(\.\w+)=(\d{4,})\]="\w+"/g, (whole, list, name, number) =>
    text.indexOf(name) === text.lastIndexOf(name) ? `${list}[${number}]=${number}` : whole,
  )

/** Removes the parser of style sheets, because the charts write their style as text and never read it. */
const staticStyle: Plugin = {
  name: 'static-style',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]cssomnom[\\/]/ }, () => ({
      contents: `export function parse() { throw new Error('style sheets are not read') }`,
      loader: 'js',
    }))
  },
}

/**
 * Removes the names of HTML's characters: the only page that is parsed is an empty one, which the charts fill, and what the bot writes
 * as Markdown has no other names than these.
 */
const emptyPage: Plugin = {
  name: 'empty-page',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]node_modules[\\/]entities[\\/].*[\\/]generated[\\/](?:decode-data|encode)-html\.js$/ },
      () => ({
        contents: "export const htmlDecodeTree = new Uint16Array(1), htmlTrie = new Map()\nexport default ''",
        loader: 'js',
      }),
    )
    build.onLoad({ filter: /[\\/]node_modules[\\/]character-entities[\\/]index\.js$/ }, () => ({
      contents: `export const characterEntities = { amp: '&', gt: '>', lt: '<', quot: '"' }`,
      loader: 'js',
    }))
  },
}

/** Removes maps and named palettes, because the charts have none. */
const plainCharts: Plugin = {
  name: 'plain-charts',
  setup(build) {
    const projections = /[\\/]node_modules[\\/]@observablehq[\\/]plot[\\/]src[\\/]projection\.js$/
    build.onLoad({ filter: projections }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/import \{[^}]*\} from "d3";/, names =>
        names.replaceAll(/\bgeo(?!Path|Stream|Transform)\w+,?/g, ''),
      ),
      loader: 'js',
    }))
    build.onLoad({ filter: /[\\/]node_modules[\\/]d3-scale-chromatic[\\/]/ }, async ({ path }) => ({
      contents: Object.keys(await import(path))
        .map(name => `export const ${name} = undefined`)
        .join('\n'),
      loader: 'js',
    }))
  },
}

/** Removes the validator of what a person enters, because the MCP server asks nobody for anything. */
const noElicitation: Plugin = {
  name: 'no-elicitation',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]node_modules[\\/]@modelcontextprotocol[\\/]server[\\/]dist[\\/]ajvProvider-[\w-]+\.mjs$/ },
      () => ({
        contents: `export class n { getValidator() { throw new Error('nobody is asked') } }`,
        loader: 'js',
      }),
    )
  },
}

/** Removes the names of browsers, which the SDK loads only in one. */
const noBrowsers: Plugin = {
  name: 'no-browsers',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]bowser[\\/]/ }, () => ({
      contents: 'export default {}',
      loader: 'js',
    }))
  },
}

/** Writes the keys of the SDK's schemas as text. A computed key might run code, so esbuild would keep the schemas of all commands. */
const plainSchemas: Plugin = {
  name: 'plain-schemas',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const names = new Map(
        [...text.matchAll(/^const (_\w+) = ("\w[^"]*");$/gm)].map(([, name, value]) => [name, value]),
      )
      return {
        contents: text.replaceAll(/\[(_\w+)\]:/g, (key, name) => (names.has(name) ? `${names.get(name)}:` : key)),
        loader: 'js',
      }
    })
  },
}

/** Removes the sources of credentials that nothing here names: what they would load with import() was in the package. */
const twoProviders: Plugin = {
  name: 'two-providers',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/]credential-providers[\\/]dist-es[\\/]index\.js$/ }, () => ({
      contents: "export * from './fromNodeProviderChain'; export * from './fromTemporaryCredentials'",
      loader: 'js',
    }))
  },
}
