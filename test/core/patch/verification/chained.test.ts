import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../../../core/patch/patch.ts'
import { chained } from '../../../../core/patch/verification/chained.ts'
import type { GuardrailFinding, Verification, VerifiedPatch } from '../../../../core/patch/verification/verification.ts'
import { change } from '../../../fixtures/guardrails.ts'
import { allow, DEPLOYER, document, TASK_ROLE } from '../../../fixtures/patches.ts'

const PLAIN: Verification = {
  before: 'denied',
  after: 'allowed',
  controls: { evaluated: 10, changed: 0 },
  risk: 'low',
  approvers: 1,
  guardrails: [],
  counterexample: null,
}
const step = (changes: readonly PolicyChange[], verification: Partial<Verification> = {}) =>
  ({ patch: { changes, digest: patchDigest(changes) }, verification: { ...PLAIN, ...verification } }) as VerifiedPatch

const [one, two, three]: Statement[] = ['a', 'b', 'c'].map(name => allow('iam:PassRole', `${TASK_ROLE}-${name}`)) as [
  Statement,
  Statement,
  Statement,
]
const own = (before: PolicyDocument | null, after: PolicyDocument) =>
  change('role-inline-policy', DEPLOYER, before, after)
const trust = change('role-trust-policy', TASK_ROLE, document(), document(allow('sts:AssumeRole', '*')))

describe('several verified patches', () => {
  it('are none without one, and that one if it is alone', () => {
    const alone = step([own(null, document(one))])
    expect(chained([])).toBe(null)
    expect(chained([alone])).toBe(alone)
  })

  it('write a document once that several of them edit, from what it was to what the last one leaves', () => {
    const steps = [
      step([own(null, document(one))]),
      step([own(document(one), document(one, two))]),
      step([own(document(one, two), document(one, two, three))]),
    ]
    const { target } = own(null, document(one))
    const whole = { target, before: null, after: document(one, two, three) }
    const changes = [{ ...whole, required: true, digest: changeDigest(whole) }]
    expect(chained(steps)?.patch).toEqual({ changes, digest: patchDigest(changes) })
  })

  it('keep other documents apart, by their kind, entity and name, and write trust last', () => {
    const others = [
      trust,
      own(null, document(one)),
      change('role-inline-policy', TASK_ROLE, null, document(one)),
      change('managed-policy', DEPLOYER, null, document(one)),
    ]
    const deploy = own(null, document(two))
    const named = { ...deploy, target: { ...deploy.target, policyName: 'deploy' } }
    const patch = chained([step(others), step([named])])?.patch
    expect(patch?.changes.map(({ target }) => [target.kind, target.arn, target.policyName])).toEqual([
      ['role-inline-policy', DEPLOYER, 'rolemedic'],
      ['role-inline-policy', TASK_ROLE, 'rolemedic'],
      ['managed-policy', DEPLOYER, null],
      ['role-inline-policy', DEPLOYER, 'deploy'],
      ['role-trust-policy', TASK_ROLE, null],
    ])
  })

  it.each<[string, PolicyDocument | null]>([
    ['another document', document(two)],
    ['none', null],
  ])('are refused if one was verified on top of %s', (_, before) => {
    const steps = [step([own(null, document(one))]), step([own(before, document(one, two))])]
    expect(() => chained(steps)).toThrow('deployer was verified on top of something else')
  })

  it('are proved as far as each of them is', () => {
    const proofOf = (...all: Partial<Verification>[]) => chained(all.map(each => step([], each)))?.verification.proof
    const alone = { proof: { outcome: 'nothing-else', detail: null } } as const
    const others = (detail: string) => ({ proof: { outcome: 'others-too', detail } }) as const
    expect(proofOf(alone, alone)).toEqual(alone.proof)
    expect(proofOf(alone, others('a too.'), others('b too.'), others('a too.'))).toEqual(others('a too. b too.').proof)
    expect(proofOf(alone, {})).toBe(undefined)
    expect(proofOf({}, {})).toBe(undefined)
  })

  it('are as strict as the strictest, and add what was evaluated', () => {
    const joined = (...all: Partial<Verification>[]) => chained(all.map(each => step([], each)))?.verification
    expect(
      joined(
        { risk: 'elevated', approvers: 2, controls: { evaluated: 100, changed: 1 } },
        { risk: 'low', approvers: 1, controls: { evaluated: 20, changed: 2 } },
      ),
    ).toEqual({ ...PLAIN, risk: 'elevated', approvers: 2, controls: { evaluated: 120, changed: 3 } })
    expect(joined({ risk: 'low' }, { risk: 'high' }, { risk: 'elevated' })?.risk).toBe('high')
    expect(joined({ risk: 'low' }, { risk: 'low' })?.risk).toBe('low')
  })

  it('join the findings of a guardrail: its worst outcome, with what was found for that', () => {
    const finding = (outcome: GuardrailFinding['outcome'], detail: string | null, link?: string): GuardrailFinding => ({
      id: 'reach',
      outcome,
      detail,
      ...(link === undefined ? {} : { link }),
    })
    const joined = (...all: GuardrailFinding[]) =>
      chained(all.map(each => step([], { guardrails: [each] })))?.verification.guardrails
    expect(joined(finding('pass', null), finding('pass', null))).toEqual([finding('pass', null)])
    expect(joined(finding('warn', 'a'), finding('pass', null), finding('warn', 'b'))).toEqual([finding('warn', 'a b')])
    expect(joined(finding('warn', 'a'), finding('warn', 'a'))).toEqual([finding('warn', 'a')])
    expect(joined(finding('warn', 'a', 'https://a.example'), finding('refuse', 'b'))).toEqual([finding('refuse', 'b')])
    expect(joined(finding('warn', 'a'), finding('warn', 'b', 'https://b.example'))).toEqual([
      finding('warn', 'a b', 'https://b.example'),
    ])
    expect(joined(finding('pass', null), { ...finding('warn', 'c'), id: 'size' })).toEqual([
      finding('pass', null),
      { ...finding('warn', 'c'), id: 'size' },
    ])
  })

  it('name a layer that could not be seen once', () => {
    const unseen = (detail: string) => ({ guardrails: [{ id: 'unseen-layers', outcome: 'warn', detail }] as const })
    const all = [
      'Could not see: session policy. If the call is still denied afterwards, revert.',
      'Could not see: session policy, VPC endpoint policy. If the call is still denied afterwards, revert.',
    ]
    expect(chained(all.map(detail => step([], unseen(detail))))?.verification.guardrails[0]?.detail).toBe(all[1])
  })
})
