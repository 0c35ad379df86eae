import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { FUNCTIONS } from '../../infra/functions.ts'
import { packedFacts } from '../../infra/packed-facts.ts'
import { pastDoors } from '../../infra/past-doors.ts'
import { filesBelow, importsOf, isSource, root } from '../layout.ts'

const ROOM = 'core/published-actions/'
/** Only the alert of a deploy shows statements of other actions; rolemedic never writes one. */
const OTHERS = FUNCTIONS.filter(name => name !== 'alert')

/** What the bundle of a function holds of our own code, lazy parts included. */
async function codeIn(entries: readonly string[]): Promise<readonly string[]> {
  const { metafile } = await build({
    ...{ absWorkingDir: root, entryPoints: [...entries], outdir: 'out', bundle: true, format: 'esm', splitting: true },
    ...{ platform: 'node', packages: 'external', write: false, metafile: true, logLevel: 'silent' },
    ...{ outExtension: { '.js': '.mjs' }, plugins: [packedFacts, pastDoors] },
  })
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
}

describe('a statement of another action', () => {
  it('has no code in any function but alert', async () => {
    const held = await codeIn(OTHERS.map(name => `functions/${name}/handler.ts`))
    expect(held).toContain('functions/write/handler.ts')
    expect(held.filter(file => file.startsWith(ROOM))).toEqual([])
  })

  it('is found where a function has it', async () => {
    const held = await codeIn(['functions/alert/handler.ts'])
    expect(held).toContain(`${ROOM}statement-for.ts`)
  })

  it('is not even a type of what decides, attests or writes', () => {
    const parts = [
      ...OTHERS.map(name => `functions/${name}`),
      'functions/domain/authority',
      'functions/domain/proposal',
    ]
    const files = parts.flatMap(filesBelow).filter(isSource)
    const wrong = files.filter(file =>
      importsOf(file, readFileSync(join(root, file), 'utf8')).some(({ to }) => to.startsWith(ROOM)),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(wrong).toEqual([])
  })
})
