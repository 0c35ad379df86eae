import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../core/actions/actions.ts'
import { found } from '../../../core/base/fact.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { toAwsCli } from '../../../core/patch/export/cli.ts'
import { toTerraform } from '../../../core/patch/export/terraform.ts'
import { timeLimitedDocument } from '../../../core/patch/limited-document.ts'
import { revertChange } from '../../../core/patch/revert-patch.ts'
import { blastRadius } from '../../../functions/domain/card/blast-radius.ts'
import { change, outcome, patchOf, SID } from '../../fixtures/guardrails.ts'
import { ACCOUNT, document, identity, role, snapshot, TASK_ROLE } from '../../fixtures/patches.ts'

const PATH = 'aws-reserved/sso.amazonaws.com/eu-west-1'
const roleOf = (set: string, suffix = '0123456789abcdef', path = PATH) =>
  `arn:aws:iam::${ACCOUNT}:role/${path}/AWSReservedSSO_${set}_${suffix}`
const PATTERN = roleOf('Admin', '????????????????')
const ROOT = `arn:aws:iam::${ACCOUNT}:root`
const ec2: Statement = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
const trusts = (pattern: string | string[], more: Partial<Statement> = {}): Statement => ({
  Sid: SID,
  Effect: 'Allow',
  Principal: { AWS: ROOT },
  Action: 'sts:AssumeRole',
  Condition: { ArnLike: { 'aws:PrincipalArn': pattern } },
  ...more,
})
const patchWith = (statement: Statement, ...before: Statement[]) =>
  patchOf(change('role-trust-policy', TASK_ROLE, document(...before), document(...before, statement)))
const admin = snapshot(identity(roleOf('Admin')), [role(TASK_ROLE, document(ec2))])
const guard = (patch: ReturnType<typeof patchWith>, seen = admin) =>
  outcome('exact-trust-principal', { patch, snapshot: seen })

describe('the trust of a permission set', () => {
  it('is the only trust of an account that passes', () => {
    expect(guard(patchWith(trusts(PATTERN)))).toBe('pass')
    expect(outcome('no-wildcard', { patch: patchWith(trusts(PATTERN)), snapshot: admin })).toBe('pass')
  })

  it.each<[string, Statement]>([
    ['a star for the suffix', trusts(roleOf('Admin', '*'))],
    ['a star for the Region', trusts(roleOf('Admin', '????????????????', 'aws-reserved/sso.amazonaws.com/*'))],
    ['fifteen characters', trusts(roleOf('Admin', '?'.repeat(15)))],
    ['seventeen characters', trusts(roleOf('Admin', '?'.repeat(17)))],
    ['a longer set', trusts(roleOf('Admin_Prod', '????????????????'))],
    ['another set', trusts(roleOf('Billing', '????????????????'))],
    ['every set', trusts(roleOf('*', '????????????????'))],
    ['the set beside another', trusts([PATTERN, roleOf('Billing', '????????????????')])],
    ['another account', trusts(PATTERN, { Principal: { AWS: 'arn:aws:iam::444455556666:root' } })],
    ['another partition', trusts(PATTERN, { Principal: { AWS: `arn:aws-cn:iam::${ACCOUNT}:root` } })],
    ['everybody', trusts(PATTERN, { Principal: '*' })],
    ['two accounts', trusts(PATTERN, { Principal: { AWS: [ROOT, 'arn:aws:iam::444455556666:root'] } })],
    ['a service too', trusts(PATTERN, { Principal: { AWS: ROOT, Service: 'ec2.amazonaws.com' } })],
    [
      'a condition that an absent key meets',
      trusts(PATTERN, { Condition: { ArnLikeIfExists: { 'aws:PrincipalArn': PATTERN } } }),
    ],
    ['everybody but the set', trusts(PATTERN, { Condition: { ArnNotLike: { 'aws:PrincipalArn': PATTERN } } })],
    ['a condition on another key', trusts(PATTERN, { Condition: { ArnLike: { 'aws:SourceArn': PATTERN } } })],
    ['the account without a limit', trusts(PATTERN, { Condition: {} })],
  ])('is refused for %s', (_, statement) => {
    expect(guard(patchWith(statement))).toBe('refuse')
  })

  it('is refused for a caller of another set, of no set, and for one that was not read', () => {
    const patch = patchWith(trusts(PATTERN))
    expect(guard(patch, snapshot(identity(roleOf('Admin_Prod')), []))).toBe('refuse')
    expect(
      guard(patch, snapshot(identity(`arn:aws:iam::${ACCOUNT}:role/AWSReservedSSO_Admin_0123456789abcdef`), [])),
    ).toBe('refuse')
    expect(guard(patch, { ...admin, caller: { kind: 'absent' } })).toBe('refuse')
  })

  it('adds to a list of principals the pattern of the caller, its exact name, and nothing else', () => {
    const before = trusts(roleOf('Billing', '????????????????'), { Sid: 'Theirs' })
    const listed = (value: string) => {
      const after = trusts([roleOf('Billing', '????????????????'), value], { Sid: 'Theirs' })
      return guard(patchOf(change('role-trust-policy', TASK_ROLE, document(before), document(after))))
    }
    expect(listed(PATTERN)).toBe('pass')
    expect(listed(roleOf('Admin'))).toBe('pass')
    expect(listed(roleOf('Admin', '*'))).toBe('refuse')
    expect(listed(roleOf('Admin_Prod'))).toBe('refuse')
    expect(listed(`arn:aws:iam::${ACCOUNT}:role/*`)).toBe('refuse')
    expect(listed('*')).toBe('refuse')
  })
})

describe('who assumes the role under that trust', () => {
  const ALLOW: Statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }
  const answer = (caller: string, trust = document(trusts(PATTERN))) => {
    const policy = { type: 'identity', name: 'p', arn: null, attachedTo: caller, document: document(ALLOW) } as const
    const seen = snapshot({ ...identity(caller), policies: [policy] }, [role(TASK_ROLE, trust)])
    const request = {
      action: 'sts:AssumeRole',
      resource: TASK_ROLE,
      principalArn: caller,
      roleArn: caller,
      context: { 'aws:currenttime': { state: 'present' as const, values: ['2026-11-24T12:00:00Z'] } },
    }
    return evaluate(request, { ...seen, caller: found({ ...identity(caller), policies: [policy] }) }).answer
  }

  it.each([
    ['the role of today', roleOf('Admin'), 'allowed'],
    ['the role of tomorrow', roleOf('Admin', 'fedcba9876543210'), 'allowed'],
    ['a set whose name goes on', roleOf('Admin_Prod'), 'denied'],
    ['a set whose name goes on with sixteen characters', roleOf('Admin_0123456789abcdef'), 'denied'],
    ['a set in another case', roleOf('admin'), 'denied'],
    ['a shorter set', roleOf('Admi'), 'denied'],
    [
      'a role without the reserved path',
      `arn:aws:iam::${ACCOUNT}:role/AWSReservedSSO_Admin_0123456789abcdef`,
      'denied',
    ],
    ['an ordinary role', `arn:aws:iam::${ACCOUNT}:role/admin`, 'denied'],
  ])('%s', (_, caller, wanted) => {
    expect(answer(caller)).toBe(wanted)
  })

  it('ends with its time limit, and the revert leaves the policy as it was', () => {
    const [before, after] = [document(ec2), document(ec2, trusts(PATTERN))]
    const until = (time: string) => timeLimitedDocument({ before, after }, Date.parse(time), SID)
    expect(answer(roleOf('Admin', 'fedcba9876543210'), until('2026-11-24T13:00:00Z'))).toBe('allowed')
    expect(answer(roleOf('Admin'), until('2026-11-24T11:00:00Z'))).toBe('denied')
    const { target } = change('role-trust-policy', TASK_ROLE, before, after)
    expect(revertChange({ target, before, after }, after)).toEqual({ ok: true, value: before })
    const limited = until('2026-11-24T13:00:00Z')
    expect(revertChange({ target, before, after: limited }, limited)).toEqual({ ok: true, value: before })
  })
})

describe('what is shown of that trust', () => {
  const patch = patchWith(trusts(PATTERN), ec2)

  it('names the permission set, not the account', () => {
    const words = JSON.stringify(blastRadius(patch.changes))
    expect(words).toContain('AWSReservedSSO_Admin_????????????????')
    expect(words).not.toContain(':root')
  })

  it('keeps the condition in code', () => {
    for (const text of patch.changes.flatMap(one => [toTerraform(one), toAwsCli(one)]))
      expect(text).toContain('AWSReservedSSO_Admin_????????????????')
  })
})
