/** Makes the bundles small. Nothing here changes what a call of the bot does; what it never does is left out. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Loader, Plugin } from 'esbuild'
import { wordsOfClient } from './client-words.ts'
import { diagramIn, knownOfTheBot, moduleOf, specialised } from './endpoints.ts'
import { LEFT_OUT, withoutIt } from './left-out.ts'
import { namesIn } from './names-in.ts'
import { leanPartitions } from './partitions.ts'
import { leanSchemas } from './schemas.ts'

/** Code that gives and reads members of requests and answers by name, beside the functions themselves. */
const ASKING = ['checksums', 'middleware-sdk-s3', 'middleware-sdk-sqs']

export function lean(root: string): Plugin {
  const packages = ASKING.map(name => join(root, 'node_modules/@aws-sdk', name, 'dist-es'))
  // Read once for all bundles.
  let names: Promise<ReadonlySet<string>> | null = null
  const askedOf = async (schemas: string) => {
    names ??= namesIn([join(root, 'functions'), ...packages])
    return new Set([...(await names), ...(await wordsOfClient(schemas, root))])
  }

  return {
    name: 'lean',
    setup(build) {
      /** Of several that fit a file, the first one changes it. */
      const change = (filter: RegExp, changed: Change, loader: Loader = 'js') =>
        build.onLoad({ filter }, async ({ path }) => {
          return { contents: await changed(await readFile(path, 'utf8'), path), loader }
        })

      for (const { file, why, instead } of LEFT_OUT) change(file, text => withoutIt(text, why, instead))
      change(ENDPOINTS, async text => moduleOf(specialised(await diagramIn(text), knownOfTheBot)))
      change(PARTITIONS, leanPartitions)
      change(SCHEMAS, async (text, path) => leanSchemas(text, await askedOf(path)))
      change(SDK, withoutEventStreams)
      change(MANIFEST, nameAndVersion, 'json')
    },
  }
}

type Change = (text: string, path: string) => string | Promise<string>

const ENDPOINTS = /@aws-sdk[\\/].*[\\/]endpoint[\\/]bdd\.js$/
const PARTITIONS = /util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/
const SCHEMAS = /@aws-sdk[\\/].*[\\/]schemas_0\.js$/
const SDK = /@(aws-sdk|smithy)[\\/].*[\\/]dist-es[\\/].*\.js$/
/** The clients read their own version for the user agent, and with it the whole package.json. */
const MANIFEST = /@(aws-sdk|slack)[\\/][^\\/]+[\\/]package\.json$/

/** Every protocol would load the codec of event streams when it meets one. */
function withoutEventStreams(source: string): string {
  const loading = 'await import("@smithy/core/event-streams")'
  if (!source.includes(loading)) return source
  const named = "import { EventStreamSerde as LeftOut } from '@smithy/core/event-streams'"
  return `${named}\n${source.replace(loading, '({ EventStreamSerde: LeftOut })')}`
}

function nameAndVersion(manifest: string): string {
  const { name, version } = JSON.parse(manifest)
  return JSON.stringify({ name, version })
}
