/** A role that only machines enter in a row is a machine; one person in any of the roles before it makes it one of people. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fact, known, unknown } from '../../../core/base/fact.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { roleEntry } from '../../../functions/domain/authority/machine-roles.ts'
import { document } from '../../fixtures/evaluation.ts'

const HOME = 'arn:aws:iam::111122223333'
const GITHUB = { Federated: `${HOME}:oidc-provider/token.actions.githubusercontent.com` }
const JENKINS = { Federated: `${HOME}:oidc-provider/jenkins.example.com/oidc` }
const named = (...names: string[]) => ({ AWS: names.map(name => `${HOME}:role/${name}`) })
type PrincipalOf = { readonly [type: string]: string | readonly string[] }
const trusting = (...principals: PrincipalOf[]): PolicyDocument =>
  document(...principals.map(Principal => ({ Effect: 'Allow' as const, Principal, Action: 'sts:AssumeRole' }) as const))

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
    const principal = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...NAMES).map(name => named(name)) },
      { weight: 3, arbitrary: fc.constantFrom(GITHUB, { Service: 'lambda.amazonaws.com' }) },
      { weight: 1, arbitrary: fc.constantFrom({ AWS: `${HOME}:root` }, { Service: 'ec2.amazonaws.com' }, JENKINS) },
    )
    const world = fc.tuple(...NAMES.map(() => fc.array(principal, { minLength: 1, maxLength: 3 })))
    let machines = 0
    fc.assert(
      fc.property(world, lists => {
        const of = new Map(NAMES.map((name, at) => [`${HOME}:role/${name}`, lists[at] ?? []]))
        // By people: at once, or through a role that they enter.
        const byPeople = new Set<string>()
        for (const _ of NAMES)
          for (const [arn, principals] of of)
            if (
              principals.some(one => {
                const [type, value] = Object.entries(one)[0] as [string, string | string[]]
                if (type === 'AWS') return Array.isArray(value) ? value.some(role => byPeople.has(role)) : true
                return value === 'ec2.amazonaws.com' || value === JENKINS.Federated
              })
            )
              byPeople.add(arn)
        const roles = Object.fromEntries(NAMES.map((name, at) => [name, trusting(...(lists[at] ?? []))]))
        const { isMachine, unread } = entry(roles['asked'] as PolicyDocument, roles)
        expect(unread).toEqual([])
        if (isMachine) machines += 1
        if (byPeople.has(`${HOME}:role/asked`)) expect(isMachine).toBe(false)
      }),
      { numRuns: 2_000 },
    )
    expect(machines).toBeGreaterThan(100)
  })
})
