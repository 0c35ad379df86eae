import { describe, expect, it } from 'vitest'
import { requestOf } from '../../../core/access/access-request.ts'
import type { Denial, PassedService, Principal } from '../../../core/denial/denial.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { sent } from '../../fixtures/passed-service.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
const TARGET = 'arn:aws:iam::111122223333:role/app'

const role: Principal = {
  kind: 'role',
  arn: SESSION,
  roleArn: ROLE,
  pathKnown: true,
  accountId: '111122223333',
  name: 'deploy',
  sessionName: 'build-7',
  uniqueId: 'AROAEXAMPLEDEPLOY123:build-7',
}

const base: Denial = {
  ...DENIAL,
  timeMs: Date.UTC(2026, 10, 24, 12, 0, 0),
  principal: role,
  resource: TARGET,
}
const denial = (more: Partial<Denial>): Denial => ({ ...base, ...more })
const passing = (service: PassedService, more: Partial<Denial> = {}): Denial =>
  denial({ passes: [{ arn: TARGET, parameter: 'taskRoleArn', service }], ...more })

describe('the request of a denial', () => {
  it('names the session, and the role with its path', () => {
    expect(requestOf(base)).toMatchObject({
      action: 'iam:PassRole',
      resource: TARGET,
      principalArn: SESSION,
      roleArn: ROLE,
    })
  })

  it('contains what the event proves about the caller, the call and its time', () => {
    expect(requestOf(base).context).toMatchObject({
      'aws:principalarn': present(ROLE),
      'aws:principalaccount': present('111122223333'),
      'aws:principaltype': present('AssumedRole'),
      'aws:userid': present('AROAEXAMPLEDEPLOY123:build-7'),
      'aws:username': { state: 'absent' },
      'aws:requestedregion': present('eu-west-1'),
      'aws:currenttime': present('2026-11-24T12:00:00.000Z'),
      'aws:epochtime': present('1795521600'),
      'aws:viaawsservice': present('false'),
    })
  })

  it('names no role whose path is not known', () => {
    const request = requestOf(denial({ principal: { ...role, pathKnown: false } }))
    expect(request.roleArn).toBeNull()
    expect(request.context).not.toHaveProperty('aws:principalarn')
  })

  it('names a user with its user name', () => {
    const arn = 'arn:aws:iam::111122223333:user/team/ann'
    const request = requestOf(denial({ principal: { ...role, kind: 'user', arn, roleArn: null, name: 'ann' } }))
    expect(request).toMatchObject({ principalArn: arn, roleArn: null })
    expect(request.context).toMatchObject({ 'aws:username': present('ann'), 'aws:principalarn': present(arn) })
  })

  it('carries nothing for what the event leaves out about a caller', () => {
    const nameless = { ...role, kind: 'user', arn: null, roleArn: null, name: null, uniqueId: null } as const
    const { context } = requestOf(denial({ principal: { ...nameless, accountId: null } }))
    expect(requestOf(denial({ region: null })).context).not.toHaveProperty('aws:requestedregion')
    for (const key of ['aws:username', 'aws:principalarn', 'aws:userid', 'aws:principalaccount'])
      expect(context).not.toHaveProperty(key)
    const root = requestOf(denial({ principal: { ...nameless, kind: 'root' } })).context
    expect(root).not.toHaveProperty('aws:principalarn')
  })

  it.each(['aws:principalservicename', 'aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid'])(
    'has no %s, which only services send',
    key => {
      expect(requestOf(base).context[key]).toEqual({ state: 'absent' })
    },
  )

  it.each([
    ['user', 'build-7', 'absent'],
    ['role', 'build-7', 'absent'],
    ['role', 'i-0123456789abcdef0', undefined],
    ['role', 'mi-0123456789abcdef0', undefined],
    ['role', null, undefined],
  ] as const)('of a %s with session %s has the keys of an EC2 instance as %s', (kind, sessionName, state) => {
    const { context } = requestOf(denial({ principal: { ...role, kind, sessionName } }))
    expect(context['ec2:sourceinstancearn']?.state).toBe(state)
    expect(context['aws:assumedroot']).toEqual({ state: 'absent' })
  })

  it.each(['sso-role', 'service-linked-role'] as const)('names the role behind the session of a %s', kind => {
    const { context } = requestOf(denial({ principal: { ...role, kind } }))
    expect(context).toMatchObject({ 'aws:principaltype': present('AssumedRole'), 'aws:principalarn': present(ROLE) })
  })

  it('names the type of a federated user', () => {
    const { context } = requestOf(denial({ principal: { ...role, kind: 'federated-user' } }))
    expect(context['aws:principaltype']).toEqual(present('FederatedUser'))
  })

  it('lets the event’s own context win over what follows from it', () => {
    expect(requestOf(denial({ context: { 'aws:userid': present('other') } })).context['aws:userid']).toEqual(
      present('other'),
    )
  })

  it('assumes no intermediate services when only a message is given', () => {
    expect(requestOf(denial({ source: 'message', timeMs: null })).context).not.toHaveProperty('aws:viaawsservice')
  })

  it('says that the principal called itself only where the event would show a service between', () => {
    const { context } = requestOf(denial({ source: 'cloudtrail', via: null }))
    expect(context['aws:viaawsservice']).toEqual(present('false'))
    expect(context['aws:calledvialast']).toEqual({ state: 'absent' })
    const reported = requestOf(denial({ source: 'message', via: null })).context
    expect(reported).not.toHaveProperty('aws:calledvialast')
    const through = requestOf(denial({ source: 'message', via: 'cloudformation.amazonaws.com' })).context
    expect(through['aws:viaawsservice']).toEqual(present('true'))
    expect(through).not.toHaveProperty('aws:calledviafirst')
  })

  it('names the service that called for the principal', () => {
    const { context } = requestOf(denial({ via: 'cloudformation.amazonaws.com' }))
    expect(context).toMatchObject({
      'aws:viaawsservice': present('true'),
      'aws:calledvialast': present('cloudformation.amazonaws.com'),
    })
  })

  it('is about any role when nothing names one', () => {
    expect(requestOf(denial({ resource: null })).resource).toBe('*')
  })
})

describe('the service that receives a passed role', () => {
  const passedTo = (one: Denial) => requestOf(one, TARGET).context['iam:passedtoservice']

  it('is known where AWS publishes one', () => {
    expect(passedTo(passing(sent('ecs-tasks.amazonaws.com')))).toEqual(present('ecs-tasks.amazonaws.com'))
  })

  it('is unknown between several, and where the key is not proven to be sent', () => {
    expect(passedTo(passing(sent(['a.amazonaws.com', 'b.amazonaws.com'])))?.state).toBe('unknown')
    expect(passedTo(passing(sent('a.amazonaws.com', 'optional')))?.state).toBe('unknown')
    expect(passedTo(base)?.state).toBe('unknown')
  })

  it('is unknown where it is a guess', () => {
    expect(passedTo(passing(sent('a.amazonaws.com', 'guess')))?.state).toBe('unknown')
    expect(passedTo(passing({ ...sent('a.amazonaws.com', 'guess'), mayBeAbsent: false }))?.state).toBe('unknown')
  })

  it('is absent for any other action', () => {
    expect(passedTo(denial({ action: 'sts:AssumeRole' }))?.state).toBe('absent')
  })

  it('is what AWS decoded', () => {
    const decoded = passing(sent('a.amazonaws.com', 'guess'), {
      context: { 'iam:passedtoservice': present('b.amazonaws.com') },
    })
    expect(passedTo(decoded)).toEqual(present('b.amazonaws.com'))
  })
})

describe('web identities', () => {
  const web = (provider: string | null): Denial =>
    denial({
      action: 'sts:AssumeRoleWithWebIdentity',
      principal: {
        ...role,
        kind: 'web-identity',
        arn: null,
        roleArn: null,
        accountId: null,
        name: null,
        uniqueId: null,
      },
      claims: { provider, subject: 'repo:acme/shop:ref:refs/heads/main', audience: 'sts.amazonaws.com' },
    })
  const github = 'token.actions.githubusercontent.com'

  it('are known by their provider in the role’s account', () => {
    const arn = `arn:aws:iam::111122223333:oidc-provider/${github}`
    expect(requestOf(web(github)).principalArn).toBe(arn)
    expect(requestOf(web(arn)).principalArn).toBe(arn)
  })

  it('are known by the host of a provider that needs none in the account', () => {
    expect(requestOf(web('cognito-identity.amazonaws.com')).principalArn).toBe('cognito-identity.amazonaws.com')
  })

  it('are known by nothing when the event names no provider, or no role whose account has one', () => {
    expect(requestOf(web(null)).principalArn).toBe('')
    expect(requestOf({ ...web(github), resource: null }).principalArn).toBe('')
  })
})

describe('SAML sign-ins', () => {
  const saml = (provider: string | null): Denial =>
    denial({
      action: 'sts:AssumeRoleWithSAML',
      principal: { ...role, kind: 'saml', arn: null, roleArn: null, accountId: null, name: null, uniqueId: null },
      claims: { provider, subject: 'ana', audience: 'https://signin.aws.amazon.com/saml' },
    })

  it('are known by their provider in the role’s account, and send nothing that only services send', () => {
    const arn = 'arn:aws:iam::111122223333:saml-provider/okta'
    expect(requestOf(saml('okta')).principalArn).toBe(arn)
    expect(requestOf(saml(arn)).principalArn).toBe(arn)
    expect(requestOf(saml(null)).principalArn).toBe('')
    expect(requestOf(saml('okta')).context['aws:principalservicename']).toEqual({ state: 'absent' })
  })
})

describe('services and root', () => {
  it('name a service by its principal', () => {
    const principal: Principal = {
      ...role,
      kind: 'service',
      arn: null,
      roleArn: null,
      accountId: null,
      name: 'ec2.amazonaws.com',
    }
    const request = requestOf(denial({ principal }))
    expect(request.principalArn).toBe('ec2.amazonaws.com')
    expect(request.context).toMatchObject({
      'aws:principalisawsservice': present('true'),
      'aws:principalarn': { state: 'absent' },
    })
  })

  it('name root by its account', () => {
    const principal: Principal = { ...role, kind: 'root', arn: null, roleArn: null, name: null }
    expect(requestOf(denial({ principal })).principalArn).toBe('arn:aws:iam::111122223333:root')
  })
})
