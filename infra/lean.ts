/** What the libraries carry and the functions never use, left out of the bundles. Nothing here changes what a call does. */
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import { directImports } from './direct-imports.ts'

export const lean: Plugin = {
  name: 'lean',
  setup(build) {
    // Lambda puts its role's credentials into the environment. The default chain would also look for profiles, single
    // sign-on, processes, web identities and the metadata of EC2, with a client for each.
    build.onLoad({ filter: /@aws-sdk[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
      resolveDir: import.meta.dirname,
    }))

    // The reader and writer roles are assumed; of all the other providers none is asked for in Lambda.
    build.onLoad({ filter: /@aws-sdk[\\/]credential-providers[\\/]dist-es[\\/]index\.js$/ }, () => ({
      contents: "export { fromTemporaryCredentials } from './fromTemporaryCredentials'",
    }))

    // Names the browser that it runs in.
    build.onLoad({ filter: /[\\/]createUserAgentStringParsingProvider\.js$/ }, () => ({
      contents: refusing('export const createUserAgentStringParsingProvider', 'there is no browser in Lambda'),
    }))

    // No call of ours streams events; S3's client asks for their codec all the same, and every protocol at run time.
    build.onLoad({ filter: /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/ }, () => ({
      contents: NO_EVENT_STREAMS,
    }))

    // One bound function for each of Slack's methods; the bot calls the few that it uses by name, through apiCall.
    build.onLoad({ filter: /@slack[\\/]web-api[\\/]dist[\\/]methods\.js$/ }, () => ({
      contents: "exports.Methods = require('eventemitter3').EventEmitter",
    }))

    // JSON Schema is written for editors, from the command line; the functions only parse.
    build.onLoad(
      { filter: /zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ },
      async ({ path }) => ({
        contents: refusing(await readFile(path, 'utf8'), 'JSON Schema is not in this bundle'),
      }),
    )

    const direct = directImports(build)
    build.onLoad({ filter: /@(aws-sdk|smithy)[\\/].*[\\/]dist-es[\\/].*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return { contents: await direct(withoutEventStreams(literalKeys(source)), path) }
    })

    // The clients read their own version for the user agent, and with it the whole package.json.
    build.onLoad({ filter: /@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'))
      return { contents: JSON.stringify({ name, version }), loader: 'json' }
    })
  },
}

const NO_EVENT_STREAMS = `
export const eventStreamSerdeProvider = () => ({})
export const resolveEventStreamSerdeConfig = config => config
export class EventStreamSerde {
  constructor() { throw new Error('event streams are not in this bundle') }
}`

/** Every protocol would load the codec of event streams when it meets one. */
function withoutEventStreams(source: string): string {
  const loading = 'await import("@smithy/core/event-streams")'
  if (!source.includes(loading)) return source
  return `import * as eventStreams from '@smithy/core/event-streams'\n${source.replace(loading, 'eventStreams')}`
}

/**
 * The schemas of all operations of a service stand in one file, with keys such as `[_hH]` for constants of the same file.
 * To esbuild a computed key may do anything, so it keeps them all; a literal one lets it drop what no command uses.
 */
export function literalKeys(source: string): string {
  const constants = new Map<string, string>()
  for (const [, name, text] of source.matchAll(/^const (\w+) = ("(?:[^"\\\n]|\\.)*");$/gm))
    if (name !== undefined && text !== undefined) constants.set(name, text)
  return source.replace(/\[(\w+)\]:/g, (key, name: string) => {
    const text = constants.get(name)
    return text === undefined ? key : `${text}:`
  })
}

/** A module with the same names, each of which only says that it was left out. */
export function refusing(source: string, why: string): string {
  const declared = [...source.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name)
  const renamed = [...source.matchAll(/^export \{ \w+ as (\w+) \};?$/gm)].map(([, name]) => name)
  const names = [...declared, ...renamed].map(name => `refused as ${name}`)
  return `const refused = () => { throw new Error(${JSON.stringify(why)}) }\nexport { ${names.join(', ')} }`
}
