import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bundleEntry } from '../infra/bundle.ts'
import { root } from './layout.ts'

/** Scopes whose packages come with the clients below; `bowser` does too, for their user agent. */
const OF_CLIENTS = /^(?:@aws-sdk\/|@smithy\/|@aws\/|@aws-crypto\/)/

it('puts into the function that holds the writer role the clients of AWS, zod, and what these need', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'write-')), 'index.mjs')
  const { metafile } = await bundleEntry(join(root, 'functions/write/handler.ts'), out)
  const sizes = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'rolemedic'
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput)
    }
  const table = [...sizes].sort(([, a], [, b]) => b - a).map(([name, bytes]) => `${String(bytes).padStart(8)} ${name}`)
  console.info(['bytes of each package in the bundle of write', ...table].join('\n'))
  const clients = [...sizes.keys()].filter(name => name.startsWith('@aws-sdk/client-'))
  expect(clients.sort()).toEqual(['iam', 'kms', 's3', 'sqs', 'sso-admin'].map(name => `@aws-sdk/client-${name}`))
  expect([...sizes.keys()].filter(name => !OF_CLIENTS.test(name)).sort()).toEqual(['bowser', 'rolemedic', 'zod'])
})
