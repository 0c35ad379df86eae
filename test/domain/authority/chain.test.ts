/** The one who began a chain of sessions is the requester: no session in between hides them, and none makes a stranger one person. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { found } from '../../../core/base/fact.ts'
import { chainBehind } from '../../../core/denial/index.ts'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { trailOf } from '../../../core/timeline/index.ts'
import { type RequesterClaim, requesterClaim } from '../../../functions/domain/authority/requester.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import { role } from '../../fixtures/evaluation.ts'
import { denied } from '../../fixtures/events.ts'
import { type Beginner, type Chain, forged, honest, PEOPLE_ISSUER, SAML_PROVIDER } from '../../property/chains.ts'

const ADA = 'UADA'
const PEOPLE = ['ada', 'grace', 'linus', 'kim']
const people = [
  ...PEOPLE.map(name => ({ user: name, account: '111122223333', slack: `U${name.toUpperCase()}` })),
  ...PEOPLE.map(name => ({ session: name, slack: `U${name.toUpperCase()}` })),
]

const ANYBODY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sts:AssumeRole' }],
}

/** `config`: of the people of the generator, if nothing else is said. */
function claimOf(
  { denied: record, records }: Pick<Chain, 'denied' | 'records'>,
  config: object = { people },
  trust = ANYBODY,
): RequesterClaim {
  const denial = denied(record)
  const { issued } = trailOf(records, [denial])
  // Anybody in the account may take this role.
  const caller = found(role(denial.principal.roleArn ?? 'arn:aws:iam::111122223333:role/any', trust))
  return requesterClaim(denial, caller, configSchema.parse({ mode: 'approve', ...config }), chainBehind(denial, issued))
}

const isPerson = (beginner: Beginner): boolean =>
  ['user', 'user-session', 'federation', 'identity-center'].includes(beginner)

describe('the requester behind a chain', () => {
  it('is the one who began it', () => {
    fc.assert(
      fc.property(honest(3), chain => {
        const claim = claimOf(chain)
        if (isPerson(chain.beginner)) expect(claim).toEqual({ kind: 'person', userId: `U${chain.name.toUpperCase()}` })
        else expect(claim.kind).toBe('unknown')
      }),
    )
  })

  it('is unknown where the chain lies, the one who the sessions are named after', () => {
    fc.assert(
      fc.property(forged, chain => {
        expect(claimOf(chain).kind).toBe('unknown')
      }),
    )
  })

  const byUser = fc.sample(
    honest(3).filter(({ beginner, issued }) => beginner === 'user' && issued.length > 1),
    1,
  )[0] as Chain

  it('may not approve even if nobody is mapped to it and a session in between has a name of theirs', () => {
    expect(claimOf(byUser, { people: [] }).kind).toBe('unknown')
  })

  it('is no machine where people can enter the role, whatever began this chain', () => {
    const machineUsers = ['arn:aws:iam::111122223333:user/*']
    expect(claimOf(byUser, { machineUsers }).kind).toBe('unknown')
    const broker = fc.sample(
      honest(3).filter(({ beginner }) => beginner === 'federation'),
      1,
    )[0] as Chain
    expect(claimOf(broker, { machineUsers }).kind).toBe('unknown')
  })

  it('signed in with SAML is who the configuration says that the provider names', () => {
    const bySaml = one('saml')
    const first = bySaml.records.find(({ eventID }) => eventID === 'event-begin')
    const session = String(JSON.stringify(first?.['responseElements']).match(/assumed-role\/entry\/([^"]+)/)?.[1])
    const mapped = { people: [{ session, provider: SAML_PROVIDER, slack: ADA }] }
    expect(claimOf(bySaml, mapped)).toEqual({ kind: 'person', userId: ADA })
    expect(claimOf(withBegin(bySaml, { requestParameters: {} }), mapped).kind).toBe('unknown')
  })

  it.each([
    ['saml', SAML_PROVIDER],
    ['people-token', PEOPLE_ISSUER],
  ] as const)('is who the configuration says that the subject of the sign-in is: %s', (beginner, provider) => {
    const chain = one(beginner)
    const mapped = (subject: string, of: string = provider) => ({ people: [{ subject, provider: of, slack: ADA }] })
    expect(claimOf(chain, mapped(chain.name))).toEqual({ kind: 'person', userId: ADA })
    expect(claimOf(chain, mapped(`${chain.name}2`)).kind).toBe('unknown')
    expect(claimOf(chain, mapped(chain.name, `${provider}-2`)).kind).toBe('unknown')
    expect(claimOf(chain, mapped(chain.name, provider.replace('111122223333', '222233334444'))).kind).toBe('unknown')
    expect(claimOf(chain).kind).toBe('unknown')
  })

  it('beats what the trust policy says now', () => {
    const builds: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    const [byUser, bySaml] = [one('user'), one('saml')]
    expect(claimOf(byUser, { people }, builds)).toEqual({ kind: 'person', userId: `U${byUser.name.toUpperCase()}` })
    expect(claimOf(bySaml, { people: [] }, builds).kind).toBe('unknown')
    expect(claimOf(one('build-token'), { people }, builds)).toEqual({ kind: 'machine' })
    expect(claimOf(one('service'), { people }, builds)).toEqual({ kind: 'machine' })
  })
})

function one(beginner: Beginner): Chain {
  const [chain] = fc.sample(
    honest(2).filter(of => of.beginner === beginner && of.issued.length > 1),
    1,
  )
  if (chain === undefined) throw new Error('no such chain')
  return chain
}

const withBegin = (chain: Chain, changed: object): Chain => ({
  ...chain,
  records: chain.records.map(record => (record.eventID === 'event-begin' ? { ...record, ...changed } : record)),
})
