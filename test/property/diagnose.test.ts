import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unknown, unreadable } from '../../functions/domain/base/fact.ts'
import { DEFAULT_CONFIG } from '../../functions/domain/config/config.ts'
import type { Denial, DenialReason } from '../../functions/domain/denial/denial.ts'
import { parseMessage, parseRecord } from '../../functions/domain/denial/parse-denial.ts'
import { diagnose } from '../../functions/domain/diagnosis/diagnose.ts'
import type { Diagnosis } from '../../functions/domain/diagnosis/diagnosis.ts'
import type { AccessPicture, Identity, TargetRole } from '../../functions/domain/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument } from '../../functions/domain/iam/policy/policy-document.ts'
import { gather } from '../../functions/workflows/denial/gather-access.ts'
import { snapshotReader } from '../../simulator/snapshots/account-snapshot.ts'
import { accountsOf, eventOf, orgOf, readCaseFile } from '../case-file.ts'

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 150) }
const options = { config: DEFAULT_CONFIG, nowMs: Date.parse('2026-11-24T22:00:00Z') }
const SECRET = 'x7-external-id-of-somebody'

type Scene = { readonly denial: Denial; readonly picture: AccessPicture }

/** The scenes of every case: each law holds in the neighbourhood of all of them. */
async function scenes(): Promise<readonly Scene[]> {
  const folder = join(import.meta.dirname, '../cases')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'))
  const found: Scene[] = []
  for (const name of names.sort()) {
    const file = readCaseFile(readFileSync(join(folder, name), 'utf8'))
    for (const one of file.cases) {
      const event = eventOf(file, one)
      const parsed = event === null ? parseMessage(one.message ?? '') : parseRecord(event)
      if (parsed.kind !== 'denial') continue
      const org = orgOf(file, one)
      const reader = snapshotReader({ files: accountsOf(file, one), ...(org === null ? {} : { org }) })
      found.push({ denial: parsed.denial, picture: await gather(parsed.denial, reader) })
    }
  }
  return found
}

const all = await scenes()
const scene = fc.constantFrom(...all)
const withCaller = all.filter(one => one.picture.caller.kind === 'found')
const withTrust = all.filter(one => one.denial.action.startsWith('sts:') && trustRead(one.picture))

function trustRead({ targets }: AccessPicture): boolean {
  const role = targets[0]?.role
  return role?.kind === 'found' && role.value.trust.known && role.value.arn === targets[0]?.arn
}

const REASONS: readonly DenialReason[] = [
  'none-given',
  'no-identity-policy',
  'no-trust-policy',
  'no-resource-policy',
  'no-boundary',
  'no-session-policy',
  'no-scp',
  'no-rcp',
  'no-vpce-policy',
  'explicit-deny',
  'explicit-deny-identity',
  'explicit-deny-trust',
  'explicit-deny-resource',
  'explicit-deny-boundary',
  'explicit-deny-session',
  'explicit-deny-scp',
  'explicit-deny-rcp',
  'explicit-deny-vpce',
]

const offersPatch = (diagnosis: Diagnosis): boolean => diagnosis.verdict === 'proved' && diagnosis.gaps.length > 0

function caller(picture: AccessPicture, change: (identity: Identity) => Identity): AccessPicture {
  const { caller: read } = picture
  return read.kind === 'found' ? { ...picture, caller: { kind: 'found', value: change(read.value) } } : picture
}

function firstTarget(picture: AccessPicture, change: (target: TargetRole) => TargetRole): AccessPicture {
  return { ...picture, targets: picture.targets.map((target, index) => (index === 0 ? change(target) : target)) }
}

describe('a diagnosis', () => {
  it('has a whole sentence for whatever reason AWS gives, and changes only where the fault may be ours', () => {
    fc.assert(
      fc.property(scene, fc.constantFrom(...REASONS), ({ denial, picture }, reason) => {
        const diagnosis = diagnose({ ...denial, reason }, picture, options)
        expect(diagnosis.summary).toMatch(/\.$/)
        if (diagnosis.verdict === 'not-ours' || diagnosis.verdict === 'not-enough-evidence') {
          expect(diagnosis.gaps).toEqual([])
        }
      }),
      RUNS,
    )
  })

  it('is never proved when AWS says that a deny decides and none was read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), ({ denial, picture }) => {
        const silent = { ...denial, reason: 'none-given' as const }
        const plain = diagnose(silent, picture, options)
        if (plain.cause === 'explicit-deny' || !offersPatch(plain)) return
        const told = diagnose({ ...denial, reason: 'explicit-deny' }, picture, options)
        expect(offersPatch(told)).toBe(false)
      }),
      RUNS,
    )
  })

  it('offers nothing when the caller’s policies could not be read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...withCaller), ({ denial, picture }) => {
        const blind = { ...picture, caller: unreadable('not allowed') }
        expect(offersPatch(diagnose(denial, blind, options))).toBe(false)
      }),
      RUNS,
    )
  })

  it('offers nothing when one policy or the boundary of the caller could not be read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...withCaller), fc.boolean(), ({ denial, picture }, boundary) => {
        const blind = caller(picture, identity =>
          boundary
            ? { ...identity, boundary: unreadable('not allowed') }
            : { ...identity, unseen: [{ fact: 'policy p', why: 'not allowed' }] },
        )
        expect(offersPatch(diagnose(denial, blind, options))).toBe(false)
      }),
      RUNS,
    )
  })

  it('offers nothing when the trust policy of an assumed role could not be read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...withTrust), ({ denial, picture }) => {
        const blind = firstTarget(picture, target =>
          target.role.kind === 'found'
            ? { ...target, role: { kind: 'found', value: { ...target.role.value, trust: unknown('not allowed') } } }
            : target,
        )
        expect(offersPatch(diagnose(denial, blind, options))).toBe(false)
      }),
      RUNS,
    )
  })

  it('never prints an external id', () => {
    fc.assert(
      fc.property(fc.constantFrom(...withTrust), fc.boolean(), fc.boolean(), ({ denial, picture }, deny, seen) => {
        const guarded = (document: PolicyDocument): PolicyDocument => ({
          ...document,
          Statement: [
            ...document.Statement.map(statement => ({
              ...statement,
              Condition: { ...statement.Condition, StringEquals: { 'sts:ExternalId': SECRET } },
            })),
            ...(deny
              ? [
                  {
                    Effect: 'Deny' as const,
                    Principal: '*' as const,
                    Action: '*',
                    Condition: { StringNotEquals: { 'sts:ExternalId': SECRET } },
                  },
                ]
              : []),
          ],
        })
        const changed = firstTarget(picture, target =>
          target.role.kind === 'found' && target.role.value.trust.known
            ? {
                ...target,
                role: {
                  kind: 'found',
                  value: {
                    ...target.role.value,
                    trust: { known: true, value: guarded(target.role.value.trust.value) },
                  },
                },
              }
            : target,
        )
        const context = seen
          ? { ...denial.context, 'sts:externalid': { state: 'present' as const, values: ['another'] } }
          : denial.context
        const diagnosis = diagnose({ ...denial, context }, changed, options)
        expect(JSON.stringify(diagnosis)).not.toContain(SECRET)
      }),
      RUNS,
    )
  })

  it('is the same twice', () => {
    fc.assert(
      fc.property(scene, ({ denial, picture }) => {
        expect(diagnose(denial, picture, options)).toEqual(diagnose(denial, picture, options))
      }),
      RUNS,
    )
  })
})
