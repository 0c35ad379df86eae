import { describe, expect, it } from 'vitest'
import {
  decidingIn,
  detailsPageIn,
  evaluationInDecoded,
  evaluationInDetails,
} from '../../../core/denial/aws-evaluation.ts'
import {
  denyingPolicies,
  MAX_POLICY_CHARS,
  policyInAnswer,
  withinRoom,
} from '../../../core/denial/captured-policies.ts'
import { present } from '../../../core/iam/conditions/context.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders'
const POLICY = 'arn:aws:iam::111122223333:policy/deploy'
const DOCUMENT = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }] }

const page = (value: object) => {
  const read = detailsPageIn(JSON.stringify(value))
  if (!read.ok) throw new Error(read.error)
  return read.value
}
const evaluated = (action: string, evaluatedEffect?: string, other: object = {}) => ({
  action,
  resource: ROLE,
  ...(evaluatedEffect === undefined ? {} : { evaluatedEffect }),
  ...other,
})
const evaluation = (...pages: readonly object[]) => {
  const read = evaluationInDetails(pages.map(page))
  return read.ok ? read.value : read.error
}

describe('a decoded message', () => {
  const decoded = (context: object, other: object = {}) =>
    evaluationInDecoded(JSON.stringify({ allowed: false, explicitDeny: false, context, ...other }))

  it('gives action, role, statements and condition keys', () => {
    const read = decoded(
      {
        action: 'iam:PassRole',
        resource: ROLE,
        conditions: {
          items: [
            { key: 'aws:TagKeys', values: { items: [{ value: 'team' }, { value: 'cost' }] } },
            { key: 'aws:Empty', values: { items: [] } },
            { key: 'no condition key', values: { items: [{ value: 'x' }] } },
          ],
        },
      },
      { explicitDeny: true, matchedStatements: { items: [{ statementId: 'Guard', effect: 'DENY' }, {}] } },
    )
    expect(read).toEqual({
      ok: true,
      value: {
        source: 'decoded-message',
        allowed: false,
        explicitDeny: true,
        action: 'iam:PassRole',
        resource: ROLE,
        matchedStatements: [
          { policy: null, sid: 'Guard', effect: 'Deny' },
          { policy: null, sid: null, effect: 'Allow' },
        ],
        context: { 'aws:tagkeys': present('team', 'cost') },
        policies: [],
      },
    })
  })

  it('may name no resource and no conditions', () => {
    expect(decoded({ action: 'iam:PassRole' })).toMatchObject({ ok: true, value: { resource: null, context: {} } })
  })

  it.each(['', '[]', 'null', '{"allowed":false}', '{"allowed":false,"explicitDeny":false,"context":{}}'])(
    'is not read from %j',
    text => {
      expect(evaluationInDecoded(text)).toEqual({
        ok: false,
        error: 'the decoded message does not have the form that AWS documents',
      })
    },
  )
})

describe('authorization details', () => {
  it('decide with the denial of one of our actions', () => {
    const pages = [
      page({ evaluations: [evaluated('ecs:RunTask', 'IMPLICIT_DENY'), evaluated('iam:PassRole', 'ALLOW')] }),
      page({ evaluations: [evaluated('iam:passrole', 'EXPLICIT_DENY')] }),
    ]
    expect(decidingIn(pages)).toMatchObject({ action: 'iam:passrole', evaluatedEffect: 'EXPLICIT_DENY' })
  })

  it('decide with another denial where none of our actions was denied', () => {
    const evaluations = [evaluated('iam:PassRole', 'ALLOW'), evaluated('ecs:RunTask', 'IMPLICIT_DENY')]
    expect(decidingIn([page({ evaluations })])).toMatchObject({ action: 'ecs:RunTask' })
  })

  it('decide with our action where nothing was denied', () => {
    const evaluations = [evaluated('ecs:RunTask', 'ALLOW'), evaluated('iam:PassRole')]
    expect(decidingIn([page({ evaluations })])).toMatchObject({ action: 'iam:PassRole' })
    expect(decidingIn([page({ evaluations: [evaluated('ecs:RunTask', 'ALLOW')] })])).toBeUndefined()
  })

  it('are nothing without an evaluation', () => {
    expect(evaluation({})).toBe('the authorization details hold no evaluation of a role being passed or assumed')
    expect(denyingPolicies([page({})])).toEqual([])
  })

  it.each([
    ['ALLOW', true, false],
    ['IMPLICIT_DENY', false, false],
    ['EXPLICIT_DENY', false, true],
  ])('with the effect %s are allowed: %s, explicitly denied: %s', (effect, allowed, explicitDeny) => {
    expect(evaluation({ evaluations: [evaluated('iam:PassRole', effect)] })).toMatchObject({ allowed, explicitDeny })
  })

  it('give the keys of the request, and those of the evaluation before them', () => {
    const read = evaluation(
      {
        requestContext: {
          'aws:RequestedRegion': 'eu-west-1',
          'aws:SecureTransport': true,
          'aws:EpochTime': 1_795_488_451,
        },
      },
      {
        requestContext: { 'aws:PrincipalType': null, 'aws:Nested': {} },
        evaluations: [
          evaluated('iam:PassRole', 'IMPLICIT_DENY', {
            context: { 'aws:RequestedRegion': 'us-east-1', 'aws:TagKeys': ['team', ['cost'], null] },
          }),
        ],
      },
    )
    expect(read).toMatchObject({ source: 'authorization-details', resource: ROLE })
    expect(read).toHaveProperty('context', {
      'aws:requestedregion': present('us-east-1'),
      'aws:securetransport': present('true'),
      'aws:epochtime': present('1795488451'),
      'aws:tagkeys': present('team', 'cost'),
    })
  })

  it('name no role where the resource is empty', () => {
    expect(evaluation({ evaluations: [evaluated('iam:PassRole', 'IMPLICIT_DENY', { resource: '' })] })).toMatchObject({
      resource: null,
    })
  })

  it('name the policy of a statement where it has an ARN', () => {
    const matchedPolicies = [
      { uri: POLICY, matchedStatements: [{ sid: 'Guard', evaluatedEffect: 'deny' }] },
      { uri: 'inline:0b249ca4', matchedStatements: [{ evaluatedEffect: 'ALLOW' }] },
      { uri: 'inline:nothing' },
    ]
    expect(
      evaluation({ evaluations: [evaluated('iam:PassRole', 'EXPLICIT_DENY', { matchedPolicies })] }),
    ).toHaveProperty('matchedStatements', [
      { policy: POLICY, sid: 'Guard', effect: 'Deny' },
      { policy: null, sid: null, effect: 'Allow' },
    ])
  })

  it('have a form', () => {
    const error = 'the authorization details do not have the form that AWS documents'
    for (const body of ['', '17', '{"evaluations":17}']) expect(detailsPageIn(body)).toEqual({ ok: false, error })
  })
})

describe('the policies that denied', () => {
  const DENIES = [{ sid: 'Guard', evaluatedEffect: 'DENY' }]
  const named = (action: string, policies: object, matchedPolicies: readonly object[]) =>
    denyingPolicies([page({ evaluations: [evaluated(action, 'EXPLICIT_DENY', { matchedPolicies })], policies })])

  it('are those with a statement that denied', () => {
    const policies = [{ uri: POLICY, type: 'PERMISSIONS_BOUNDARY', attachedTo: [{ arn: ROLE }] }]
    const matched = [
      { uri: 'inline:allows', matchedStatements: [{ sid: 'Pass', evaluatedEffect: 'ALLOW' }] },
      {
        uri: POLICY,
        matchedStatements: [{ sid: 'Pass', evaluatedEffect: 'ALLOW' }, ...DENIES, { evaluatedEffect: 'deny' }],
      },
      { uri: 'inline:nothing' },
    ]
    expect(named('iam:PassRole', policies, matched)).toEqual([
      { uri: POLICY, type: 'boundary', attachedTo: ROLE, denies: ['Guard', null] },
    ])
  })

  it.each([
    ['iam:PassRole', 'IDENTITY_BASED_POLICY', 'identity'],
    ['iam:PassRole', 'SESSION_POLICY', 'session'],
    ['iam:PassRole', 'SERVICE_CONTROL_POLICY', 'scp'],
    ['sts:AssumeRole', 'RESOURCE_CONTROL_POLICY', 'rcp'],
    ['sts:AssumeRole', 'VPC_ENDPOINT_POLICY', 'vpce'],
    ['sts:AssumeRole', 'RESOURCE_BASED_POLICY', 'trust'],
    // Nobody asks the trust policy of a role that is passed.
    ['iam:PassRole', 'RESOURCE_BASED_POLICY', null],
    ['iam:PassRole', 'SOMETHING_NEW', null],
    ['iam:PassRole', 'constructor', null],
    ['iam:PassRole', undefined, null],
  ])('of %s with the type %s are of our type %s', (action, type, expected) => {
    const [policy] = named(action, [{ uri: POLICY, type }], [{ uri: POLICY, matchedStatements: DENIES }])
    expect(policy).toMatchObject({ type: expected, attachedTo: null })
  })

  it('are at most five, with names of at most 2,048 characters', () => {
    const longest = 'x'.repeat(2_048)
    const uris = [`${longest}x`, longest, 'b', 'c', 'd', 'e', 'f']
    const policies = named(
      'iam:PassRole',
      [],
      uris.map(uri => ({ uri, matchedStatements: DENIES })),
    )
    expect(policies.map(({ uri }) => uri)).toEqual([longest, 'b', 'c', 'd', 'e'])
  })
})

describe('the answer with a policy', () => {
  const json = (value: unknown) => JSON.stringify(value)

  it('is the policy, or holds it as an object or a text', () => {
    for (const answer of [DOCUMENT, { policyDocument: DOCUMENT }, { policyDocument: json(DOCUMENT), name: 'deploy' }])
      expect(policyInAnswer(json(answer))).toEqual(DOCUMENT)
  })

  it('is nothing with two policies, or with none', () => {
    for (const answer of [{ a: DOCUMENT, b: DOCUMENT }, { a: 17 }, [], null, 'text'])
      expect(policyInAnswer(json(answer))).toBeNull()
    expect(policyInAnswer('no JSON')).toBeNull()
  })
})

describe('the policies that are stored with a denial', () => {
  /** A policy whose document has this many characters. */
  const captured = (uri: string, chars: number) => {
    const document = { Version: '2012-10-17', Id: '', Statement: [] }
    const Id = 'x'.repeat(chars - JSON.stringify(document).length)
    return { uri, type: null, attachedTo: null, denies: [null], document: { ...document, Id } } as const
  }
  const storable = (...sizes: readonly number[]) =>
    withinRoom(sizes.map((size, index) => captured(`${index}`, size))).map(({ uri }) => Number(uri))

  it('are at most as long as AWS’s longest policy', () => {
    expect(storable(MAX_POLICY_CHARS, MAX_POLICY_CHARS + 1)).toEqual([0])
  })

  it('have 40,000 characters in all, and a smaller one behind may still fit', () => {
    expect(storable(20_000, 20_000, 100)).toEqual([0, 1])
    expect(storable(20_000, 20_001, 19_900, 100)).toEqual([0, 2, 3])
  })
})
