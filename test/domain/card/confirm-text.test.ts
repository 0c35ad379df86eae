import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeDigest, type PolicyChange } from '../../../core/patch/patch.ts'
import { confirmText } from '../../../functions/domain/card/sentences/confirm-text.ts'
import { sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'
import { ANY_CHAR } from '../../fixtures/any-char.ts'

const ROLE = 'arn:aws:iam::111122223333:role'
const END = 'It stays until somebody reverts it.'
const GAIN = 'Through admin deployer could become administrator'
const finding = { id: 'administrator-equivalent', outcome: 'warn', detail: `${GAIN}: admin may do anything.` } as const
const high = { ...VERIFICATION, risk: 'high', guardrails: [finding] } as const

function text(who: string, roles: readonly string[], service = 'ecs-tasks.amazonaws.com'): string {
  const Condition = { StringEquals: { 'iam:PassedToService': service } }
  const Resource = roles.map(name => `${ROLE}/${name}`)
  const edit: Pick<PolicyChange, 'target' | 'before' | 'after'> = {
    target: {
      ...{ kind: 'role-inline-policy', accountId: '111122223333', policyName: 'rolemedic' },
      ...{ name: who, arn: `${ROLE}/${who}` },
    },
    before: null,
    after: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource, Condition }] },
  }
  const changes = [{ ...edit, required: true, digest: changeDigest(edit) }]
  const patch = { ...sampleProposal().patch, changes }
  return confirmText({ patch, verification: high, previous: null }, END)
}

describe('the confirmation of a high risk', () => {
  it('says the risk first, until when, who gets what, and what it could become', () => {
    expect(text('deployer', ['app'])).toBe(
      `High risk. ${END} Lets deployer pass app to ECS tasks, nothing else. ${GAIN}.`,
    )
  })

  it('drops what it could become before it shortens a name', () => {
    const [who, role] = [`d${'e'.repeat(60)}r`, `team-${'a'.repeat(110)}`]
    const shown = text(who, [role])
    expect(shown).toBe(`High risk. ${END} Lets ${who} pass ${role} to ECS tasks, nothing else.`)
    expect(shown.length).toBeLessThanOrEqual(300)
  })

  it('shortens names in the middle, and says where they are whole', () => {
    const [who, role] = [`deploy-${'e'.repeat(150)}-prod`, `team-${'a'.repeat(150)}-task`]
    expect(text(who, [role])).toMatch(
      /^High risk\. It stays until somebody reverts it\. Lets deploy-e+…e+-prod pass team-a+…a+-task to ECS tasks, nothing else\. Whole names are on the card\./,
    )
  })

  it('never shows two names alike', () => {
    const alike = (middle: string) => `${'a'.repeat(70)}${middle}${'b'.repeat(70)}`
    const shown = text('deployer', [alike('x'), alike('y')])
    expect(shown).toMatch(/^High risk\. It stays until somebody reverts it\. Lets deployer pass /)
    expect(shown).toContain('and 1 more role to ECS tasks')
  })

  it('holds for all names: risk and end whole, a change, and no more than a dialog holds', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z/.=@-]{1,300}$/),
      fc.string({ unit: ANY_CHAR, maxLength: 600 }),
      fc.constantFrom('x'.repeat(600), `${'x'.repeat(300)}y${'x'.repeat(299)}`),
    )
    fc.assert(
      fc.property(name, fc.array(name, { minLength: 1, maxLength: 6 }), name, (who, roles, service) => {
        const shown = text(who, roles, service)
        expect(shown.length).toBeLessThanOrEqual(300)
        expect(shown).toMatch(/^High risk\. It stays until somebody reverts it\. (Lets |Who gets what is on the card)/)
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) },
    )
  })
})
