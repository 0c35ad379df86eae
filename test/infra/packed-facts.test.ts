import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import type { ServiceFacts } from '../../core/denial/passed-service/service-facts.ts'
import { packedText } from '../../core/service-actions/index.ts'
import { packedFacts } from '../../infra/packed-facts.ts'
import { readFacts } from '../../tools/facts/fact-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-packed-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('a bundle answers for every service as the files do, in a fifth of their room', async () => {
  const outfile = join(folder, 'facts.mjs')
  const entry = fileURLToPath(new URL('../../core/denial/passed-service/fact-files.ts', import.meta.url))
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    metafile: true,
    plugins: [packedFacts],
  })
  const { factFile } = (await import(outfile)) as { factFile: (service: string) => ServiceFacts | null }
  const facts = readFacts()
  for (const [service, expected] of facts) expect(factFile(service)).toEqual(expected)
  expect(factFile('nobody')).toBeNull()
  expect(factFile('__proto__')).toBeNull()
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0)
  expect(bytes).toBeLessThan(JSON.stringify([...facts]).length / 5)
})

it('a bundle has the published actions as the file has them, in less than half of the room', async () => {
  const outfile = join(folder, 'actions.mjs')
  const entry = fileURLToPath(new URL('../../core/service-actions/packed-text.ts', import.meta.url))
  const { metafile } = await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', metafile: true },
    plugins: [packedFacts],
  })
  const bundled = (await import(outfile)) as { packedText: () => string }
  expect(bundled.packedText()).toBe(packedText())
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0)
  expect(bytes).toBeLessThan(packedText().length / 2)
})
