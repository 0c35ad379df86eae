/**
 * Stored data, read and written across versions. `v2` is the first version. After its release it never changes: a new form is a new folder.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import {
  isIntact,
  linkRecord,
  parseAuditRecord,
  recordName,
  storedForm,
} from '../../functions/domain/audit/audit-chain.ts'
import { parseCheckpoints } from '../../functions/domain/audit/checkpoint.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { keyRingSchema } from '../../functions/domain/authority/key-ring.ts'
import { STATUSES } from '../../functions/domain/proposal/proposal.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import * as markers from '../../functions/domain/stored/markers.ts'
import { OCCURRENCE } from '../../functions/domain/stored/stored-occurrence.ts'
import { PROPOSAL } from '../../functions/domain/stored/stored-proposal.ts'
import { BEFORE_VERSIONS, type Codec, CURRENT_VERSION, codec } from '../../functions/domain/stored/versions.ts'
import { parseWork, workMessage } from '../../functions/domain/stored/work-message.ts'

type Json = { readonly [member: string]: unknown }
type GoldenItem = { readonly pk: string; readonly v: number; readonly document: unknown }

const file = (version: string, name: string) => join(import.meta.dirname, version, `${name}.json`)
const golden = <T>(version: string, name: string): readonly T[] =>
  JSON.parse(readFileSync(file(version, name), 'utf8')) as T[]

const VERSIONS = ['v2'] as const
const KINDS = ['proposals', 'occurrences', 'markers'] as const

/** Kinds without an item in `markers.json`. */
const ADDED: typeof MARKERS = [
  { prefix: 'heard/', codec: markers.heardFrom('').codec },
  { key: 'heard-accounts', codec: markers.HEARD_ACCOUNTS.codec },
  { key: 'silence', codec: markers.SILENCE_WATCH.codec },
  { key: 'records-noticed', codec: markers.RECORDS_NOTICED.codec },
  { key: 'log-trouble', codec: markers.LOG_TROUBLE.codec },
  { prefix: 'first-run/', codec: markers.firstRun('').codec },
  { prefix: 'observed-posted/', codec: markers.observedPosted('', 0).codec },
  { prefix: 'observed/', codec: markers.observedDay('', 0).codec },
  { prefix: 'approved-by/', codec: markers.approverMarker('').codec },
  { prefix: 'pull/', codec: markers.pullRecord('').codec },
  { prefix: 'pass-approvals/', codec: markers.passApprovals('').codec },
  { key: 'stopped', codec: markers.GRANT_STOP.codec },
  { prefix: 'record/', codec: markers.recordCard('').codec },
  { prefix: 'set-suggested/', codec: markers.setSuggested('', 'judged').codec },
]

function codecOf(pk: string): Codec<unknown> {
  const [kind = '', ...rest] = pk.split('#')
  if (kind === 'proposal') return PROPOSAL
  if (kind === 'sighting') return OCCURRENCE
  const key = rest.join('#')
  const marker = [...MARKERS, ...ADDED].find(
    each => key === each.key || (each.prefix !== undefined && key.startsWith(each.prefix)),
  )
  if (marker === undefined) throw new Error(`no codec for ${pk}`)
  return marker.codec
}

const target = { kind: 'managed-policy', accountId: '', name: '', policyName: null, arn: '' } as const
/** Every kind of marker of `markers.json`. */
const MARKERS: readonly { readonly key?: string; readonly prefix?: string; readonly codec: Codec<unknown> }[] = [
  { key: 'audit#head', codec: markers.AUDIT_HEAD.codec },
  { prefix: 'audit#key#', codec: markers.auditSearch('').codec },
  { prefix: 'card-place/', codec: markers.cardPlacement('').codec },
  { prefix: 'deploy/', codec: markers.deployRecord('').codec },
  { prefix: 'deploys-by/', codec: markers.deploysBy('').codec },
  { prefix: 'deploys/', codec: markers.deploysIn('', '').codec },
  { prefix: 'digest/', codec: markers.stormList('').codec },
  { prefix: 'harvested/', codec: markers.harvestedDenial('').codec },
  { prefix: 'lock#', codec: markers.targetLock(target).codec },
  { prefix: 'notice/', codec: markers.noticePublished('').codec },
  { prefix: 'renewed/', codec: markers.othersRevalidated('', 'applied').codec },
  { prefix: 'p-', codec: markers.outcomePosted('', '').codec },
]

function read({ pk, v, document }: GoldenItem): unknown {
  const value = codecOf(pk).read(document, v)
  if (!value.ok) throw new Error(`${pk}: ${value.error}`)
  return value.value
}

const written = (item: GoldenItem): GoldenItem => ({
  pk: item.pk,
  v: CURRENT_VERSION,
  document: JSON.parse(JSON.stringify(codecOf(item.pk).write(read(item)))),
})

/** GOLDEN=write records a version again that is not released yet. */
if (process.env['GOLDEN'] === 'write')
  for (const kind of [...KINDS, 'added-proposals'] as const) {
    const rows = golden<GoldenItem>('v2', kind).map(item => `  ${JSON.stringify(written(item))}`)
    writeFileSync(file('v2', kind), `[\n${rows.join(',\n')}\n]\n`)
  }

describe.each(VERSIONS)('what %s stored', version => {
  it.each(KINDS)('is read: %s', kind => {
    for (const item of golden<GoldenItem>(version, kind)) expect(() => read(item)).not.toThrow()
  })

  it('has every status, and every kind of marker', () => {
    const statuses = golden<{ document: { status: string } }>(version, 'proposals').map(
      ({ document }) => document.status,
    )
    expect([...new Set(statuses)].sort()).toEqual([...STATUSES].sort())
    const keys = golden<GoldenItem>(version, 'markers').map(({ pk }) => pk.slice('note#'.length))
    for (const { key, prefix } of MARKERS)
      expect(keys.some(each => each === key || (prefix !== undefined && each.startsWith(prefix)))).toBe(true)
  })

  it('is read as audit records that keep their hash, byte for byte', () => {
    for (const record of golden<Json>(version, 'audit-records')) {
      const stored = `${canonicalJson(record)}\n`
      const parsed = parseAuditRecord(stored)
      if (!parsed.ok) throw new Error(parsed.error)
      expect(isIntact(parsed.value)).toBe(true)
      expect(storedForm(parsed.value)).toBe(stored)
      expect(linkRecord(null, parsed.value.entry).schema).toBe(record['schema'])
    }
  })

  it('is read as messages', () => {
    for (const message of golden<Json>(version, 'messages')) {
      const { v: _, ...work } = message
      // What `verify` does now, the first version called `apply`.
      const renamed = work['kind'] === 'apply' ? { ...work, kind: 'verify' } : work
      const value = work['kind'] === 'revert' ? { by: null, ...work } : renamed
      expect(parseWork(JSON.stringify(message))).toEqual({ ok: true, value })
      expect(parseWork(workMessage(value as Work))).toEqual({ ok: true, value })
    }
  })
})

it('verifies what was signed, with the keys of then', () => {
  const { keys, records, checkpoint } = JSON.parse(readFileSync(file('v2', 'signed-audit'), 'utf8')) as {
    readonly keys: unknown
    readonly records: readonly { readonly sequence: number }[]
    readonly checkpoint: unknown
  }
  const checkpoints = parseCheckpoints(JSON.stringify(checkpoint))
  const stored = records.map(record => ({
    place: recordName(record.sequence),
    sequence: record.sequence,
    text: `${canonicalJson(record)}\n`,
    versions: 1,
  }))
  const log = { stored, head: null, findings: [], checkpoints: checkpoints.ok ? checkpoints.value : [] }
  expect(checkLog({ ...log, keys: keyRingSchema.parse(keys) })).toMatchObject({
    intact: true,
    checkpoints: 1,
    signatures: { checked: true, decisions: 3, records: 4, unsignedBefore: 0 },
  })
})

it('reads and writes the other kinds of markers', () => {
  const items = golden<GoldenItem>('v2', 'added-markers')
  expect(items).toHaveLength(ADDED.length)
  for (const item of items) expect(written(item)).toEqual(item)
})

it('reads and writes the members that few proposals have', () => {
  const items = golden<GoldenItem>('v2', 'added-proposals')
  const members = ['changed', 'code', 'pull', 'use']
  for (const member of members) expect(items.some(({ document }) => member in (document as Json))).toBe(true)
  for (const item of items) expect(written(item)).toEqual(item)
})

describe('what this version writes', () => {
  it.each(KINDS)('is the golden form of version 2: %s', kind => {
    for (const item of golden<GoldenItem>('v2', kind)) expect(written(item)).toEqual(item)
  })
})

describe('an item', () => {
  const [item] = golden<GoldenItem>('v2', 'proposals').filter(({ pk }) => pk === 'proposal#p-applied')
  const document = item?.document as Json

  it('of our version is read, whatever it adds', () => {
    expect(PROPOSAL.read({ ...document, signature: 'x' }, CURRENT_VERSION)).toEqual(
      PROPOSAL.read(document, CURRENT_VERSION),
    )
    expect(parseWork('{"v":2,"kind":"apply","proposalId":"p-1","signature":"x"}')).toEqual({
      ok: true,
      value: { kind: 'verify', proposalId: 'p-1' },
    })
  })

  it('of a newer version is refused with what to do', () => {
    const error = 'version 3 is newer than 2, the newest that this release reads: deploy the release that wrote it'
    expect(PROPOSAL.read(document, 3)).toEqual({ ok: false, error })
    expect(parseWork('{"v":3,"kind":"apply","proposalId":"p-1"}')).toEqual({ ok: false, error })
  })

  it('from before versions is refused, whatever its form', () => {
    const error = 'it has the form from before versions, which was in no release'
    for (const { codec } of [{ codec: PROPOSAL }, { codec: OCCURRENCE }, ...MARKERS, ...ADDED])
      expect(codec.read(document, BEFORE_VERSIONS)).toEqual({ ok: false, error })
  })

  it.each([
    ['without what its status has', { ...document, applied: null }, 'applied: '],
    ['with a patch that was not verified', { ...document, verification: null }, 'verification: '],
    ['in a status that there is not', { ...document, status: 'granted' }, 'status: '],
    ['that is no proposal', 'granted', 'the whole: '],
    [
      'with a document that is no policy',
      { ...document, patch: { digest: 'x', changes: [{ before: 'x' }] } },
      'patch.changes.0',
    ],
  ])('%s is not read, and the error says where', (_, broken, where) => {
    const result = PROPOSAL.read(broken, CURRENT_VERSION)
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining(where) })
  })

  it.each([0, -1, 1.5, Number.NaN])('of version %d is not read', version => {
    expect(PROPOSAL.read(document, version)).toEqual({ ok: false, error: `version ${version} is not known` })
  })
})

/** The version after the current one, as a release would add it: one member is renamed, and one is new. */
describe('a planted next version', () => {
  const NEXT = CURRENT_VERSION + 1
  type Next = { readonly holders: readonly string[]; readonly untilMs: number }
  const shape = z.object({ holders: z.array(z.string()), untilMs: z.number() })
  const older = z.object({ holder: z.string().nullable(), untilMs: z.number() })
  const next = codec<Next>(
    shape,
    value => value,
    [
      stored => {
        const read = older.safeParse(stored)
        if (!read.success) return stored
        const { holder, untilMs } = read.data
        return { holders: holder === null ? [] : [holder], untilMs }
      },
    ],
    NEXT,
  )
  const [lock] = golden<GoldenItem>('v2', 'markers').filter(({ pk }) => pk.startsWith('note#lock#'))
  const LOCK = markers.targetLock(target).codec

  it('reads what the first version stored, and its own', () => {
    const { holder, untilMs } = older.parse(lock?.document)
    const value = { holders: holder === null ? [] : [holder], untilMs }
    expect(next.read(lock?.document, CURRENT_VERSION)).toEqual({ ok: true, value })
    expect(next.read({ holder: null, untilMs: 7 }, CURRENT_VERSION)).toEqual({
      ok: true,
      value: { holders: [], untilMs: 7 },
    })
    expect(next.read(next.write(value), NEXT)).toEqual({ ok: true, value })
  })

  it('names what it cannot read in either', () => {
    expect(next.read({ untilMs: 7 }, CURRENT_VERSION)).toEqual({
      ok: false,
      error: expect.stringMatching(/^holders: /),
    })
    expect(next.read({ holder: null, untilMs: 7 }, NEXT)).toEqual({
      ok: false,
      error: expect.stringMatching(/^holders: /),
    })
  })

  it('reads no version that comes after it', () => {
    expect(next.read({ holders: [], untilMs: 7 }, NEXT + 1)).toMatchObject({
      ok: false,
      error: expect.stringContaining('version 4 is newer than 3'),
    })
  })

  it('reads the other kinds, whose form did not change', () => {
    const same = codec(z.object({ a: z.number() }), value => value, [], NEXT)
    for (const version of [CURRENT_VERSION, NEXT])
      expect(same.read({ a: 7 }, version)).toEqual({ ok: true, value: { a: 7 } })
  })

  it('is refused by the release before it', () => {
    const stored = next.write({ holders: ['p-1'], untilMs: 7 })
    expect(LOCK.read(stored, NEXT)).toMatchObject({ ok: false, error: expect.stringContaining('is newer than 2') })
  })
})
