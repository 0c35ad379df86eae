/** What the AWS SDK carries and Lambda never uses, left out of the bundles. Nothing here changes what a call does. */
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

export const leanSdk: Plugin = {
  name: 'lean-sdk',
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

    // Reads the user agent of a browser; reached only from code that runs in one.
    build.onLoad({ filter: /[\\/]bowser[\\/]/ }, () => ({ contents: 'export default null' }))

    // No call of ours streams events, but the protocol asks for the codec at run time, and with it for everything it uses.
    build.onLoad({ filter: /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/ }, () => ({
      contents: NO_EVENT_STREAMS,
    }))

    build.onLoad({ filter: /@(aws-sdk|smithy)[\\/].*[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: literalKeys(await readFile(path, 'utf8')),
    }))

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
