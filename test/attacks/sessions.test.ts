/** What somebody can do who takes sessions in a row, and chooses what each of them is called. */
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { ABSENT, found, unreadable } from '../../core/base/fact.ts'
import { chainBehind } from '../../core/denial/index.ts'
import type { ConditionBlock, PolicyDocument, PrincipalBlock } from '../../core/iam/policy/policy-document.ts'
import { trailOf } from '../../core/timeline/index.ts'
import { requesterClaim } from '../../functions/domain/authority/requester.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { isOwnRequest } from '../../functions/domain/proposal/approval-policy.ts'
import { requesterOf } from '../../functions/workflows/approval/requester-identity.ts'
import { trustsBehind } from '../../functions/workflows/denial/gather-access.ts'
import { memoryChat } from '../fakes/memory-chat.ts'
import { document, role } from '../fixtures/evaluation.ts'
import { denied } from '../fixtures/events.ts'
import { type Chain, forged, honest, PEOPLE_ISSUER, SAML_PROVIDER } from '../property/chains.ts'
import { attack } from './attack.ts'

const NAMES = ['ada', 'grace', 'linus', 'kim']
const idOf = (name: string): string => `U${name.toUpperCase()}`
const config = configSchema.parse({
  mode: 'approve',
  people: NAMES.flatMap(name => [
    { user: name, account: '111122223333', slack: idOf(name) },
    { session: name, slack: idOf(name) },
  ]),
})
const anybody = document({
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 'sts:AssumeRole',
})

/** Who was denied, as the bot takes it from the records of the event history. */
function requesterIn({ denied: record, records }: Pick<Chain, 'denied' | 'records'>, people = config) {
  const denial = denied(record)
  const { issued } = trailOf(records, [denial])
  const caller = found(role(denial.principal.roleArn ?? 'arn:aws:iam::111122223333:role/any', anybody))
  return requesterOf(requesterClaim(denial, caller, people, chainBehind(denial, issued)), memoryChat())
}

const roleNamed = (name: string): string => `arn:aws:iam::111122223333:role/${name}`
const trusting = (...principals: readonly PrincipalBlock[]) =>
  document(...principals.map(Principal => ({ Effect: 'Allow' as const, Principal, Action: 'sts:AssumeRole' }) as const))

/** Who was denied in a session of a role, by the roles of the account as IAM answers by their names. */
async function enteredBy(trust: PolicyDocument, roles: { readonly [name: string]: PolicyDocument | 'unreadable' }) {
  const denial = denied({
    ...{
      eventVersion: '1.09',
      eventID: 'event-1',
      eventTime: '2026-11-29T10:00:00Z',
      eventSource: 'sts.amazonaws.com',
    },
    ...{
      eventName: 'AssumeRole',
      awsRegion: 'eu-central-1',
      errorCode: 'AccessDenied',
      recipientAccountId: '111122223333',
    },
    errorMessage: `User: arn:aws:sts::111122223333:assumed-role/deploy/run is not authorized to perform: sts:AssumeRole on resource: ${roleNamed('target')}`,
    userIdentity: {
      ...{ type: 'AssumedRole', principalId: 'AROADEPLOY:run', accountId: '111122223333' },
      arn: 'arn:aws:sts::111122223333:assumed-role/deploy/run',
      sessionContext: { sessionIssuer: { type: 'Role', arn: roleNamed('deploy'), accountId: '111122223333' } },
    },
  })
  const reader = {
    role: async ({ name }: { readonly name: string }) => {
      const of = roles[name]
      if (of === undefined) return ABSENT
      return of === 'unreadable' ? unreadable('refused') : found({ ...role(roleNamed(name), of) })
    },
  }
  const caller = found(role(roleNamed('deploy'), trust))
  const trusts = await trustsBehind(denial, caller, config, reader)
  return requesterClaim(denial, caller, config, null, trusts)
}

describe('Somebody who takes sessions in a row', () => {
  attack('S23', async () => {
    const people = honest(3).filter(({ beginner }) => ['user', 'user-session', 'identity-center'].includes(beginner))
    await fc.assert(
      fc.asyncProperty(people, async chain => {
        const requester = await requesterIn(chain)
        expect(isOwnRequest(requester, idOf(chain.name))).toBe(true)
        expect(NAMES.filter(name => isOwnRequest(requester, idOf(name)))).toEqual([chain.name])
      }),
    )
  })
  attack('S24', async () => {
    await fc.assert(
      fc.asyncProperty(forged, async chain => {
        expect((await requesterIn(chain)).kind).toBe('unknown')
      }),
    )
  })
  attack('S25', async () => {
    const builds = { Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com' }
    const deploys = trusting({ AWS: roleNamed('ci') })
    expect((await enteredBy(deploys, { ci: trusting(builds) })).kind).toBe('machine')
    expect((await enteredBy(deploys, { ci: trusting({ AWS: roleNamed('gate') }), gate: trusting(builds) })).kind).toBe(
      'machine',
    )
    const people: readonly PrincipalBlock[] = [
      { AWS: 'arn:aws:iam::111122223333:root' },
      { AWS: 'arn:aws:iam::111122223333:user/mallory' },
      { AWS: roleNamed('developer') },
      { AWS: 'AROAEXAMPLEDELETED123' },
      { Service: 'ec2.amazonaws.com' },
      { Service: 'cloud9.amazonaws.com' },
      { Service: 'cloud9.eu-west-1.amazonaws.com' },
      { Service: 'cloud9.eusc-de-east-1.amazonaws.com' },
      { Federated: 'arn:aws:iam::111122223333:saml-provider/okta' },
      { Federated: 'cognito-identity.amazonaws.com' },
    ]
    const developer = trusting({ AWS: 'arn:aws:iam::111122223333:root' })
    for (const person of people) {
      const open = trusting(builds, person)
      for (const roles of [{ ci: open }, { ci: trusting({ AWS: roleNamed('gate') }), gate: open }])
        expect((await enteredBy(deploys, { ...roles, developer })).kind, JSON.stringify(person)).toBe('unknown')
      expect(
        (await enteredBy(trusting({ AWS: roleNamed('ci') }, person), { ci: trusting(builds), developer })).kind,
      ).toBe('unknown')
    }
    // A role that cannot be read, is gone, or was made again under another path.
    const both = trusting(builds, { AWS: roleNamed('gate') })
    expect((await enteredBy(deploys, { ci: both })).kind).toBe('unknown')
    expect((await enteredBy(deploys, { ci: both, gate: 'unreadable' })).kind).toBe('unknown')
    expect((await enteredBy(trusting({ AWS: roleNamed('old/ci') }), { ci: trusting(builds) })).kind).toBe('unknown')
    // An account that is limited to roles by their ARNs, and to anybody else.
    const only = (Condition: ConditionBlock, AWS = 'arn:aws:iam::111122223333:root') =>
      document({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole', Condition })
    const key = 'aws:PrincipalArn'
    const toCi = only({ ArnEquals: { [key]: roleNamed('ci') } })
    expect((await enteredBy(toCi, { ci: trusting(builds) })).kind).toBe('machine')
    expect((await enteredBy(toCi, { ci: toCi })).kind).toBe('unknown')
    expect((await enteredBy(toCi, { ci: developer })).kind).toBe('unknown')
    expect((await enteredBy(toCi, {})).kind).toBe('unknown')
    const open = [
      only({ ArnEquals: { [key]: [roleNamed('ci'), 'arn:aws:iam::111122223333:user/mallory'] } }),
      only({ ArnLike: { [key]: [roleNamed('c?')] } }),
      only({ ArnEquals: { [key]: roleNamed('*') } }),
      only({ StringEqualsIfExists: { [key]: roleNamed('ci') } }),
      only({ 'ForAllValues:StringEquals': { [key]: roleNamed('ci') } }),
      only({ ArnNotEquals: { [key]: roleNamed('ci') } }),
      only({ ArnEquals: { 'aws:SourceArn': roleNamed('ci') } }),
      only({ ArnEquals: { [key]: roleNamed('ci') } }, '444455556666'),
      only({ ArnEquals: { [key]: roleNamed('ci') } }, '*'),
    ]
    for (const trust of open) {
      const roles = { ci: trusting(builds), 'c?': trusting(builds), '*': trusting(builds) }
      expect((await enteredBy(trust, roles)).kind, JSON.stringify(trust)).toBe('unknown')
      expect((await enteredBy(trusting({ AWS: roleNamed('gate') }), { ...roles, gate: trust })).kind).toBe('unknown')
    }
  })
  attack('S26', async () => {
    const OTHER = '222233334444'
    const subjects = NAMES.flatMap(subject =>
      [SAML_PROVIDER, PEOPLE_ISSUER].map(provider => ({ subject, provider, slack: idOf(subject) })),
    )
    const mapped = configSchema.parse({ mode: 'approve', people: subjects })
    const bySignIn = honest(2).filter(({ beginner }) => beginner === 'saml' || beginner === 'people-token')
    const changed = (chain: Chain, how: (text: string) => string): Chain => ({
      ...chain,
      denied: JSON.parse(how(JSON.stringify(chain.denied))),
      records: chain.records.map(one => JSON.parse(how(JSON.stringify(one)))),
    })
    await fc.assert(
      fc.asyncProperty(bySignIn, async chain => {
        const who = idOf(chain.name)
        expect(await requesterIn(chain, mapped)).toMatchObject({ kind: 'person', userId: who })
        const lies = [
          changed(chain, text =>
            text.replaceAll('saml-provider/okta', 'saml-provider/mine').replaceAll('acme.okta.com', 'mine.okta.com'),
          ),
          changed(chain, text =>
            text.replaceAll('sts::111122223333:assumed-role/entry', `sts::${OTHER}:assumed-role/entry`),
          ),
        ]
        for (const lie of lies) expect((await requesterIn(lie, mapped)).kind).toBe('unknown')
      }),
    )
  })
})
