import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../../core/iam/policy/sourced-policy.ts'
import {
  beforeWithdrawals,
  documentWithout,
  type EarlierGrant,
  type Withdrawal,
  withdraws,
  withoutIneffectiveGrants,
  withWithdrawals,
} from '../../../core/patch/ineffective-grant.ts'
import { changeDigest, type PolicyChange, patchDigest } from '../../../core/patch/patch.ts'
import { change, pass, patchOf, SID } from '../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  inline,
  managed,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../fixtures/patches.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const THEIRS = allow('s3:GetObject', '*')
const under = (operator: string, services: string | string[], more: Partial<Statement> = {}) =>
  pass(TASK_ROLE, { Condition: { [operator]: { 'iam:PassedToService': services } }, ...more })
const own = (after: PolicyDocument, before: PolicyDocument | null = null) =>
  change('role-inline-policy', DEPLOYER, before, after)
const granted = (...statements: Statement[]): EarlierGrant => ({
  proposalId: 'p-1',
  changes: [own(document(...statements))],
  isSameCall: true,
})
/** The caller with these statements in rolemedic's policy. */
const having = (...statements: Statement[]) => [inline(DEPLOYER, 'rolemedic', ...statements)]
const seen = (policies: readonly SourcedPolicy[]) =>
  snapshot(identity(DEPLOYER, policies), [role(TASK_ROLE, ecsTrust), role(EXECUTION_ROLE, ecsTrust)])

function without(grant: EarlierGrant, policies: readonly SourcedPolicy[], denial: Denial = passDenial()) {
  const result = withoutIneffectiveGrants(denial, seen(policies), [grant])
  const { caller } = result.snapshot
  return {
    ruledOut: result.denial.passes.flatMap(({ service }) => (service.ruledOut ?? []).map(one => one.service)),
    withdrawn: result.withdrawn.map(
      ({ target, without: left }) => `${target.name}: ${left?.Statement.length ?? 'nothing'}`,
    ),
    left: caller.kind === 'found' ? caller.value.policies.map(({ document: { Statement } }) => Statement.length) : [],
  }
}
const UNTOUCHED = { ruledOut: [], withdrawn: [] }

describe('a grant under which the same request was denied again', () => {
  it('rules out the service that it requires, and is withdrawn', () => {
    expect(without(granted(pass()), having(pass()))).toEqual({
      ruledOut: [ECS],
      withdrawn: ['deployer: nothing'],
      left: [0],
    })
  })

  it('names the policy and the statement', () => {
    const { denial } = withoutIneffectiveGrants(passDenial(), seen(having(pass())), [granted(pass())])
    expect(denial.passes[0]?.service.ruledOut).toEqual([{ service: ECS, policy: 'rolemedic', sid: SID }])
  })

  it.each<[string, Statement, readonly (string | null)[]]>([
    ['two services', under('StringEquals', [ECS, 'ec2.amazonaws.com']), [ECS, 'ec2.amazonaws.com']],
    ['a service or none', under('StringEqualsIfExists', ECS), [ECS, null]],
    [
      'a service, by a key in another case',
      pass(TASK_ROLE, { Condition: { StringEquals: { 'IAM:PASSEDTOSERVICE': ECS } } }),
      [ECS],
    ],
  ])('rules out %s', (_, statement, wanted) => {
    expect(without(granted(statement), having(statement)).ruledOut).toEqual(wanted)
  })

  it.each<[string, Statement]>([
    ['a pattern of services', under('StringLike', ECS)],
    [
      'a condition on something else',
      pass(TASK_ROLE, { Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } }),
    ],
    ['another action', pass(TASK_ROLE, { Action: 'iam:GetRole' })],
    ['a denial', pass(TASK_ROLE, { Effect: 'Deny' })],
    ['another role', pass(EXECUTION_ROLE)],
  ])('rules out nothing for %s', (_, statement) => {
    expect(without(granted(statement), having(statement))).toMatchObject(UNTOUCHED)
  })

  it('stays for another call, whose service it may be', () => {
    expect(without({ ...granted(pass()), isSameCall: false }, having(pass()))).toEqual({
      ruledOut: [ECS],
      withdrawn: [],
      left: [1],
    })
  })

  it('stays if it allows a role that this call does not pass', () => {
    const both = pass([TASK_ROLE, EXECUTION_ROLE])
    expect(without(granted(both), having(both))).toEqual({ ruledOut: [ECS], withdrawn: [], left: [1] })
    const denial = passDenial([TASK_ROLE, EXECUTION_ROLE])
    expect(without(granted(both), having(both), denial).withdrawn).toEqual(['deployer: nothing'])
  })

  it('covers the role by an approved set, and stays', () => {
    const set = pass(`arn:aws:iam::${ACCOUNT}:role/orders-*`)
    expect(without(granted(set), having(set))).toEqual({ ruledOut: [ECS], withdrawn: [], left: [1] })
    const other = pass(`arn:aws:iam::${ACCOUNT}:role/billing-*`)
    expect(without(granted(other), having(other))).toMatchObject(UNTOUCHED)
    const longer = pass(`${TASK_ROLE}s*`)
    expect(without(granted(longer), having(longer))).toMatchObject(UNTOUCHED)
    const exact = pass(`${TASK_ROLE}-2`)
    expect(without(granted(exact), having(exact))).toMatchObject(UNTOUCHED)
  })

  it.each<[Denial['reason'], readonly string[]]>([
    ['none-given', [ECS]],
    ['no-identity-policy', [ECS]],
    ['explicit-deny', []],
    ['explicit-deny-identity', []],
    ['no-scp', []],
    ['no-boundary', []],
  ])('rules it out or not by the reason that AWS gives: %s', (reason, wanted) => {
    expect(without(granted(pass()), having(pass()), { ...passDenial(), reason }).ruledOut).toEqual(wanted)
  })

  it('rules out nothing if the text gives a reason that is not known here', () => {
    const denial = { ...passDenial(), message: 'not authorized because of the weather' }
    expect(without(granted(pass()), having(pass()), denial)).toMatchObject(UNTOUCHED)
  })

  it('rules out nothing where a guardrail of the organization was not read', () => {
    const unread = { ...seen(having(pass())), scps: { known: false as const, why: 'not read' } }
    expect(withoutIneffectiveGrants(passDenial(), unread, [granted(pass())]).withdrawn).toEqual([])
    const session = { ...seen(having(pass())), session: { known: false as const, why: 'not read' } }
    expect(withoutIneffectiveGrants(passDenial(), session, [granted(pass())]).withdrawn).toHaveLength(1)
  })

  it('rules out nothing that the policies deny anyway', () => {
    const deny: Statement = { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }
    expect(without(granted(pass()), [...having(pass()), inline(DEPLOYER, 'deny', deny)])).toMatchObject(UNTOUCHED)
  })

  it('rules out nothing that the record shows the call sent', () => {
    const denial = passDenial()
    const shown = { ...denial, context: { 'iam:passedtoservice': { state: 'present' as const, values: [ECS] } } }
    expect(without(granted(pass()), having(pass()), shown)).toMatchObject(UNTOUCHED)
  })

  it('is judged as if it still stood where it was edited since', () => {
    expect(without(granted(pass()), having(THEIRS)).ruledOut).toEqual([ECS])
    expect(without(granted(pass()), []).ruledOut).toEqual([ECS])
    const deny: Statement = { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }
    expect(without(granted(pass()), having(deny)).ruledOut).toEqual([])
  })

  it('is in no trust policy, and in no policy of another name, owner or kind', () => {
    const trust = { ...granted(), changes: [change('role-trust-policy', DEPLOYER, null, document(pass()))] }
    expect(without(trust, [inline(DEPLOYER, '', pass())]).withdrawn).toEqual([])
    const group = inline(`arn:aws:iam::${ACCOUNT}:group/g`, 'rolemedic', pass())
    expect(without(granted(pass()), [group]).withdrawn).toEqual([])
    expect(without(granted(pass()), [managed(DEPLOYER, 'rolemedic', 1, pass())]).withdrawn).toEqual([])
  })

  it('leaves what others wrote beside it, and is not withdrawn if it was edited', () => {
    expect(without(granted(pass()), having(THEIRS, pass()))).toEqual({
      ruledOut: [ECS],
      withdrawn: ['deployer: 1'],
      left: [1],
    })
    const edited = { ...pass(), Action: ['iam:PassRole', 'iam:GetRole'] }
    expect(without(granted(pass()), having(edited)).withdrawn).toEqual([])
    expect(without(granted(pass()), []).withdrawn).toEqual([])
  })

  it('is found in a managed policy and in a permission set', () => {
    const shared = managed(DEPLOYER, 'deploy', 1, THEIRS, pass())
    const inShared = change('managed-policy', shared.arn ?? '', document(THEIRS), document(THEIRS, pass()))
    expect(without({ ...granted(), changes: [inShared] }, [shared]).withdrawn).toEqual(['deploy: 1'])
    const set = change('permission-set-inline-policy', DEPLOYER, null, document(pass()))
    expect(
      without({ ...granted(), changes: [set] }, [inline(DEPLOYER, 'AwsSSOInlinePolicy', pass())]).withdrawn,
    ).toEqual(['deployer: nothing'])
    expect(without({ ...granted(), changes: [set] }, having(pass())).withdrawn).toEqual([])
  })

  it('is withdrawn whole or not at all', () => {
    const changes = [
      own(document(pass())),
      { ...own(document(pass())), target: { ...own(document()).target, policyName: 'gone' } },
    ]
    expect(without({ ...granted(), changes }, having(pass())).withdrawn).toEqual([])
  })

  it('is one of several, the latest first; a value is ruled out once', () => {
    const first = { ...granted(pass()), proposalId: 'p-2' }
    const second = granted(under('StringEquals', 'ec2.amazonaws.com', { Sid: 'Rolemedicffffffff' }))
    const policies = having(
      ...first.changes.flatMap(({ after }) => after.Statement),
      ...second.changes.flatMap(({ after }) => after.Statement),
    )
    const { denial, withdrawn } = withoutIneffectiveGrants(passDenial(), seen(policies), [first, second, first])
    expect(denial.passes[0]?.service.ruledOut?.map(one => one.service)).toEqual([ECS, 'ec2.amazonaws.com'])
    expect(
      withdrawn.map(({ proposalId, live, without: left }) => [
        proposalId,
        live.Statement.length,
        left?.Statement.length ?? 0,
      ]),
    ).toEqual([
      ['p-2', 2, 1],
      ['p-1', 2, 0],
    ])
  })

  it.each<[string, Denial]>([
    ['that passes no role', assumeDenial(TASK_ROLE)],
    ['that names none', { ...passDenial(), resource: null, passes: [] }],
    ['that passes no role by a parameter', { ...passDenial(), passes: [] }],
  ])('is left alone for a denial %s', (_, denial) => {
    const start = seen(having(pass()))
    const bare = denial.resource === null ? { ...start, targets: [] } : start
    expect(withoutIneffectiveGrants(denial, bare, [granted(pass())])).toEqual({ denial, snapshot: bare, withdrawn: [] })
  })
})

describe('a document without a grant', () => {
  it.each<[string, PolicyChange, PolicyDocument, PolicyDocument | null | 'not there']>([
    ['that is all it holds', own(document(pass())), document(pass()), null],
    ['beside others', own(document(THEIRS, pass()), document(THEIRS)), document(THEIRS, pass()), document(THEIRS)],
    ['beside later ones', own(document(pass())), document(pass(), THEIRS), document(THEIRS)],
    ['that is gone', own(document(pass())), document(THEIRS), 'not there'],
    ['that added nothing', own(document(pass()), document(pass())), document(pass()), 'not there'],
    ['that rolemedic never writes', own(document(THEIRS)), document(THEIRS), 'not there'],
  ])('%s', (_, written, live, wanted) => {
    const found = documentWithout(written, live)
    expect(found === null ? 'not there' : found.left).toEqual(wanted)
  })

  it('that added a value to a list loses that value', () => {
    const theirs = (...services: string[]): Statement => ({ ...under('StringEquals', services), Sid: 'Theirs' })
    const [before, after] = [document(theirs('ec2.amazonaws.com')), document(theirs('ec2.amazonaws.com', ECS))]
    expect(documentWithout(own(after, before), after)).toEqual({ left: before })
  })
})

describe('a patch withdraws a grant', () => {
  const taking = (before: PolicyDocument | null, after: PolicyDocument, target = own(document()).target) =>
    patchOf({ ...own(after, before), target })
  it.each<[string, ReturnType<typeof patchOf>, readonly PolicyChange[], boolean]>([
    ['that it removes', taking(document(THEIRS, pass()), document(THEIRS)), [own(document(pass()))], true],
    ['that it leaves', taking(document(pass()), document(pass(), THEIRS)), [own(document(pass()))], false],
    ['that is not there', taking(document(THEIRS), document()), [own(document(pass()))], false],
    ['in a document that is new', taking(null, document(THEIRS)), [own(document(pass()))], false],
    [
      'of another document',
      taking(document(pass()), document(), { ...own(document()).target, policyName: 'x' }),
      [own(document(pass()))],
      false,
    ],
    ['that added nothing', taking(document(pass()), document()), [own(document(pass()), document(pass()))], false],
    [
      'of which it removes a part',
      taking(document(pass(), THEIRS), document(THEIRS)),
      [own(document(pass(), THEIRS))],
      false,
    ],
    ['without a change', taking(document(pass()), document()), [], false],
  ])('%s', (_, patch, changes, wanted) => {
    expect(withdraws(patch, changes)).toBe(wanted)
  })
})

describe('what a revert restores', () => {
  const ended = (time: string) => pass(TASK_ROLE, { Condition: { DateLessThan: { 'aws:CurrentTime': time } } })
  const restored = (before: PolicyDocument | null, after: PolicyDocument | null) =>
    beforeWithdrawals({ before, after }, NOW_MS)

  it('is what was there, but for a grant that was withdrawn before its end', () => {
    expect(restored(document(THEIRS, pass()), document(THEIRS))).toEqual(document(THEIRS))
    expect(restored(document(pass()), document(THEIRS))).toBe(null)
    const old = ended('2026-11-24T11:00:00Z')
    expect(restored(document(THEIRS, old), document(THEIRS))).toEqual(document(THEIRS, old))
    const later = ended('2026-11-24T13:00:00Z')
    expect(restored(document(THEIRS, later), document(THEIRS))).toEqual(document(THEIRS))
    expect(restored(document(pass()), document(pass(), THEIRS))).toEqual(document(pass()))
  })

  it('is what others removed, and the values that both have', () => {
    const other = allow('s3:PutObject', '*')
    expect(restored(document(THEIRS, other), document(THEIRS))).toEqual(document(THEIRS, other))
    const theirs = (...services: string[]): Statement => ({ ...under('StringEquals', services), Sid: 'Theirs' })
    expect(restored(document(theirs('a', 'b')), document(theirs('a', 'c')))).toEqual(document(theirs('a')))
  })

  it('is nothing or all where one of the two is not there', () => {
    expect(restored(null, document(THEIRS))).toBe(null)
    expect(restored(document(pass()), null)).toEqual(document(pass()))
  })
})

describe('a patch with the withdrawals', () => {
  const { target } = own(document())
  const withdrawal = (more: Partial<Withdrawal> = {}): Withdrawal => ({
    proposalId: 'p-1',
    target,
    live: document(THEIRS, pass()),
    without: document(THEIRS),
    ...more,
  })
  const fresh = pass(TASK_ROLE, { Sid: 'Rolemedicffffffff' })
  const made = (patch: ReturnType<typeof patchOf>, ...withdrawn: Withdrawal[]) => {
    const result = withWithdrawals(patch, withdrawn)
    return result.ok
      ? result.value.changes.map(({ target: { kind, policyName }, before, after }) => [
          `${kind} ${policyName}`,
          before?.Statement.length ?? null,
          after.Statement.length,
        ])
      : result.error
  }

  it('writes over the document as it is now', () => {
    const patch = patchOf(own(document(THEIRS, fresh), document(THEIRS)))
    const result = withWithdrawals(patch, [withdrawal()])
    const whole = { target, before: document(THEIRS, pass()), after: document(THEIRS, fresh) }
    const changes = [{ ...whole, required: true, digest: changeDigest(whole) }]
    expect(result).toEqual({ ok: true, value: { changes, digest: patchDigest(changes) } })
    expect(withWithdrawals(patch, [])).toEqual({ ok: true, value: patch })
  })

  it('adds a change for another document, before those of trust', () => {
    const trust = change('role-trust-policy', TASK_ROLE, ecsTrust, document(THEIRS))
    for (const another of [{ kind: 'user-inline-policy' as const }, { arn: TASK_ROLE }])
      expect(made(patchOf(own(document(fresh))), withdrawal({ target: { ...target, ...another } }))).toHaveLength(2)
    const other = withdrawal({ target: { ...target, policyName: 'old' } })
    expect(made(patchOf(own(document(fresh)), trust), other)).toEqual([
      ['role-inline-policy rolemedic', null, 1],
      ['role-inline-policy old', 2, 1],
      ['role-trust-policy null', 1, 1],
    ])
  })

  it('takes the last of several of one document', () => {
    const empty = patchOf()
    expect(made(empty, withdrawal({ without: document(THEIRS, fresh) }), withdrawal())).toEqual([
      ['role-inline-policy rolemedic', 2, 1],
    ])
  })

  it('is refused if a document would be left without a statement', () => {
    expect(made(patchOf(), withdrawal({ without: null }))).toEqual({
      code: 'earlier-grant-stands',
      message: 'An earlier grant in rolemedic did not help and has to be reverted first.',
      owner: null,
    })
    expect(made(patchOf(own(document(fresh), null)), withdrawal({ without: null }))).toEqual([
      ['role-inline-policy rolemedic', 2, 1],
    ])
  })
})
