/**
 * What is stored, read and written across versions. `v1` was recorded from the release before versions were written down,
 * `v2` from the first one that writes them; neither is ever changed. A new form is a new folder.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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
import { keyRingSchema } from '../../functions/domain/authority/signature.ts'
import { STATUSES } from '../../functions/domain/proposal/proposal.ts'
import * as markers from '../../functions/domain/stored/markers.ts'
import { OCCURRENCE } from '../../functions/domain/stored/stored-occurrence.ts'
import { PROPOSAL } from '../../functions/domain/stored/stored-proposal.ts'
import { type Codec, CURRENT_VERSION } from '../../functions/domain/stored/versions.ts'
import { parseWork, workMessage } from '../../functions/domain/stored/work-message.ts'
import * as version1 from './version-1.ts'

type Json = { readonly [member: string]: unknown }
type GoldenItem = { readonly pk: string; readonly v?: number; readonly document: unknown }

const file = (version: string, name: string) => join(import.meta.dirname, version, `${name}.json`)
const golden = <T>(version: string, name: string): readonly T[] =>
  JSON.parse(readFileSync(file(version, name), 'utf8')) as T[]

const VERSIONS = ['v1', 'v2'] as const
const KINDS = ['proposals', 'occurrences', 'markers'] as const

/** Kinds that releases of version 2 added, and version 1 never had. */
const ADDED: typeof MARKERS = [
  { prefix: 'heard/', codec: markers.heardFrom('').codec },
  { key: 'heard-accounts', codec: markers.HEARD_ACCOUNTS.codec },
  { key: 'silence', codec: markers.SILENCE_WATCH.codec },
  { prefix: 'first-run/', codec: markers.firstRun('').codec },
  { prefix: 'observed-posted/', codec: markers.observedPosted('', 0).codec },
  { prefix: 'observed/', codec: markers.observedDay('', 0).codec },
  { prefix: 'approved-by/', codec: markers.approverMarker('').codec },
  { prefix: 'pull/', codec: markers.pullRecord('').codec },
  { prefix: 'pass-approvals/', codec: markers.passApprovals('').codec },
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
/** Every kind of marker, under the key that version 1 gave it. */
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

function read({ pk, v = 1, document }: GoldenItem): unknown {
  const value = codecOf(pk).read(document, v)
  if (!value.ok) throw new Error(`${pk}: ${value.error}`)
  return value.value
}

const written = (item: GoldenItem): GoldenItem => ({
  pk: item.pk,
  v: CURRENT_VERSION,
  document: JSON.parse(JSON.stringify(codecOf(item.pk).write(read(item)))),
})

/** With GOLDEN=write a version that is not released yet is recorded again. */
if (process.env['GOLDEN'] === 'write')
  for (const kind of KINDS) {
    const rows = golden<GoldenItem>('v1', kind).map(item => `  ${JSON.stringify(written(item))}`)
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
      const value = work['kind'] === 'revert' ? { by: null, ...work } : work
      expect(parseWork(JSON.stringify(message))).toEqual({ ok: true, value })
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

it('reads and writes the kinds of markers that version 2 added', () => {
  const items = golden<GoldenItem>('v2', 'added-markers')
  expect(items).toHaveLength(ADDED.length)
  for (const item of items) expect(written(item)).toEqual(item)
})

it('reads and writes the members that version 2 added to proposals, and version 1 reads past them', () => {
  const items = golden<GoldenItem>('v2', 'added-proposals')
  const members = ['changed', 'code', 'pull', 'use']
  for (const member of members) expect(items.some(({ document }) => member in (document as Json))).toBe(true)
  for (const item of items) {
    expect(written(item)).toEqual(item)
    expect(version1.proposal.safeParse(item.document)).toMatchObject({ success: true })
  }
})

describe('what this version writes', () => {
  it.each(KINDS)('is the golden form of version 2: %s', kind => {
    for (const item of golden<GoldenItem>('v2', kind)) expect(written(item)).toEqual(item)
  })

  it.each(KINDS)('of an item of version 1 is the same thing: %s', kind => {
    const [before, after] = [golden<GoldenItem>('v1', kind), golden<GoldenItem>('v2', kind)]
    expect(after.map(({ pk }) => pk)).toEqual(before.map(({ pk }) => pk))
    for (const [index, item] of before.entries()) expect(after[index]?.document).toEqual(upgraded(item))
  })

  it('is what readers of version 1 need', () => {
    for (const { document } of golden<GoldenItem>('v2', 'proposals'))
      expect(version1.proposal.safeParse(document)).toMatchObject({ success: true })
    for (const { document } of golden<GoldenItem>('v2', 'occurrences'))
      expect(version1.occurrence.safeParse(document)).toMatchObject({ success: true })
    for (const { pk, document } of golden<GoldenItem>('v2', 'markers').filter(({ pk }) =>
      pk.startsWith('note#deploys'),
    ))
      expect(Array.isArray(document), pk).toBe(true)
    for (const message of golden<Json>('v1', 'messages')) {
      const work = parseWork(JSON.stringify(message))
      if (!work.ok) throw new Error(work.error)
      expect(version1.message.safeParse(JSON.parse(workMessage(work.value)))).toMatchObject({ success: true })
    }
  })

  const unsigned = (decided: unknown): Json => ({ ...(decided as Json), signed: null })

  /** Version 2 writes out what version 1 left out, drops what a status does not have, and adds what it knows more. */
  function upgraded({ pk, document }: GoldenItem): unknown {
    const { status, denial, diagnosis, sighting, ...members } = document as Json
    if (pk.startsWith('sighting#')) return { ...members, sighting: seen(sighting as Json) }
    if (!pk.startsWith('proposal#')) return document
    return {
      writing: null,
      renewal: null,
      ...members,
      status,
      requester: {
        kind: 'unknown',
        why: 'an earlier version of rolemedic made this proposal and did not record it',
        claimed: null,
      },
      approvals: ((members['approvals'] ?? []) as readonly Json[]).map(one => ({ ...one, signed: null })),
      denial: withServices(denial as Json),
      diagnosis: withFinding(diagnosis as Json),
      ...(status === 'open' ? {} : { renewal: null, remindersSent: 0 }),
      revertRequest: status === 'reverting' ? unsigned(members['revertRequest']) : null,
      rejection: status === 'rejected' ? unsigned(members['rejection']) : null,
    }
  }

  const seen = (sighting: Json) => ({ ...sighting, denial: withServices(sighting['denial'] as Json) })
  const withServices = (denial: Json) => ({
    ...denial,
    passes: (denial['passes'] as Json[]).map(({ arn, parameter }) => ({
      arn,
      parameter,
      service: expect.objectContaining({
        values: expect.any(Array),
        candidates: expect.any(Array),
        keySent: expect.stringMatching(/^(un)?proven$/),
      }),
    })),
  })
  const withFinding = (diagnosis: Json) => ({
    ...diagnosis,
    passedService: diagnosis['passedService'] === null ? null : expect.objectContaining(diagnosis['passedService']),
  })
})

describe('an item', () => {
  const [item] = golden<GoldenItem>('v2', 'proposals').filter(({ pk }) => pk === 'proposal#p-applied')
  const document = item?.document as Json

  it('of the next version is read, whatever it adds', () => {
    expect(PROPOSAL.read({ ...document, signature: 'x' }, CURRENT_VERSION + 1)).toEqual(
      PROPOSAL.read(document, CURRENT_VERSION),
    )
    expect(parseWork('{"v":3,"kind":"apply","proposalId":"p-1","signature":"x"}')).toEqual({
      ok: true,
      value: { kind: 'apply', proposalId: 'p-1' },
    })
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
