import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { recordsIn } from '../../../core/denial/cloudtrail/cloudtrail-record.ts'
import type { Denial } from '../../../core/denial/denial.ts'
import { parseRecord } from '../../../core/denial/parse-denial.ts'
import type { Diagnosis } from '../../../core/diagnosis/diagnosis.ts'
import type { Patch } from '../../../core/patch/patch.ts'
import type { Verification } from '../../../core/patch/verification/verification.ts'
import { type Proposal, STATUSES } from '../../../functions/domain/proposal/proposal.ts'
import type { denial, diagnosisShape, patch, verificationShape } from '../../../functions/domain/stored/shapes.ts'
import { OCCURRENCE } from '../../../functions/domain/stored/stored-occurrence.ts'
import { PROPOSAL } from '../../../functions/domain/stored/stored-proposal.ts'
import { type Codec, CURRENT_VERSION } from '../../../functions/domain/stored/versions.ts'
import { sampleProposal } from '../../fakes/sample-proposal.ts'

/** Ignores readonly and optional, so that a member that only one side has is found. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Member in keyof T]-?: Plain<T[Member]> }
    : T
type Same<A, B> = [Plain<A>, Plain<B>] extends [Plain<B>, Plain<A>] ? true : false

/** A member that is added to one of these types and not to its schema would be lost at the next write. */
const SCHEMAS_HAVE_EVERY_MEMBER: readonly [
  Same<Denial, z.infer<typeof denial>>,
  Same<Diagnosis, z.infer<typeof diagnosisShape>>,
  Same<Patch, z.infer<typeof patch>>,
  Same<Verification, z.infer<typeof verificationShape>>,
] = [true, true, true, true]

function throughTheTable<T>(value: T, codec: Codec<T>): unknown {
  const read = codec.read(JSON.parse(JSON.stringify(codec.write(value))), CURRENT_VERSION)
  if (!read.ok) throw new Error(read.error)
  return read.value
}

const events = join(import.meta.dirname, '../../../events')
const denials = readdirSync(events)
  .filter(name => name.endsWith('.json'))
  .flatMap(name => {
    const records = recordsIn(readFileSync(join(events, name), 'utf8'))
    return records.ok ? records.value : []
  })
  .flatMap(record => {
    const parsed = parseRecord(record)
    return parsed.kind === 'denial' ? [parsed.denial] : []
  })

describe('what is stored', () => {
  it('has the members of its type', () => {
    expect(SCHEMAS_HAVE_EVERY_MEMBER).not.toContain(false)
  })

  it.each(STATUSES)('comes back as it was: a proposal that is %s', status => {
    expect(throughTheTable<Proposal>(sampleProposal({ status }), PROPOSAL)).toEqual(sampleProposal({ status }))
  })

  it.each(['drafted', 'expired', 'closed'] as const)('comes back as it was: information that is %s', status => {
    const information = sampleProposal({ status, patch: null })
    expect(throughTheTable<Proposal>(information, PROPOSAL)).toEqual(information)
  })

  it('comes back as it was: every sample denial', () => {
    expect(denials.length).toBeGreaterThan(15)
    for (const denial of denials) {
      const { id, timeMs } = denial
      const seen = { fingerprint: 'f', denial, count: 1, firstSeenMs: timeMs ?? 0, lastSeenMs: timeMs ?? 0 }
      const stored = { occurrence: { ...seen, eventIds: [id], proposalId: null }, recentEventIds: [id] }
      expect(throughTheTable(stored, OCCURRENCE)).toEqual(stored)
    }
  })
})
