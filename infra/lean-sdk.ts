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
