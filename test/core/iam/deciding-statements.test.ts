/** Which statements of a layer decide, and the result if a policy or a role was not read. */
import { describe, expect, it } from 'vitest'
import { authorizationOf } from '../../../core/actions/actions.ts'
import { ABSENT, found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import { present, unknownKey } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import { resolveCaller } from '../../../core/iam/evaluation/caller.ts'
import { compiled } from '../../../core/iam/evaluation/compiled-policy.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import {
  allow,
  answer,
  byUser,
  CALLER,
  callerRole,
  callerUser,
  deny,
  document,
  FOREIGN,
  layer,
  NOBODY,
  passRole,
  ROOT,
  request,
  role,
  SESSION,
  snapshot,
  sourced,
  TARGET,
  trusting,
  USER,
} from '../../fixtures/evaluation.ts'

const PASS = { Action: 'iam:PassRole' }
/** The key is unknown. */
const UNSEEN = { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }
const asked = () => passRole({}, { 'aws:sourcevpc': unknownKey('not shown') })
const sids = (statements: readonly { readonly sid: string | null }[] | undefined) => statements?.map(({ sid }) => sid)

describe('the statements that decide', () => {
  const A = { ...allow(PASS), Sid: 'Allows' }
  const MAY = { ...allow({ ...PASS, ...UNSEEN }), Sid: 'MayAllow' }
  const D = { ...deny(PASS), Sid: 'Denies' }
  const MAY_DENY = { ...deny({ ...PASS, ...UNSEEN }), Sid: 'MayDeny' }
  const OTHER = { ...allow({ ...PASS, Resource: FOREIGN }), Sid: 'Elsewhere' }
  const NOT = { ...deny({ ...PASS, Resource: FOREIGN }), Sid: 'DeniesElsewhere' }

  it.each<readonly [readonly Statement[], string, readonly string[]]>([
    [[A, OTHER, NOT], 'allows', ['Allows']],
    [[A, MAY], 'allows', ['Allows']],
    [[A, D, MAY_DENY], 'explicit-deny', ['Denies']],
    [[A, MAY_DENY, NOT], 'unknown', ['MayDeny']],
    [[A, MAY, MAY_DENY], 'unknown', ['MayDeny']],
    [[MAY, OTHER], 'unknown', ['MayAllow']],
    [[MAY, MAY_DENY, OTHER], 'unknown', ['MayDeny', 'MayAllow']],
    [[MAY_DENY], 'implicit-deny', []],
    [[OTHER, NOT], 'implicit-deny', []],
  ])('of a policy with %j: %s by %j', (statements, outcome, deciding) => {
    const seen = layer(asked(), snapshot(callerRole([sourced('identity', ...statements)]), NOBODY), 'identity')
    expect(seen?.answer).toBe(outcome)
    expect(sids(seen?.deciding)).toEqual(deciding)
    expect(sids(seen?.statements)).toEqual(statements.map(({ Sid }) => Sid))
  })

  const identity = sourced('identity', allow({ Action: '*' }))
  const level = (id: string, ...statements: readonly Statement[]) => ({ id, policies: [sourced('scp', ...statements)] })
  it.each<readonly [string, readonly ReturnType<typeof level>[], string, readonly string[]]>([
    ['all of them', [level('r-1', A), level('ou-1', { ...A, Sid: 'AllowsToo' })], 'allows', ['Allows', 'AllowsToo']],
    ['the level that denies', [level('r-1', A), level('ou-1', A, D)], 'explicit-deny', ['Denies']],
    ['the level that may deny', [level('r-1', A), level('ou-1', A, MAY_DENY)], 'unknown', ['MayDeny']],
    ['no statement of a level without one', [level('r-1', A), level('ou-1', OTHER)], 'implicit-deny', []],
  ])('of the levels of an organization are those of %s', (_, levels, outcome, deciding) => {
    const seen = layer(asked(), snapshot(callerRole([identity]), NOBODY, { scps: known(levels) }), 'scp')
    expect(seen?.answer).toBe(outcome)
    expect(sids(seen?.deciding)).toEqual(deciding)
  })

  it('of an RCP that only denies are those that may deny', () => {
    const all = { Principal: '*', Action: '*' } as const
    const may = { ...deny({ ...all, ...UNSEEN }), Sid: 'MayDeny' }
    const not = { ...deny({ ...all, Resource: FOREIGN }), Sid: 'DeniesElsewhere' }
    const rcps = known([{ id: 'r-1', policies: [sourced('rcp', may, not)] }])
    const seen = layer(
      request({}, { 'aws:sourcevpc': unknownKey('not shown') }),
      snapshot(callerRole(), trusting(CALLER), { rcps }),
      'rcp',
    )
    expect(seen?.answer).toBe('unknown')
    expect(sids(seen?.deciding)).toEqual(['MayDeny'])
    expect(sids(seen?.about)).toEqual(['MayDeny', 'DeniesElsewhere'])
  })
})

describe('a trust policy', () => {
  it('is read to its end: a later statement can name the caller where an earlier one names its account', () => {
    const [named, account] = [trusting(CALLER).Statement, ROOT.Statement]
    const seen = (...statements: readonly Statement[]) => snapshot(callerRole(), document(...statements))
    expect(answer(request(), seen(...account))).toBe('denied')
    expect(answer(request(), seen(...account, ...named))).toBe('allowed')
  })
})

describe('a policy with many statements about one action', () => {
  const NAMED = [TARGET, FOREIGN, 'arn:aws:iam::111122223333:role/third']
  const statements = (): readonly Statement[] => [
    allow({ ...PASS, Resource: NAMED }),
    allow({ ...PASS, Resource: [FOREIGN, NAMED[2] ?? ''] }),
    allow({ ...PASS, Resource: 'arn:aws:iam::111122223333:role/t*' }),
    deny({ ...PASS, Resource: 'arn:aws:iam::111122223333:role/x*' }),
    allow({ ...PASS, Resource: TARGET }),
  ]

  it.each([
    [TARGET, [0, 2, 4]],
    [FOREIGN, [0, 1]],
    ['arn:aws:iam::111122223333:role/third', [0, 1, 2]],
    ['arn:aws:iam::111122223333:role/two', [2]],
    ['arn:aws:iam::111122223333:role/x1', [3]],
    ['arn:aws:iam::111122223333:role/none', []],
  ])('asks those that name %s or may be about it, in their order', (resource, indexes) => {
    const { about } = compiled(document(...statements()))
    const mayBe = (index: number) => (index === 2 ? /1111.*role\/t/ : /role\/x/).test(resource)
    const on = () => about('iam:passrole').on('identity', resource, mayBe)
    expect([on(), on()]).toEqual([indexes, indexes])
    const seen = snapshot(callerRole([sourced('identity', ...statements())]), NOBODY)
    const expected = indexes.includes(3) || indexes.length === 0 ? 'denied' : 'allowed'
    if (resource !== FOREIGN) expect(answer(passRole({ resource }), seen)).toBe(expected)
  })

  it('answers the same where each statement is a policy of its own, however often it is asked', () => {
    const seen = snapshot(callerRole(statements().map(one => sourced('identity', one))), NOBODY)
    const named = (name: string) => passRole({ resource: `arn:aws:iam::111122223333:role/${name}` })
    const asked = [...'two x1 none third two x1 none third'.split(' ').map(named), passRole({ resource: TARGET })]
    const answers = ['allowed', 'denied', 'denied', 'allowed', 'allowed', 'denied', 'denied', 'allowed', 'allowed']
    expect(asked.map(one => answer(one, seen))).toEqual(answers)
    const reasons = layer(passRole(), seen, 'identity')?.statements
    expect(reasons?.map(({ matches, index }) => [matches, index])).toEqual(
      ['yes', 'no', 'yes', 'no', 'yes'].map(one => [one, 0]),
    )
  })

  it('takes variables for text in the policies of the old version, beside one of the new', () => {
    const own = allow({ ...PASS, Resource: 'arn:aws:iam::111122223333:role/${*}' })
    const star = passRole({ resource: 'arn:aws:iam::111122223333:role/*' })
    const text = passRole({ resource: 'arn:aws:iam::111122223333:role/${*}' })
    const policies = (['2008-10-17', '2012-10-17'] as const).map(Version => ({
      ...sourced('identity', own),
      document: { Version, Statement: [own] },
    }))
    const seen = (only: readonly number[]) =>
      snapshot(callerRole(policies.filter((_, at) => only.includes(at))), NOBODY)
    expect([[0], [1], [0, 1]].map(only => answer(star, seen(only)))).toEqual(['denied', 'allowed', 'allowed'])
    expect([[0], [1], [0, 1]].map(only => answer(text, seen(only)))).toEqual(['allowed', 'denied', 'allowed'])
  })

  it('says of each why it does not match', () => {
    const seen = layer(passRole(), snapshot(callerRole([sourced('identity', ...statements())]), NOBODY), 'identity')
    expect(seen?.statements.map(({ matches }) => matches)).toEqual(['yes', 'no', 'yes', 'no', 'yes'])
    expect(seen?.statements[1]?.mismatches).toEqual([
      { element: 'resource', pattern: FOREIGN, near: 'account' },
      { element: 'resource', pattern: NAMED[2], near: null },
    ])
  })
})

describe('an element that a policy of its type cannot have', () => {
  it.each(['identity', 'boundary', 'session', 'scp'] as const)('makes a statement of a %s policy unknown', type => {
    const open = allow({ Action: '*' })
    const odd = sourced(type, allow({ Action: '*', Principal: '*' }))
    const seen: AccessSnapshot = {
      ...snapshot(
        callerRole([type === 'identity' ? odd : sourced('identity', open)], {
          boundary: type === 'boundary' ? found(odd) : ABSENT,
        }),
        NOBODY,
      ),
      session: type === 'session' ? known([odd]) : known([]),
      scps: type === 'scp' ? known([{ id: 'r-1', policies: [odd] }]) : known([]),
    }
    expect(answer(passRole(), seen)).toBe('unknown')
    expect(layer(passRole(), seen, type)?.statements).toMatchObject([
      { matches: 'unknown', unknowns: [{ fact: 'Principal', why: `a policy of type ${type} cannot have one` }] },
    ])
  })

  it.each(['session', 'scp', 'boundary'] as const)(
    'may be left out: a %s policy without a principal allows and denies',
    type => {
      const seen = (statement: Statement): AccessSnapshot => ({
        ...snapshot(
          callerRole([sourced('identity', allow({ Action: '*' }))], {
            boundary: type === 'boundary' ? found(sourced(type, statement)) : ABSENT,
          }),
          NOBODY,
        ),
        session: known(type === 'session' ? [sourced(type, statement)] : []),
        scps: known(type === 'scp' ? [{ id: 'r-1', policies: [sourced(type, statement)] }] : []),
      })
      expect(answer(passRole(), seen(allow(PASS)))).toBe('allowed')
      expect(answer(passRole(), seen(deny(PASS)))).toBe('denied')
      expect(answer(passRole(), seen(allow({ Action: 's3:*' })))).toBe('denied')
    },
  )

  it('is asked for before conditions: only the first element that fails is named', () => {
    const Condition = { StringEquals: { 'aws:PrincipalAccount': '999999999999' } }
    const trust = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: USER }, Condition })
    expect(layer(request(), snapshot(callerRole(), trust), 'trust')?.statements[0]?.mismatches).toEqual([
      { element: 'principal', pattern: USER, near: null },
    ])
    const elsewhere = [allow({ ...PASS, Resource: FOREIGN, Condition }), allow({ Action: 's3:*', Condition })]
    const seen = snapshot(callerRole([sourced('identity', ...elsewhere)]), NOBODY)
    expect(layer(passRole(), seen, 'identity')?.statements.map(({ mismatches }) => mismatches)).toEqual([
      [{ element: 'resource', pattern: FOREIGN, near: 'account' }],
      [{ element: 'action' }],
    ])
  })
})

describe('a guardrail that names principals', () => {
  it.each(['rcp', 'vpce'] as const)('of the type %s denies them, and nobody else', type => {
    const seen = (Principal: object) => {
      const policies = [
        sourced(type, allow({ Action: '*', Principal: '*' }), deny({ Action: '*', Principal } as Statement)),
      ]
      return snapshot(callerRole(), trusting(CALLER), {
        rcps: type === 'rcp' ? known([{ id: 'r-1', policies }]) : known([]),
        vpce: type === 'vpce' ? known(policies) : known([]),
      })
    }
    expect(answer(request(), seen({ AWS: CALLER }))).toBe('denied')
    expect(answer(request(), seen({ AWS: USER }))).toBe('allowed')
  })

  it('of an organization without any policy does not apply', () => {
    const seen = snapshot(callerRole(), trusting(CALLER), { scps: known([{ id: 'r-1', policies: [] }]) })
    expect(layer(request(), seen, 'scp')?.answer).toBe('not-applicable')
  })
})

describe('an element that is left out', () => {
  const ask = (statement: object) =>
    answer(passRole(), snapshot(callerRole([sourced('identity', statement as Statement)]), NOBODY))

  it('makes a statement about no action, or about an unknown resource', () => {
    expect(ask({ Effect: 'Allow', Resource: '*' })).toBe('denied')
    expect(ask({ Effect: 'Allow', Action: 'iam:PassRole' })).toBe('unknown')
  })

  it('means every other action, for NotAction', () => {
    expect(ask({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' })).toBe('allowed')
    expect(ask({ Effect: 'Allow', NotAction: ['s3:*', 'iam:Pass*'], Resource: '*' })).toBe('denied')
  })

  it('leaves open which of many statements a role that is not named belongs to', () => {
    const statements = [TARGET, FOREIGN, CALLER].map(Resource => allow({ ...PASS, Resource }))
    const seen = snapshot(callerRole([sourced('identity', ...statements)]), NOBODY)
    expect(answer(passRole({ resource: '*' }), seen)).toBe('unknown')
    const open = snapshot(callerRole([sourced('identity', ...statements, allow(PASS))]), NOBODY)
    expect(answer(passRole({ resource: '*' }), open)).toBe('allowed')
  })
})

describe('a caller without policies of its own', () => {
  const provider = 'arn:aws:iam::111122223333:oidc-provider/gitlab.com'
  it.each([
    ['a service', request({ principalArn: 'ec2.amazonaws.com', roleArn: null }), { Service: 'ec2.amazonaws.com' }],
    [
      'a web identity',
      request({ action: 'sts:AssumeRoleWithWebIdentity', principalArn: provider, roleArn: null }),
      { Federated: provider },
    ],
  ])('is bound by no policy of %s, whatever else was read', (_, asking, Principal) => {
    const all = deny({ Action: '*' })
    const trust = document({ Effect: 'Allow', Action: asking.action, Principal } as Statement)
    const seen = snapshot(
      callerRole([sourced('identity', all)], { boundary: found(sourced('boundary', all)) }),
      trust,
      { scps: known([{ id: 'r-1', policies: [sourced('scp', all)] }]), session: known([sourced('session', all)]) },
    )
    expect(answer(asking, seen)).toBe('allowed')
    for (const type of ['identity', 'boundary', 'scp', 'session'] as const)
      expect(layer(asking, seen, type)?.answer).toBe('not-applicable')
  })

  it('is root too, whose account is bound by its organization', () => {
    const all = deny({ Action: '*' })
    const root = passRole({ principalArn: 'arn:aws:iam::111122223333:root', roleArn: null })
    const seen = snapshot(callerRole([sourced('identity', all)], { boundary: found(sourced('boundary', all)) }), NOBODY)
    expect(answer(root, seen)).toBe('allowed')
    expect(layer(root, seen, 'identity')?.answer).toBe('not-applicable')
    expect(layer(root, seen, 'boundary')?.answer).toBe('not-applicable')
    expect(answer(root, { ...seen, scps: known([{ id: 'r-1', policies: [sourced('scp', all)] }]) })).toBe('denied')
  })
})

describe('what was not read', () => {
  const identity = sourced('identity', allow({ Action: '*' }))
  const target = (read: AccessSnapshot['targets'][number]['role']): Partial<AccessSnapshot> => ({
    targets: [{ arn: TARGET, role: read, near: unknown('not asked') }],
  })

  it.each<readonly [string, Partial<AccessSnapshot>, string]>([
    ['the role', target(unreadable('AccessDenied')), 'AccessDenied'],
    ['its trust policy', target(found(role(TARGET, NOBODY, { trust: unknown('not JSON') }))), 'not JSON'],
    ['any role', { targets: [] }, 'the role was not read'],
  ])('%s, leaves open who may assume it', (_, more, why) => {
    const seen = snapshot(callerRole([identity]), ROOT, more)
    expect(answer(request(), seen)).toBe('unknown')
    expect(layer(request(), seen, 'trust')).toMatchObject({
      answer: 'unseen',
      unknowns: [{ fact: `trust policy of ${TARGET}`, why }],
    })
    expect(answer(request(), snapshot(callerRole([sourced('identity', deny({ Action: '*' }))]), ROOT, more))).toBe(
      'denied',
    )
  })

  it('is named: the policy of the session, and of the VPC endpoint', () => {
    const seen = snapshot(callerRole([identity]), NOBODY)
    expect(layer(passRole(), seen, 'session')).toMatchObject({
      answer: 'unseen',
      unknowns: [{ fact: 'session policy', why: 'not shown' }],
    })
    expect(layer(passRole(), seen, 'vpce')).toMatchObject({
      answer: 'unseen',
      unknowns: [{ fact: 'VPC endpoint policy', why: 'not shown' }],
    })
  })
})

describe('the policy of a session', () => {
  const policies = [sourced('identity', allow({ Action: '*' }))]
  const session = known([sourced('session', deny({ Action: '*' }))])

  it('limits a role and a federated user, and no user', () => {
    expect(answer(passRole(), snapshot(callerRole(policies), NOBODY, { session }))).toBe('denied')
    const federated = passRole({ principalArn: 'arn:aws:sts::111122223333:federated-user/bob', roleArn: null })
    expect(answer(federated, snapshot(callerUser(policies), NOBODY, { session }))).toBe('denied')
    expect(answer(federated, snapshot(callerUser(policies), NOBODY, { session: known([]) }))).toBe('allowed')
    const user = byUser({ action: 'iam:PassRole' })
    expect(answer(user, snapshot(callerUser(policies), NOBODY, { session }))).toBe('allowed')
    expect(layer(user, snapshot(callerUser(policies), NOBODY, { session }), 'session')?.answer).toBe('not-applicable')
  })
})

describe('an action that both sides must allow', () => {
  const action = 'sts:SetContext'
  const trust = document({ Effect: 'Allow', Action: action, Principal: { AWS: [SESSION, CALLER] } })
  it('is not allowed by the trust policy alone, also within one account', () => {
    const seen = (...statements: readonly Statement[]) =>
      snapshot(callerRole(statements.length === 0 ? [] : [sourced('identity', ...statements)]), trust)
    expect(answer(request({ action }), seen())).toBe('denied')
    expect(answer(request({ action }), seen(allow({ Action: action })))).toBe('allowed')
    expect(answer(request({ action }), seen(allow({ Action: 'sts:AssumeRole' })))).toBe('denied')
  })
})

describe('the caller that the snapshot adds to', () => {
  const caller = (principalArn: string, seen: AccessSnapshot) =>
    resolveCaller(authorizationOf('sts:AssumeRole', TARGET), request({ principalArn, roleArn: null }), seen)

  it('has the unique id and the path of the role that was read', () => {
    expect(caller(SESSION, snapshot(callerRole(), ROOT))).toMatchObject({
      uniqueId: 'AROAEXAMPLEDEPLOY123',
      roleArn: CALLER,
    })
    expect(caller(SESSION, snapshot(callerUser(), ROOT))).toMatchObject({ uniqueId: null, roleArn: null })
  })

  it('has the unique id of the request before any other', () => {
    const seen = snapshot(callerRole(), ROOT)
    const id = (value: string) =>
      resolveCaller(authorizationOf('sts:AssumeRole', TARGET), request({}, { 'aws:userid': present(value) }), seen)
        .uniqueId
    expect(id('AROAMADEAGAIN1234:build-7')).toBe('AROAMADEAGAIN1234')
    expect(id('AIDAEXAMPLEANN123456')).toBe('AIDAEXAMPLEANN123456')
  })

  it('is compared by its session where the path of its role is not known', () => {
    const other = 'arn:aws:sts::111122223333:assumed-role/other/x'
    const seen = snapshot(callerRole(), trusting(other), { caller: unreadable('AccessDenied') })
    expect(layer(request({ roleArn: null }), seen, 'trust')?.statements[0]?.mismatches).toEqual([
      { element: 'principal', pattern: other, near: null },
    ])
  })

  it('is the user that was read for a federated user, whose policies are those of the user that made it', () => {
    const federated = caller('arn:aws:sts::111122223333:federated-user/bob', snapshot(callerUser(), ROOT))
    expect(federated.identity).toEqual(found(callerUser()))
  })
})

describe('NotPrincipal in a Deny', () => {
  const except = (Principal: object) =>
    document({ Effect: 'Allow', Action: '*', Principal: '*' }, {
      Effect: 'Deny',
      Action: '*',
      NotPrincipal: Principal,
    } as Statement)
  const provider = 'arn:aws:iam::111122223333:oidc-provider/gitlab.com'
  const web = request({ action: 'sts:AssumeRoleWithWebIdentity', principalArn: provider, roleArn: null })
  const seen = (Principal: object) => snapshot(callerRole(), except(Principal), { caller: ABSENT })

  it('excepts the provider and the service that it lists', () => {
    expect(answer(web, seen({ Federated: provider }))).toBe('allowed')
    expect(answer(web, seen({ Federated: `${provider}.example` }))).toBe('denied')
    const service = request({ principalArn: 'ec2.amazonaws.com', roleArn: null })
    expect(answer(service, seen({ Service: 'ec2.amazonaws.com' }))).toBe('allowed')
    expect(answer(service, seen({ Service: 'ecs.amazonaws.com' }))).toBe('denied')
  })

  it('excepts a role that does not exist any more by its session, its ARN and its account', () => {
    const whole = { AWS: [SESSION, CALLER, 'arn:aws:iam::111122223333:root'] }
    const trust = (Principal: object) => layer(request(), seen(Principal), 'trust')?.answer
    expect(trust(whole)).toBe('allows')
    expect(trust({ AWS: [SESSION] })).toBe('unknown')
    expect(trust({ AWS: USER })).toBe('explicit-deny')
  })
})
