import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { present } from '../../core/iam/conditions/context.ts'
import type { ConditionBlock, Statement } from '../../core/iam/policy/policy-document.ts'
import { hasOwnSid } from '../../core/iam/policy/policy-document.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  identity,
  inline,
  role,
  snapshot,
} from '../fixtures/patches.ts'
import { type DiagnosisContext, RUNS as GIVEN_RUNS, TIMEOUT_MS } from './generators.ts'
import { outcomeOf } from './patch-offers.ts'

/** Fewer runs would not meet enough conditions that are carried over. */
const RUNS = Math.max(GIVEN_RUNS, 150)

vi.setConfig({ testTimeout: TIMEOUT_MS * 2 })

const FAMILIES = {
  MFA: [
    { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    { BoolIfExists: { 'aws:multifactorauthpresent': 'true' } },
    { NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } },
  ],
  'a source address': [
    { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
  ],
  'an organization': [
    { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } },
    { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-abc123/*' } },
  ],
  'an external id': [{ StringEquals: { 'sts:ExternalId': 'secret' } }, { StringLike: { 'sts:externalid': 'sec*' } }],
} satisfies { readonly [what: string]: readonly ConditionBlock[] }
const NEEDED = Object.entries(FAMILIES)

/** For each family no condition, or one of its forms, usually the first. */
const limits: fc.Arbitrary<readonly ConditionBlock[]> = fc.tuple(
  ...NEEDED.map(([, forms]) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant<ConditionBlock>({}) },
      { weight: 4, arbitrary: fc.constant<ConditionBlock>(forms[0] ?? {}) },
      { weight: 1, arbitrary: fc.constantFrom<ConditionBlock[]>(...forms) },
    ),
  ),
)

/** The members of both blocks. The families share no operator with the same key. */
const together = (blocks: readonly ConditionBlock[]): ConditionBlock => {
  const whole: Record<string, Record<string, string>> = {}
  for (const block of blocks)
    for (const [operator, keys] of Object.entries(block))
      whole[operator] = { ...whole[operator], ...(keys as Record<string, string>) }
  return whole
}

const principals = fc.constantFrom<Record<string, string>[]>(
  { AWS: '777788889999' },
  { AWS: 'arn:aws:iam::888899990000:role/partner' },
  { AWS: `arn:aws:iam::${ACCOUNT}:role/colleague` },
  { AWS: '*' },
)

const setups: fc.Arbitrary<{
  readonly one: DiagnosisContext
  readonly entrances: readonly (readonly ConditionBlock[])[]
}> = fc
  .record({
    entrances: fc.array(fc.record({ principal: principals, limits }), { minLength: 1, maxLength: 3 }),
    home: fc.constantFrom(ACCOUNT, '444455556666'),
    service: fc.boolean(),
    meets: fc.boolean(),
  })
  .map(({ entrances, home, service, meets }) => {
    const reports = `arn:aws:iam::${home}:role/reports`
    const statements = entrances.map(
      ({ principal, limits: blocks }): Statement => ({
        Effect: 'Allow',
        Principal: principal,
        Action: 'sts:AssumeRole',
        // None of these is the caller.
        Condition: together([...blocks, { ArnNotLike: { 'aws:PrincipalArn': DEPLOYER } }]),
      }),
    )
    const ec2: Statement = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const facts = {
      'aws:multifactorauthpresent': present(String(meets)),
      'aws:multifactorauthage': present('60'),
      'aws:sourceip': present(meets ? '203.0.113.7' : '192.0.2.1'),
      'aws:principalorgid': present('o-abc123'),
      'aws:principalorgpaths': present('o-abc123/r-ab12/'),
      'sts:externalid': present('secret'),
    }
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'p', allow('sts:AssumeRole', reports))])
    return {
      entrances: entrances.map(one => one.limits),
      one: {
        denial: assumeDenial(reports, { context: facts }),
        snapshot: snapshot(caller, [role(reports, document(...statements, ...(service ? [ec2] : [])))]),
        config: { organizationAccounts: [ACCOUNT] },
        withGetRole: false,
      },
    }
  })

const asked = (Condition: ConditionBlock | undefined): readonly string[] =>
  Object.values(Condition ?? {}).flatMap(keys => Object.keys(keys).map(key => key.toLowerCase()))

const keysOf = (forms: readonly ConditionBlock[]): readonly string[] => forms.flatMap(asked)

describe('whom a patch adds to a trust policy', () => {
  it('needs what everybody needs, wherever its account is; what only some need is a warning', () => {
    let carried = 0
    let warned = 0
    fc.assert(
      fc.property(setups, ({ one, entrances }) => {
        const { patch, verified, refusal } = outcomeOf(one)
        if (patch === null || refusal !== null) return
        const added = patch.changes.flatMap(({ after }) => after.Statement.filter(hasOwnSid))
        const line = verified?.verification.guardrails.find(({ id }) => id === 'others-conditions')
        for (const statement of added)
          NEEDED.forEach(([what, forms], at) => {
            const needing = entrances.filter(blocks => asked(blocks[at]).length > 0)
            const meets = keysOf(forms).some(key => asked(statement.Condition).includes(key))
            if (needing.length === entrances.length) {
              carried += 1
              expect(meets).toBe(true)
            }
            if (needing.length > 0 && !meets) {
              warned += 1
              expect(line?.detail).toContain(what)
            }
            if (needing.length === 0) expect(line?.detail ?? '').not.toContain(what)
          })
      }),
      { numRuns: RUNS },
    )
    // Few runs may meet none.
    expect(carried).toBeGreaterThan(RUNS / 10)
    expect(warned).toBeGreaterThan(0)
  })
})
