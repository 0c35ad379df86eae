import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../functions/domain/actions/evaluate.ts'
import type { PolicyDocument } from '../../functions/domain/iam/policy/policy-document.ts'
import { changedStatements, mayAffect } from '../../functions/domain/patch/changed-statements.ts'
import type { Target } from '../../functions/domain/patch/patch.ts'
import { applyToSnapshot } from '../../functions/domain/patch/verification/apply-to-snapshot.ts'
import { document, RUNS, type World, world } from './policies.ts'

type Change = { readonly target: Target; readonly before: PolicyDocument | null; readonly after: PolicyDocument }

/** The caller's policy `own` or the trust policy of the role, rewritten: often with some of its statements unchanged. */
const setup = fc
  .record({ world, plain: document('plain'), trust: document('trust'), keepsSome: fc.boolean(), onTrust: fc.boolean() })
  .map(({ world: { request, snapshot }, plain, trust, keepsSome, onTrust }): World & { readonly change: Change } => {
    const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
    const role = snapshot.targets[0]?.role.kind === 'found' ? snapshot.targets[0].role.value : null
    if (caller === null || role === null) throw new Error('the sampled world has both')
    const own = caller.policies[0]
    const name = own?.name ?? 'own'
    const base =
      own === undefined ? caller : { ...caller, policies: caller.policies.with(0, { ...own, attachedTo: caller.arn }) }
    const old = onTrust ? (role.trust.known ? role.trust.value : null) : (own?.document ?? null)
    const rewritten = onTrust ? trust : plain
    const after =
      keepsSome && old !== null ? { ...old, Statement: [...old.Statement.slice(1), ...rewritten.Statement] } : rewritten
    const target: Target = onTrust
      ? { kind: 'role-trust-policy', accountId: role.accountId, name: role.name, policyName: null, arn: role.arn }
      : {
          kind: `${caller.kind}-inline-policy`,
          accountId: caller.accountId,
          name: caller.name,
          policyName: name,
          arn: caller.arn,
        }
    return {
      request,
      snapshot: { ...snapshot, caller: { kind: 'found', value: base } },
      change: { target, before: old, after },
    }
  })

const answers = ({ request, snapshot, change }: World & { readonly change: Change }) => ({
  before: evaluate(request, snapshot).answer,
  after: evaluate(request, applyToSnapshot(snapshot, [change])).answer,
  bears: mayAffect(changedStatements([change]), request, snapshot),
})

describe('statements that a change brings or takes away', () => {
  it('leave every answer as it was when none of them applies to the request', () => {
    fc.assert(
      fc.property(setup, sampled => {
        const { before, after, bears } = answers(sampled)
        if (!bears) expect(after).toBe(before)
      }),
      { numRuns: RUNS },
    )
  })

  it('are sampled so that both happen often, and answers change', () => {
    const sampled = fc.sample(setup, { numRuns: 2_000, seed: 7 }).map(answers)
    expect(sampled.filter(({ bears }) => !bears).length).toBeGreaterThan(200)
    expect(sampled.filter(({ before, after }) => before !== after).length).toBeGreaterThan(50)
  })

  it('are all of both documents where the version changes', () => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } as const
    const target: Target = {
      kind: 'role-inline-policy',
      accountId: '111122223333',
      name: 'a',
      policyName: 'p',
      arn: 'a',
    }
    const moved = changedStatements([
      {
        target,
        before: { Version: '2008-10-17', Statement: [statement] },
        after: { Version: '2012-10-17', Statement: [statement] },
      },
    ])
    expect(moved.map(({ document }) => document.Version)).toEqual(['2008-10-17', '2012-10-17'])
  })
})
