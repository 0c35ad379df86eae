import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Level } from 'level'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { auditSearch } from '../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { type LocalStore, openLocalStore } from '../../simulator/local-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { storeContract } from '../store-contract.ts'

const opened: LocalStore[] = []
afterAll(() => Promise.all(opened.map(store => store.close())))

storeContract('in the table of an embedded DynamoDB', async () => {
  const one = await openLocalStore(null, { observer: SILENT_OBSERVER })
  opened.push(one)
  return one.store
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('keeps everything from one opening to the next', async () => {
  const first = await openLocalStore(folder, { observer: SILENT_OBSERVER })
  await first.store.create(sampleProposal())
  await first.close()
  const second = await openLocalStore(folder, { observer: SILENT_OBSERVER })
  expect(await second.store.get('p-1')).toEqual(sampleProposal())
  await second.close()
})

it('has every write that was acknowledged before a crash', async () => {
  const script = `
    import { auditSearch } from ${JSON.stringify(resolve('functions/domain/stored/markers.ts'))}
    import { openLocalStore } from ${JSON.stringify(resolve('simulator/local-store.ts'))}
    const observer = { log() {}, count() {} }
    const { store } = await openLocalStore(${JSON.stringify(folder)}, { observer })
    for (let n = 0; ; n += 1) { await store.putMarker(auditSearch('n'), n, { after: n }); console.log(n) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', chunk => {
    printed += chunk
    if (printed.split('\n').length > 50) child.kill('SIGKILL')
  })
  await new Promise(done => child.once('close', done))
  const acknowledged = Number(printed.trim().split('\n').at(-1))
  const { store, close } = await openLocalStore(folder, { observer: SILENT_OBSERVER })
  const note = await store.getMarker(auditSearch('n'))
  expect(note?.version).toBeGreaterThanOrEqual(acknowledged + 1)
  expect(note?.version).toBeLessThanOrEqual(acknowledged + 2)
  await close()
})

it('finds due items again after a crash between an item and its index entry', async () => {
  const first = await openLocalStore(folder, { observer: SILENT_OBSERVER })
  await first.store.create(sampleProposal({ dueAtMs: NOON }))
  await first.close()
  const level = new Level(folder)
  for await (const key of level.keys({ gte: 'index-global~', lt: 'index-global~\xff' })) await level.del(key)
  await level.close()
  const second = await openLocalStore(folder, { observer: SILENT_OBSERVER })
  expect((await second.store.due(NOON + 1, 10)).map(proposal => proposal.id)).toEqual(['p-1'])
  expect(await second.store.open(10)).toHaveLength(1)
  await second.close()
})

it('reports a folder that another rolemedic has open', async () => {
  const first = await openLocalStore(folder, { observer: SILENT_OBSERVER })
  await expect(openLocalStore(folder, { observer: SILENT_OBSERVER })).rejects.toThrow('in use by another rolemedic')
  await first.close()
})
