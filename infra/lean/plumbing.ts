/**
 * Every client of the SDK has files of its own that differ from another client's in names alone. Each such text goes into a
 * bundle once, as a function of what differs.
 */
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import type { PluginBuild } from 'esbuild'

const NAMESPACE = 'sdk-plumbing'

/** `text` of a client's file becomes the few lines that call the shared one; null where the file is of another form. */
export type Plumbing = (text: string, path: string) => string | null

export function sharedPlumbing(
  build: PluginBuild,
  finished: (source: string, path: string) => Promise<string>,
): Plumbing {
  const shared = new Map<string, { readonly text: string; readonly path: string }>()

  build.onResolve({ filter: new RegExp(`^${NAMESPACE}:`) }, ({ path }) => ({ path, namespace: NAMESPACE }))
  build.onLoad({ filter: /./, namespace: NAMESPACE }, async ({ path: name }) => {
    const { text, path } = shared.get(name) ?? { text: '', path: '' }
    return { contents: await finished(text, path), resolveDir: dirname(path) }
  })

  return (text, path) => {
    const split = splitOf(text, path)
    if (split === null) return null
    const name = `${NAMESPACE}:${createHash('sha256').update(split.shared).digest('hex')}`
    if (!shared.has(name)) shared.set(name, { text: split.shared, path })
    return `import { made } from "${name}"\n${split.own}`
  }
}

type Split = { readonly shared: string; readonly own: string }

/** What a kind of file has in every client, and where the clients differ. */
type Kind = {
  readonly file: RegExp
  /** The names that it exports; `Service` stands for the service's own. */
  readonly exported: readonly string[]
  /** The service's name for itself in the names of the file. */
  readonly service: RegExp | null
  /** Texts in which clients differ, each in the first group. */
  readonly holes: readonly RegExp[]
  /** Imports that differ: the file is only shared if it has exactly so many. */
  readonly ownImports: { readonly which: RegExp; readonly count: number }
}

const KINDS: readonly Kind[] = [
  {
    // How a client comes by its settings: by its version and what `runtimeConfig.shared.js` gives.
    file: /[\\/]runtimeConfig\.js$/,
    exported: ['getRuntimeConfig'],
    service: null,
    holes: [],
    ownImports: { which: /from "\./, count: 2 },
  },
  {
    file: /[\\/]runtimeConfig\.shared\.js$/,
    exported: ['getRuntimeConfig'],
    service: /default(\w+)HttpAuthSchemeProvider/,
    holes: [
      /apiVersion: ("[^"]+")/,
      /protocolSettings \?\? (\{[^}]*\})/,
      /protocol \?\? (\w+)/,
      /serviceId \?\? ("[^"]+")/,
    ],
    ownImports: { which: /from "(\.|@aws-sdk\/core\/protocols")/, count: 4 },
  },
  {
    // How a client signs, where it knows one way.
    file: /[\\/]httpAuthSchemeProvider\.js$/,
    exported: [
      'defaultServiceHttpAuthSchemeParametersProvider',
      'defaultServiceHttpAuthSchemeProvider',
      'resolveHttpAuthSchemeConfig',
    ],
    service: /^export const default(\w+)HttpAuthSchemeProvider = /m,
    holes: [/^ {12}name: ("[^"]+"),$/m],
    ownImports: { which: /from "\./, count: 0 },
  },
  {
    file: /[\\/]EndpointParameters\.js$/,
    exported: ['resolveClientEndpointParameters', 'commonParams'],
    service: null,
    holes: [/defaultSigningName: ("[^"]+")/],
    ownImports: { which: /from "\./, count: 0 },
  },
  {
    // The client itself, where it needs no more than settings, signatures and endpoints.
    file: /[\\/][A-Z]\w+Client\.js$/,
    exported: ['ServiceClient'],
    service: /^export class (\w+)Client extends __Client/m,
    holes: [],
    ownImports: { which: /from "\./, count: 4 },
  },
]

function splitOf(text: string, path: string): Split | null {
  const kind = KINDS.find(({ file }) => file.test(path))
  if (kind === undefined) return null
  const service = kind.service?.exec(text)?.[1]
  if (kind.service !== null && service === undefined) return null
  const common =
    service === undefined
      ? text
      : text.replaceAll(new RegExp(`\\b(default)?${service}(Http|Client\\b)`, 'g'), '$1Service$2')

  const lines = common.split('\n')
  const imports = lines.filter(line => line.startsWith('import '))
  const own = imports.filter(line => kind.ownImports.which.test(line))
  const filled = kind.holes.map(hole => hole.exec(common)?.[1])
  if (own.length !== kind.ownImports.count || filled.includes(undefined)) return null
  // What fills a hole must not need what only the shared text imports.
  const shared = imports.filter(line => !own.includes(line)).flatMap(namesOf)
  if (shared.some(name => filled.some(text => text?.includes(name)))) return null

  let body = lines.filter(line => !line.startsWith('import ') && !line.startsWith('export {')).join('\n')
  for (const [place, hole] of kind.holes.entries())
    body = body.replace(hole, (whole, given: string) => whole.replace(given, `hole${place}`))
  const names = own.flatMap(namesOf)
  const parameters = [...names, ...kind.holes.map((_, place) => `hole${place}`)].join(', ')
  const real = (name: string) => (service === undefined ? name : name.replace('Service', service))
  return {
    shared: `${imports.filter(line => !own.includes(line)).join('\n')}
export const made = (${parameters}) => {\n${body.replace(/^export /gm, '')}\nreturn [${kind.exported.join(', ')}]\n}`,
    own: `${own.map(line => line.replaceAll('defaultService', real('defaultService'))).join('\n')}
const [${kind.exported.map(real).join(', ')}] = made(${[...names.map(real), ...filled].join(', ')})
export { ${kind.exported.map(real).join(', ')} }`,
  }
}

/** `import a from`, `import { b, c as d } from` → a, b, d. */
function namesOf(line: string): readonly string[] {
  const [, alone, list = ''] = /^import (?:(\w+)|\{([^}]*)\}) from/.exec(line) ?? []
  if (alone !== undefined) return [alone]
  return list
    .split(',')
    .map(
      part =>
        part
          .trim()
          .split(/\s+as\s+/)
          .at(-1) ?? '',
    )
    .filter(name => name !== '')
}
