/** A role that only machines enter in a row is a machine; one person in any of the roles before it makes it one of people. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fact, known, unknown } from '../../../core/base/fact.ts'
import type { ConditionBlock, PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { roleEntry } from '../../../functions/domain/authority/entrances.ts'
import { document } from '../../fixtures/evaluation.ts'

const HOME = 'arn:aws:iam::111122223333'
const ELSEWHERE = 'arn:aws:iam::444455556666'
const GITHUB = { Federated: `${HOME}:oidc-provider/token.actions.githubusercontent.com` }
const JENKINS = { Federated: `${HOME}:oidc-provider/jenkins.example.com/oidc` }
const named = (...names: string[]) => ({ AWS: names.map(name => `${HOME}:role/${name}`) })
type PrincipalOf = { readonly [type: string]: string | readonly string[] }
/** A principal, or one with a condition. */
type Entering = PrincipalOf | readonly [PrincipalOf | '*', ConditionBlock]
const trusting = (...entering: Entering[]): PolicyDocument =>
  document(
    ...entering.map(one => {
      const [Principal, Condition] = isLimited(one) ? one : [one, {}]
      return { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition } as const
    }),
  )
const isLimited = (one: Entering): one is Extract<Entering, readonly unknown[]> => Array.isArray(one)
const ACCOUNT = { AWS: `${HOME}:root` }
/** The account, limited to roles. */
const limitedTo = (...names: string[]): Entering => [
  ACCOUNT,
  { ArnEquals: { 'aws:PrincipalArn': named(...names).AWS } },
]

/** `roles`: trust policies by name. Null: it cannot be read. Every role is there that is not left out. */
function entry(
  trust: PolicyDocument,
  roles: { readonly [name: string]: PolicyDocument | null },
  machines: string[] = [],
) {
  const trusts = new Map<string, Fact<PolicyDocument>>(
    Object.entries(roles).map(([name, of]) => [`${HOME}:role/${name}`, of === null ? unknown('refused') : known(of)]),
  )
  return roleEntry({ arn: `${HOME}:role/asked`, trust }, { machines }, trusts)
}
const MACHINE = { isMachine: true, unread: [] }
const PEOPLE = { isMachine: false, unread: [] }

describe('a role that other roles enter', () => {
  it('is a machine if they are', () => {
    expect(entry(trusting(named('ci')), { ci: trusting(GITHUB) })).toEqual(MACHINE)
    expect(entry(trusting(named('ci'), { Service: 'lambda.amazonaws.com' }), { ci: trusting(GITHUB) })).toEqual(MACHINE)
    const inARow = { ci: trusting(named('hub')), hub: trusting(named('gate')), gate: trusting(GITHUB) }
    expect(entry(trusting(named('ci')), inARow)).toEqual(MACHINE)
    expect(entry(trusting(named('asked', 'ci')), { ci: trusting(named('asked', 'ci'), GITHUB) })).toEqual(MACHINE)
  })

  it.each<[string, PrincipalOf | null]>([
    ['the account', { AWS: `${HOME}:root` }],
    ['the account by its id', { AWS: '111122223333' }],
    ['an IAM user', { AWS: `${HOME}:user/ada` }],
    ['everybody', { AWS: '*' }],
    ['a role that was deleted', { AWS: 'AROAEXAMPLEDELETED123' }],
    ['one session of a role', { AWS: 'arn:aws:sts::111122223333:assumed-role/ci/build' }],
    ['roles by a pattern', { AWS: `${HOME}:role/ci-*` }],
    ['instances', { Service: 'ec2.amazonaws.com' }],
    ['notebooks', { Service: 'sagemaker.amazonaws.com' }],
    ['SAML', { Federated: `${HOME}:saml-provider/okta` }],
    ['an issuer that nobody declared', JENKINS],
    ['nobody that can be read', null],
  ])('is none if one of them lets in %s', (_, principal) => {
    const people = principal === null ? null : trusting(GITHUB, principal)
    expect(entry(trusting(named('ci', 'other')), { ci: trusting(GITHUB), other: people })).toEqual(PEOPLE)
    const behind = { ci: trusting(named('gate')), gate: people }
    expect(entry(trusting(named('ci')), behind)).toEqual(PEOPLE)
  })

  const CI = `${HOME}:role/ci`
  const KEY = 'aws:PrincipalArn'
  it.each<[string, Entering]>([
    ['one role', [ACCOUNT, { StringEquals: { [KEY]: CI } }]],
    ['roles in a list', [ACCOUNT, { ArnEquals: { [KEY]: [CI, `${HOME}:role/ci-2`] } }]],
    ['the account by its id', [{ AWS: '111122223333' }, { StringEquals: { [KEY]: CI } }]],
    ['an operator that would take patterns', [ACCOUNT, { ArnLike: { [KEY]: CI } }]],
    ['the other one', [ACCOUNT, { StringLike: { [KEY]: CI } }]],
    ['the key in other letters', [ACCOUNT, { StringEquals: { 'AWS:principalarn': CI } }]],
    ['a role with a path', [ACCOUNT, { StringEquals: { [KEY]: `${HOME}:role/build/ci` } }]],
    [
      'more conditions',
      [ACCOUNT, { StringEquals: { [KEY]: CI, 'sts:ExternalId': ['a', 'b'] }, Bool: { 'aws:SecureTransport': 'true' } }],
    ],
    [
      'a condition that excludes, too',
      [ACCOUNT, { ArnEquals: { [KEY]: CI }, ArnNotLike: { [KEY]: `${HOME}:role/x-*` } }],
    ],
    [
      'two accounts',
      [{ AWS: [ACCOUNT.AWS, `${ELSEWHERE}:root`] }, { ArnEquals: { [KEY]: [CI, `${ELSEWHERE}:role/ci`] } }],
    ],
    [
      'roles of another account, which may not enter',
      [ACCOUNT, { ArnEquals: { [KEY]: [CI, `${ELSEWHERE}:role/ada`] } }],
    ],
    [
      'another principal that is a machine',
      [{ ...ACCOUNT, Service: 'lambda.amazonaws.com' }, { ArnEquals: { [KEY]: CI } }],
    ],
  ])('is a machine if its account is limited to machines by aws:PrincipalArn: %s', (_, entering) => {
    const trusts = new Map<string, Fact<PolicyDocument>>(
      [CI, `${HOME}:role/ci-2`, `${HOME}:role/build/ci`, `${ELSEWHERE}:role/ci`].map(arn => [
        arn,
        known(trusting(GITHUB)),
      ]),
    )
    const role = { arn: `${HOME}:role/asked`, trust: trusting(entering) }
    expect(roleEntry(role, { machines: [] }, trusts)).toEqual(MACHINE)
    for (const arn of roleEntry(role, { machines: [] }, new Map()).unread) {
      for (const trust of [unknown('no such role'), known(trusting(GITHUB, ACCOUNT))])
        expect(roleEntry(role, { machines: [] }, new Map(trusts).set(arn, trust))).toEqual(PEOPLE)
    }
    expect(roleEntry(role, { machines: [] }, new Map()).unread).not.toEqual([])
  })

  it.each<[string, Entering]>([
    ['everybody', ['*', { ArnEquals: { [KEY]: CI } }]],
    ['everybody in a block', [{ AWS: '*' }, { ArnEquals: { [KEY]: CI } }]],
    ['another account than that of the roles', [{ AWS: `${ELSEWHERE}:root` }, { ArnEquals: { [KEY]: CI } }]],
    ['its id', [{ AWS: '444455556666' }, { ArnEquals: { [KEY]: CI } }]],
    ['the account in another partition', [{ AWS: 'arn:aws-cn:iam::111122223333:root' }, { ArnEquals: { [KEY]: CI } }]],
    ['a second account without roles', [{ AWS: [ACCOUNT.AWS, `${ELSEWHERE}:root`] }, { ArnEquals: { [KEY]: CI } }]],
    ['a user beside the account', [{ AWS: [ACCOUNT.AWS, `${HOME}:user/ada`] }, { ArnEquals: { [KEY]: CI } }]],
    ['no condition', [ACCOUNT, {}]],
    ['another key', [ACCOUNT, { StringEquals: { 'aws:SourceArn': CI } }]],
    ['an empty list', [ACCOUNT, { ArnEquals: { [KEY]: [] } }]],
    ['a pattern', [ACCOUNT, { ArnLike: { [KEY]: `${HOME}:role/c*` } }]],
    ['a pattern where ArnEquals takes it', [ACCOUNT, { ArnEquals: { [KEY]: `${HOME}:role/c*` } }]],
    ['a pattern of one character', [ACCOUNT, { StringLike: { [KEY]: `${HOME}:role/c?` } }]],
    ['a pattern in a list', [ACCOUNT, { ArnLike: { [KEY]: [CI, `${HOME}:role/c*`] } }]],
    ['a variable', [ACCOUNT, { StringEquals: { [KEY]: `${HOME}:role/\${aws:PrincipalTag/team}` } }]],
    ['a user', [ACCOUNT, { ArnEquals: { [KEY]: `${HOME}:user/ada` } }]],
    ['a user in a list', [ACCOUNT, { ArnEquals: { [KEY]: [CI, `${HOME}:user/ada`] } }]],
    ['the root user', [ACCOUNT, { ArnEquals: { [KEY]: [CI, `${HOME}:root`] } }]],
    ['a session', [ACCOUNT, { ArnEquals: { [KEY]: [CI, 'arn:aws:sts::111122223333:assumed-role/ci/build'] } }]],
    ['a number', [ACCOUNT, { StringEquals: { [KEY]: [CI, 1] } }]],
    ['an operator that is true without the key', [ACCOUNT, { StringEqualsIfExists: { [KEY]: CI } }]],
    ['the other one', [ACCOUNT, { ArnEqualsIfExists: { [KEY]: CI } }]],
    ['ForAllValues', [ACCOUNT, { 'ForAllValues:ArnEquals': { [KEY]: CI } }]],
    ['ForAnyValue', [ACCOUNT, { 'ForAnyValue:ArnEquals': { [KEY]: CI } }]],
    ['an operator that ignores letters', [ACCOUNT, { StringEqualsIgnoreCase: { [KEY]: CI } }]],
    ['operators that exclude', [ACCOUNT, { ArnNotEquals: { [KEY]: CI }, StringNotEquals: { [KEY]: CI } }]],
    ['presence', [ACCOUNT, { Null: { [KEY]: 'false' } }]],
    ['one key twice', [ACCOUNT, { StringLike: { [KEY]: CI, 'AWS:PrincipalArn': '*' } }]],
  ])('is none if its account is not limited to roles of it: %s', (_, entering) => {
    expect(entry(trusting(entering), { ci: trusting(GITHUB) })).toEqual(PEOPLE)
    expect(entry(trusting(named('gate')), { gate: trusting(entering), ci: trusting(GITHUB) })).toEqual(PEOPLE)
  })

  it('is none if its own trust policy lets in people too, and then nothing is read', () => {
    expect(entry(trusting(named('ci'), { AWS: `${HOME}:root` }), {})).toEqual(PEOPLE)
    expect(entry(trusting(named('ci')), {}).unread).toEqual([`${HOME}:role/ci`])
  })

  it('is none if no machine enters the circle', () => {
    expect(entry(trusting(named('asked')), {})).toEqual(PEOPLE)
    expect(entry(trusting(named('ci')), { ci: trusting(named('asked')) })).toEqual(PEOPLE)
    expect(entry(trusting(named('ci')), { ci: trusting() })).toEqual(PEOPLE)
  })

  it('counts the roles', () => {
    const row = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, at) => [
          `r${at}`,
          at + 1 === length ? trusting(GITHUB) : trusting(named(`r${at + 1}`)),
        ]),
      )
    expect(entry(trusting(named('r0')), row(3))).toEqual(MACHINE)
    expect(entry(trusting(named('r0')), row(4))).toEqual(PEOPLE)
    const many = Array.from({ length: 11 }, (_, at) => `m${at}`)
    const all = Object.fromEntries(many.map(name => [name, trusting(GITHUB)]))
    expect(entry(trusting(named(...many.slice(1))), all)).toEqual(MACHINE)
    expect(entry(trusting(named(...many)), all)).toEqual(PEOPLE)
    expect(entry(trusting(named(...many)), {})).toEqual(PEOPLE)
  })

  it('takes an issuer for builds where the configuration says it of the role that it enters', () => {
    const roles = { ci: trusting(JENKINS) }
    expect(entry(trusting(named('ci')), roles, [`${HOME}:role/ci`])).toEqual(MACHINE)
    expect(entry(trusting(named('ci')), roles, [`${HOME}:role/asked`])).toEqual(PEOPLE)
  })

  it('is never a machine where a person can enter it in any number of steps', () => {
    const NAMES = ['asked', 'a', 'b', 'c', 'd', 'e']
    const plain = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...NAMES).map(name => named(name)) },
      { weight: 3, arbitrary: fc.constantFrom(GITHUB, { Service: 'lambda.amazonaws.com' }) },
      { weight: 1, arbitrary: fc.constantFrom(ACCOUNT, { Service: 'ec2.amazonaws.com' }, JENKINS) },
    )
    const entering: fc.Arbitrary<Entering> = fc.oneof(
      { weight: 3, arbitrary: plain },
      { weight: 1, arbitrary: fc.constantFrom(...NAMES).map(name => limitedTo(name)) },
      { weight: 1, arbitrary: limited(NAMES.map(name => `${HOME}:role/${name}`)) },
    )
    const world = fc.tuple(...NAMES.map(() => fc.array(entering, { minLength: 1, maxLength: 3 })))
    let machines = 0
    let limitedMachines = 0
    fc.assert(
      fc.property(world, lists => {
        const of = new Map(NAMES.map((name, at) => [`${HOME}:role/${name}`, lists[at] ?? []]))
        // By people: at once, or through a role that they enter. A role that nobody read may be theirs.
        const byPeople = new Set([`${HOME}:user/ada`, `${HOME}:root`, `${HOME}:role/z`, `${ELSEWHERE}:role/asked`])
        for (const _ of NAMES)
          for (const [arn, principals] of of)
            if (principals.some(one => [...byPeople].some(person => mayEnter(person, one)))) byPeople.add(arn)
        const roles = Object.fromEntries(NAMES.map((name, at) => [name, trusting(...(lists[at] ?? []))]))
        const { isMachine, unread } = entry(roles['asked'] as PolicyDocument, roles)
        if (unread.length > 0) expect(isMachine).toBe(false)
        if (isMachine) machines += 1
        if (isMachine && lists[0]?.some(isLimited)) limitedMachines += 1
        if (byPeople.has(`${HOME}:role/asked`)) expect(isMachine).toBe(false)
      }),
      { numRuns: 2_000 },
    )
    expect(machines).toBeGreaterThan(100)
    expect(limitedMachines).toBeGreaterThan(50)
  })
})

/** Statements about accounts that conditions limit in any way. */
function limited(roles: readonly string[]): fc.Arbitrary<Entering> {
  const principal = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(ACCOUNT, { AWS: '111122223333' }) },
    fc.constantFrom('*' as const, { AWS: `${ELSEWHERE}:root` }, { AWS: [ACCOUNT.AWS, `${ELSEWHERE}:root`] }),
  )
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...roles) },
    fc.constantFrom('role/z', 'role/*', 'role/?', 'user/ada', 'root').map(rest => `${HOME}:${rest}`),
    fc.constantFrom(`${ELSEWHERE}:role/asked`),
  )
  const operator = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('StringEquals', 'StringLike', 'ArnEquals', 'ArnLike') },
    fc.constantFrom(
      'StringNotEquals',
      'ArnNotLike',
      'ForAllValues:ArnEquals',
      'ForAnyValue:StringLike',
      'ArnLikeIfExists',
    ),
  )
  const key = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('aws:PrincipalArn', 'AWS:principalarn') },
    fc.constant('aws:SourceArn'),
  )
  const condition = fc.dictionary(
    operator,
    fc.dictionary(key, fc.array(value, { maxLength: 2 }), { minKeys: 1, maxKeys: 2 }),
    { minKeys: 1, maxKeys: 2 },
  )
  return fc.tuple(principal, condition)
}

/** Whether a principal may call, where it can set every key but its own ARN. */
function mayEnter(arn: string, one: Entering): boolean {
  const [principal, conditions] = isLimited(one) ? one : [one, {}]
  if (principal !== '*') {
    const [[type, names]] = Object.entries(principal) as [[string, string | readonly string[]]]
    if (type !== 'AWS') return names === 'ec2.amazonaws.com' || names === JENKINS.Federated
    const account = arn.split(':')[4] ?? ''
    if (![names].flat().some(name => name === arn || name === account || name === `arn:aws:iam::${account}:root`))
      return false
  }
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      if (key === 'aws:SourceArn') return true
      const isAmong = [values].flat().some(value => {
        const pattern = String(value).replaceAll('*', '.*').replaceAll('?', '.')
        return /Like|Arn/.test(operator) ? new RegExp(`^${pattern}$`).test(arn) : value === arn
      })
      return isAmong !== operator.includes('Not')
    }),
  )
}
