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
    const split = splitOf(path)(text)
    if (split === null) return null
    const name = `${NAMESPACE}:${createHash('sha256').update(split.shared).digest('hex')}`
    if (!shared.has(name)) shared.set(name, { text: split.shared, path })
    return `import { made } from "${name}"\n${split.own}`
  }
}

function splitOf(path: string): (text: string) => Split | null {
  if (path.endsWith('Client.js')) return clientClass
  return path.endsWith('runtimeConfig.js') ? runtimeConfig : authSchemes
}

type Split = { readonly shared: string; readonly own: string }

/** How a client comes by its settings: the same for all but its version and what `runtimeConfig.shared.js` gives. */
function runtimeConfig(text: string): Split | null {
  const { imports, body } = parted(text)
  const relative = imports.filter(line => /from "\./.test(line))
  if (relative.length !== 2 || !text.includes('import packageInfo from')) return null
  return {
    shared: `${imports.filter(line => !relative.includes(line)).join('\n')}
export const made = (packageInfo, getSharedRuntimeConfig) => {\n${body}\nreturn getRuntimeConfig\n}`,
    own: `${relative.join('\n')}\nexport const getRuntimeConfig = made(packageInfo, getSharedRuntimeConfig)`,
  }
}

/** How a client signs: the same for all that know one way, but for the name of the service. */
function authSchemes(text: string): Split | null {
  const service = /^export const default(\w+)HttpAuthSchemeProvider = /m.exec(text)?.[1]
  const names = [...text.matchAll(/^ {12}name: ("[^"]+"),$/gm)].map(([, name]) => name)
  if (service === undefined || names.length !== 1) return null
  const { imports, body } = parted(
    text.replaceAll(`default${service}Http`, 'defaultHttp').replace(`name: ${names[0]},`, 'name: signingName,'),
  )
  if (imports.some(line => /from "\./.test(line))) return null
  const [parameters, provider] = ['HttpAuthSchemeParametersProvider', 'HttpAuthSchemeProvider']
  return {
    shared: `${imports.join('\n')}
export const made = signingName => {\n${body}\nreturn [default${parameters}, default${provider}, resolveHttpAuthSchemeConfig]\n}`,
    own: `const [parameters, provider, resolveHttpAuthSchemeConfig] = made(${names[0]})
export { parameters as default${service}${parameters}, provider as default${service}${provider}, resolveHttpAuthSchemeConfig }`,
  }
}

/** The client itself: the same for all that need no more than settings, signatures and endpoints. */
function clientClass(text: string): Split | null {
  const service = /^export class (\w+)Client extends __Client/m.exec(text)?.[1]
  if (service === undefined) return null
  const { imports, body } = parted(
    text
      .replace('export { __Client };', '')
      .replace(`class ${service}Client`, 'class MadeClient')
      .replaceAll(`default${service}Http`, 'defaultHttp'),
  )
  const relative = imports.filter(line => /from "\./.test(line))
  if (relative.length !== 4) return null
  const given = `defaultHttpAuthSchemeParametersProvider, resolveHttpAuthSchemeConfig, resolveClientEndpointParameters, __getRuntimeConfig, resolveRuntimeExtensions`
  return {
    shared: `${imports.filter(line => !relative.includes(line)).join('\n')}
export const made = (${given}) => {\n${body}\nreturn MadeClient\n}`,
    own: `${relative.join('\n').replace('defaultHttp', `default${service}Http`)}
export { Client as __Client } from "@smithy/core/client";
export class ${service}Client extends made(${given.replace('defaultHttp', `default${service}Http`)}) {}`,
  }
}

function parted(text: string): { readonly imports: readonly string[]; readonly body: string } {
  const lines = text.split('\n')
  return {
    imports: lines.filter(line => line.startsWith('import ')),
    body: lines
      .filter(line => !line.startsWith('import '))
      .join('\n')
      .replace(/^export /gm, ''),
  }
}
