/**
 * What `decide`, `verify` and `write` signed and kept before decisions said since when somebody is an approver: read by the `write` of today.
 * `writer-1` never changes: a new form is a new folder.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import { keyRingSchema } from '../../functions/domain/authority/key-ring.ts'
import type { KeyUse } from '../../functions/domain/authority/statement.ts'
import { askIn } from '../../functions/write/write.ts'
import { RING } from '../fakes/signing.ts'
import { HOUR, NOON } from '../write/grant-asks.ts'
import { type WriteWorld, writeWorld } from '../write/write-world.ts'

type Objects = { readonly [key: string]: string }
type Documents = readonly (readonly [string, PolicyDocument])[]
type Recorded = {
  readonly nowMs: number
  readonly keys: unknown
  readonly asks: { readonly [what: string]: unknown }
  readonly written: Objects
  readonly documents: Documents
  readonly half: { readonly objects: Objects; readonly documents: Documents }
  readonly over: Objects
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'writer-1/recorded.json'), 'utf8')) as Recorded
const KEYS = keyRingSchema.parse(recorded.keys)

/** As it waited in the queue. */
function ask(what: string): WriteAsk {
  const read = askIn(JSON.stringify(recorded.asks[what]))
  if (read === null) throw new Error(`${what} is not read`)
  return read
}

/** The keys are those of then, and what is signed now has a key of its own. */
async function worldOf(objects: Objects = {}, documents: Documents = []): Promise<WriteWorld> {
  const world = writeWorld()
  world.ring.keys = [...KEYS, ...RING]
  for (const [key, text] of Object.entries(objects)) await world.ledger.create(key, text)
  for (const [key, document] of documents) if (document !== undefined) world.iam.documents.set(key, document)
  return world
}
const answer = async (world: WriteWorld, what: string) => {
  const { result, code } = await world.write(ask(what))
  return code === null ? result : `${result} ${code}`
}

describe('what an earlier decide and verify signed', () => {
  it('is about one moment, and has the keys of then', () => {
    expect(recorded.nowMs).toBe(NOON)
    const uses: readonly KeyUse[] = KEYS.map(({ use }) => use)
    expect([...uses].sort()).toEqual(['attestations', 'audit', 'decisions', 'outcomes'])
  })

  it('is written, once', async () => {
    const world = await worldOf()
    expect(await answer(world, 'write')).toBe('written')
    expect(world.iam.writes).toHaveLength(2)
    expect(await answer(world, 'write')).toBe('written')
    expect(world.iam.writes).toHaveLength(2)
  })

  it('is not written from elevated risk on, as it does not say since when its people are approvers', async () => {
    const world = await worldOf()
    expect(await answer(world, 'elevated')).toBe('refused not-enough-approvals')
    expect(world.iam.writes).toEqual([])
  })

  it('is not written without the keys of then', async () => {
    const world = writeWorld()
    expect(await answer(world, 'write')).toBe('refused forged')
  })
})

describe('what an earlier write kept', () => {
  it('is taken away by a revert of then, and nothing of it is left', async () => {
    const world = await worldOf(recorded.written, recorded.documents)
    expect(await answer(world, 'revert')).toBe('taken-away')
    expect(world.documents()).toEqual((await worldOf()).documents())
  })

  it('is not written again, and what is over stays over', async () => {
    const standing = await worldOf(recorded.written, recorded.documents)
    expect(await answer(standing, 'write')).toBe('written')
    const over = await worldOf(recorded.over)
    expect(await answer(over, 'write')).toBe('refused closed')
    expect([...standing.iam.writes, ...over.iam.writes]).toEqual([])
  })

  it('is gone on with where it died half-way', async () => {
    const world = await worldOf(recorded.half.objects, recorded.half.documents)
    expect(await answer(world, 'resume')).toBe('written')
    expect(world.iam.writes).toHaveLength(1)
  })

  it('ends at its end', async () => {
    const world = await worldOf()
    expect(await answer(world, 'limited')).toBe('written')
    expect(await answer(world, 'end')).toBe('refused not-over')
    world.clock.nowMs = NOON + HOUR
    expect(await answer(world, 'end')).toBe('taken-away')
  })
})
