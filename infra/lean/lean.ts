/** Makes the bundles small. Nothing here changes what a call of the bot does; what it never does is left out. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { wordsOfClient } from './client-words.ts'
import { directImports } from './direct-imports.ts'
import { diagramIn, knownOfTheBot, moduleOf, specialised } from './endpoints.ts'
import { LEFT_OUT, withoutIt } from './left-out.ts'
import { namesIn } from './names-in.ts'
import { packedTable } from './packed-table.ts'
import { leanPartitions } from './partitions.ts'
import { sharedPlumbing } from './plumbing.ts'
import { leanSchemas } from './schemas.ts'

const PLUMBING = /@aws-sdk[\\/].*[\\/](runtimeConfig|auth[\\/]httpAuthSchemeProvider|[A-Z]\w+Client)\.js$/

/** Code that gives and reads members of requests and answers by name, beside the functions themselves. */
const ASKING = ['checksums', 'credential-providers', 'lib-dynamodb', 'middleware-sdk-s3', 'middleware-sdk-sqs']

export function lean(root: string): Plugin {
  return {
    name: 'lean',
    setup(build) {
      const direct = directImports(build)
      for (const { file, why, instead } of LEFT_OUT)
        build.onLoad({ filter: file }, async ({ path }) => ({
          contents: withoutIt(await readFile(path, 'utf8'), why, instead),
        }))

      build.onLoad({ filter: /@aws-sdk[\\/].*[\\/]endpoint[\\/]bdd\.js$/ }, async ({ path }) => ({
        contents: await direct(
          moduleOf(specialised(await diagramIn(await readFile(path, 'utf8')), knownOfTheBot)),
          path,
        ),
      }))

      build.onLoad({ filter: /functions[\\/]core[\\/]denial[\\/]passed-service-table\.ts$/ }, () => ({
        contents: packedTable(),
      }))

      build.onLoad({ filter: /functions[\\/].*\.ts$/ }, async ({ path }) => ({
        contents: await direct(await readFile(path, 'utf8'), path),
        loader: 'ts',
      }))

      build.onLoad({ filter: /util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/ }, async ({ path }) => ({
        contents: await leanPartitions(await readFile(path, 'utf8')),
      }))

      const plumbing = sharedPlumbing(build, direct)
      build.onLoad({ filter: PLUMBING }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        return { contents: await direct(plumbing(text, path) ?? text, path) }
      })

      const packages = ASKING.map(name => join(root, 'node_modules/@aws-sdk', name, 'dist-es'))
      const asked = namesIn([join(root, 'functions'), ...packages])
      build.onLoad({ filter: /@(aws-sdk|smithy)[\\/].*[\\/]dist-es[\\/].*\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const source = path.endsWith('schemas_0.js')
          ? leanSchemas(text, new Set([...(await asked), ...(await wordsOfClient(path, root))]))
          : text
        return { contents: await direct(withoutEventStreams(source), path) }
      })

      // The clients read their own version for the user agent, and with it the whole package.json.
      build.onLoad({ filter: /@(aws-sdk|slack)[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
        const { name, version } = JSON.parse(await readFile(path, 'utf8'))
        return { contents: JSON.stringify({ name, version }), loader: 'json' }
      })
    },
  }
}

/** Every protocol would load the codec of event streams when it meets one. */
function withoutEventStreams(source: string): string {
  const loading = 'await import("@smithy/core/event-streams")'
  if (!source.includes(loading)) return source
  return `import * as eventStreams from '@smithy/core/event-streams'\n${source.replace(loading, 'eventStreams')}`
}
