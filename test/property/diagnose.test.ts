import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unknown, unreadable } from '../../core/base/fact.ts'
import type { Denial, DenialReason } from '../../core/denial/denial.ts'
import { parseMessage, parseRecord } from '../../core/denial/parse-denial.ts'
import { diagnose } from '../../core/diagnosis/diagnose.ts'
import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts'
import type { AccessSnapshot, Identity, TargetRole } from '../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import { DEFAULT_CONFIG } from '../../functions/domain/config/config.ts'
import { gather } from '../../functions/workflows/denial/gather-access.ts'
import { accountsOf, eventOf, orgOf, readCaseFile } from '../case-file.ts'

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 150) }
const options = { config: DEFAULT_CONFIG, nowMs: Date.parse('2026-11-24T22:00:00Z') }
const SECRET = 'x7-external-id-of-somebody'

type DiagnosisContext = { readonly denial: Denial; readonly snapshot: AccessSnapshot }

/** The setups of every case. Each law holds for all variations of them. */
async function setups(): Promise<readonly DiagnosisContext[]> {
  const folder = join(import.meta.dirname, '../cases')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    name => name.endsWith('.json') && !/^(?:posts|hints|deploy-texts|runs)\b/.test(name),
  )
  const found: DiagnosisContext[] = []
  for (const name of names.sort()) {
    const file = readCaseFile(readFileSync(join(folder, name), 'utf8'))
    for (const one of file.cases) {
      const event = eventOf(file, one)
      const parsed = event === null ? parseMessage(one.message ?? '') : parseRecord(event)
      if (parsed.kind !== 'denial') continue
      const org = orgOf(file, one)
      const reader = snapshotReader({ files: accountsOf(file, one), ...(org === null ? {} : { org }) })
      found.push({ denial: parsed.denial, snapshot: await gather(parsed.denial, reader) })
    }
  }
  return found
}

const all = await setups()
const setup = fc.constantFrom(...all)
const withCaller = all.filter(one => one.snapshot.caller.kind === 'found')
const withTrust = all.filter(one => one.denial.action.startsWith('sts:') && trustRead(one.snapshot))

function trustRead({ targets }: AccessSnapshot): boolean {
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

function caller(snapshot: AccessSnapshot, change: (identity: Identity) => Identity): AccessSnapshot {
  const { caller: read } = snapshot
  return read.kind === 'found' ? { ...snapshot, caller: { kind: 'found', value: change(read.value) } } : snapshot
}

function firstTarget(snapshot: AccessSnapshot, change: (target: TargetRole) => TargetRole): AccessSnapshot {
  return { ...snapshot, targets: snapshot.targets.map((target, index) => (index === 0 ? change(target) : target)) }
}

describe('a diagnosis', () => {
  it('has a whole sentence for whatever reason AWS gives, and changes only where the fault may be ours', () => {
    fc.assert(
      fc.property(setup, fc.constantFrom(...REASONS), ({ denial, snapshot }, reason) => {
        const diagnosis = diagnose({ ...denial, reason }, snapshot, options)
        expect(diagnosis.summary).toMatch(/\.$/)
        if (diagnosis.verdict === 'not-ours' || diagnosis.verdict === 'not-enough-evidence') {
          expect(diagnosis.gaps).toEqual([])
        }
      }),
      RUNS,
    )
  })

  it('is never proved when AWS reports a deny and none was read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), ({ denial, snapshot }) => {
        const silent = { ...denial, reason: 'none-given' as const }
        const plain = diagnose(silent, snapshot, options)
        if (plain.cause === 'explicit-deny' || !offersPatch(plain)) return
        const reported = diagnose({ ...denial, reason: 'explicit-deny' }, snapshot, options)
        expect(offersPatch(reported)).toBe(false)
      }),
      RUNS,
    )
  })

  it('offers nothing when the caller’s policies could not be read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...withCaller), ({ denial, snapshot }) => {
        const blind = { ...snapshot, caller: unreadable('not allowed') }
        expect(offersPatch(diagnose(denial, blind, options))).toBe(false)
      }),
      RUNS,
    )
  })

  it('offers nothing when one policy or the boundary of the caller could not be read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...withCaller), fc.boolean(), ({ denial, snapshot }, boundary) => {
        const blind = caller(snapshot, identity =>
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
      fc.property(fc.constantFrom(...withTrust), ({ denial, snapshot }) => {
        const blind = firstTarget(snapshot, target =>
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
      fc.property(fc.constantFrom(...withTrust), fc.boolean(), fc.boolean(), ({ denial, snapshot }, deny, seen) => {
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
        const changed = firstTarget(snapshot, target =>
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
      fc.property(setup, ({ denial, snapshot }) => {
        expect(diagnose(denial, snapshot, options)).toEqual(diagnose(denial, snapshot, options))
      }),
      RUNS,
    )
  })
})
