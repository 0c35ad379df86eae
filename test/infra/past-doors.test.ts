import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { pastDoors } from '../../infra/past-doors.ts'

const FILES = {
  'package.json': '{ "sideEffects": false }',
  'room/index.ts': "export { heavy } from './heavy.ts'\nexport { type Light, light, other } from './light.ts'\n",
  'room/heavy.ts': "export const heavy = () => 'heavy as lead'\n",
  'room/light.ts':
    "export type Light = string\nexport const light = () => 'light'\nexport const other = () => 'other'\n",
  'entry.ts':
    "import { type Light, light as lamp } from './room/index.ts'\nexport const later = () => import('./room/heavy.ts')\nexport const now: Light = lamp()\n",
  'wrong.ts': "import { absent } from './room/index.ts'\nexport const now = absent\n",
}
const folder = mkdtempSync(join(tmpdir(), 'rolemedic-doors-'))
for (const [name, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const built = (entry: string, plugins: Parameters<typeof build>[0]['plugins']) =>
  build({
    ...{ absWorkingDir: folder, entryPoints: [entry], outdir: 'out', bundle: true, format: 'esm', splitting: true },
    ...{ write: false, metafile: true, logLevel: 'silent', plugins: plugins ?? [] },
  })

async function startsWith(plugins: Parameters<typeof build>[0]['plugins']): Promise<readonly string[]> {
  const { metafile } = await built('entry.ts', plugins)
  const entry = Object.keys(metafile.outputs).find(path => path.endsWith('entry.js')) ?? ''
  const loaded = metafile.outputs[entry]?.imports.filter(({ kind }) => kind === 'import-statement') ?? []
  return [entry, ...loaded.map(({ path }) => path)].flatMap(path => Object.keys(metafile.outputs[path]?.inputs ?? {}))
}

describe('imports through the index of a room', () => {
  it('load at the start only the file that holds the name', async () => {
    expect(await startsWith([])).toContain('room/heavy.ts')
    expect((await startsWith([pastDoors])).toSorted()).toEqual(['entry.ts', 'room/light.ts'])
  })

  it('are left to esbuild where the index does not have the name', async () => {
    const { warnings } = await built('wrong.ts', [pastDoors]).catch(({ errors }) => ({ warnings: errors }))
    expect(warnings.map(({ text }: { readonly text: string }) => text).join()).toContain('"absent"')
  })
})
