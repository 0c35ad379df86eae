/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
import { describe, expect, it } from 'vitest'
import { readCloudTrailRecord } from '../../../core/denial/cloudtrail/cloudtrail-record.ts'
import { ABSENT_KEY, present } from '../../../core/iam/conditions/context.ts'
import { denied, type Json, record } from '../../fixtures/events.ts'

const USER = 'assume-role-same-account'
const SESSION = 'assume-role-cross-account'
const ROLE = 'arn:aws:iam::111122223333:role/orders-reader'
const identityOf = (event: Json): Json => event['userIdentity'] as Json
const sessionOf = (event: Json): Json => identityOf(event)['sessionContext'] as Json

/** The condition keys of a call, with changes to its identity. */
const keysOf = (name: string, identity: Json = {}, other: Json = {}) => {
  const event = record(name)
  return denied({ ...event, ...other, userIdentity: { ...identityOf(event), ...identity } }).context
}
const keysOfSession = (session: Json) => {
  const event = record(SESSION)
  return keysOf(SESSION, { sessionContext: { ...sessionOf(event), ...session } })
}

describe('the condition keys of a session', () => {
  it('have no age of an MFA that was not used', () => {
    const context = keysOfSession({ attributes: { mfaAuthenticated: 'false', creationDate: '2026-11-24T02:41:07Z' } })
    expect(context['aws:multifactorauthpresent']).toEqual(present('false'))
    expect(context['aws:multifactorauthage']).toEqual(ABSENT_KEY)
    expect(context['aws:tokenissuetime']).toEqual(present('2026-11-24T02:41:07Z'))
  })

  it('leave the age of an MFA that was used unknown', () => {
    const context = keysOfSession({ attributes: { mfaAuthenticated: 'true' } })
    expect(context['aws:multifactorauthpresent']).toEqual(present('true'))
    expect(context).not.toHaveProperty('aws:multifactorauthage')
    expect(context).not.toHaveProperty('aws:tokenissuetime')
  })

  it('leave MFA unknown where the record says something else', () => {
    expect(keysOfSession({ attributes: { mfaAuthenticated: 'maybe' } })).not.toHaveProperty(
      'aws:multifactorauthpresent',
    )
  })

  it('have the source identity, the provider and the delivery that the record shows', () => {
    const context = keysOfSession({
      sourceIdentity: 'jane',
      webIdFederationData: { federatedProvider: 'token.actions.githubusercontent.com' },
      ec2RoleDelivery: '2.0',
    })
    expect(context['aws:sourceidentity']).toEqual(present('jane'))
    expect(context['aws:federatedprovider']).toEqual(present('token.actions.githubusercontent.com'))
    expect(context['ec2:roledelivery']).toEqual(present('2.0'))
  })

  it('leave out what the record does not show', () => {
    const context = keysOfSession({ sourceIdentity: null })
    for (const key of ['aws:sourceidentity', 'aws:federatedprovider', 'ec2:roledelivery'])
      expect(context).not.toHaveProperty(key)
  })

  it('say that a long-term key has no session keys at all', () => {
    const context = keysOf(USER)
    for (const key of ['multifactorauthpresent', 'multifactorauthage', 'tokenissuetime', 'sourceidentity'])
      expect(context[`aws:${key}`]).toEqual(ABSENT_KEY)
  })

  it('leave them unknown for a temporary key without a session', () => {
    expect(keysOf(USER, { accessKeyId: 'ASIAIOSFODNN7EXAMPLE' })).not.toHaveProperty('aws:multifactorauthpresent')
  })
})

describe('the condition keys of a caller', () => {
  it.each([
    ['IAMUser', 'User'],
    ['AssumedRole', 'AssumedRole'],
    ['Root', 'Account'],
    ['FederatedUser', 'FederatedUser'],
  ])('give %s the principal type %s', (type, expected) => {
    const context = keysOf(USER, { type })
    expect(context['aws:principaltype']).toEqual(present(expected))
    expect(context['aws:principalaccount']).toEqual(present('111122223333'))
    expect(context['aws:userid']).toEqual(present('AIDAXXXXXXXXXXXXXXX01'))
  })

  it.each(['AWSService', 'AWSAccount', 'constructor', null])('are unknown for the type %j', type => {
    const context = keysOf(USER, { type })
    for (const key of ['aws:principaltype', 'aws:principalaccount', 'aws:userid', 'aws:username'])
      expect(context).not.toHaveProperty(key)
  })

  it('have a user name for a user, and none for a role', () => {
    expect(keysOf(USER)['aws:username']).toEqual(present('ci-deployer'))
    expect(keysOf(SESSION)['aws:username']).toEqual(ABSENT_KEY)
    expect(keysOf(USER, { type: 'Root' })).not.toHaveProperty('aws:username')
  })
})

describe('the condition keys of the way that a call took', () => {
  it('say that no service was between for a direct call', () => {
    expect(keysOf(SESSION)).toMatchObject({
      'aws:viaawsservice': present('false'),
      'aws:viaawsmcpservice': present('false'),
      'aws:calledviaawsmcp': ABSENT_KEY,
    })
  })

  it('leave the service unknown that AWS does not name', () => {
    const context = keysOf(SESSION, { invokedBy: 'AWS Internal' })
    for (const key of ['aws:viaawsservice', 'aws:calledvia', 'aws:calledviafirst', 'aws:calledvialast'])
      expect(context[key]).toEqual({
        state: 'unknown',
        why: 'the event does not name the service that made the call',
      })
    expect(context).not.toHaveProperty('aws:viaawsmcpservice')
  })

  it('name the MCP server of an agent', () => {
    const context = keysOf(SESSION, { invokedBy: 'eks-mcp.amazonaws.com' })
    expect(context['aws:viaawsmcpservice']).toEqual(present('true'))
    expect(context['aws:calledviaawsmcp']).toEqual(present('eks-mcp.amazonaws.com'))
    expect(context['aws:viaawsservice']).toMatchObject({ state: 'unknown' })
  })

  it('have the address of the public network, or of a VPC endpoint', () => {
    const direct = keysOf(USER, {}, { vpcEndpointId: null })
    expect(direct['aws:sourceip']).toEqual(present('203.0.113.17'))
    expect(direct).not.toHaveProperty('aws:sourcevpce')
    const inside = keysOf(USER, {}, { vpcEndpointId: 'vpce-0a1b2c3d', sourceIPAddress: '10.0.0.7' })
    expect(inside['aws:vpcsourceip']).toEqual(present('10.0.0.7'))
    expect(inside['aws:sourcevpce']).toEqual(present('vpce-0a1b2c3d'))
    expect(inside).not.toHaveProperty('aws:sourceip')
  })

  it('have no address where the record shows a name', () => {
    expect(keysOf(USER, {}, { sourceIPAddress: 'AWS Internal' })).not.toHaveProperty('aws:sourceip')
  })

  it('know TLS only from a record that tells its version', () => {
    expect(keysOf(USER)['aws:securetransport']).toEqual(present('true'))
    expect(keysOf(USER, {}, { tlsDetails: { tlsVersion: null } })).not.toHaveProperty('aws:securetransport')
    expect(keysOf(USER, {}, { tlsDetails: null })).not.toHaveProperty('aws:securetransport')
  })

  it('have no time where the record has none', () => {
    for (const eventTime of [null, 'yesterday']) {
      const denial = denied({ ...record(USER), eventTime })
      expect(denial.timeMs).toBeNull()
      expect(denial.context).not.toHaveProperty('aws:currenttime')
    }
  })

  it('have the account of the role, where the role has one', () => {
    expect(keysOf(USER)['aws:resourceaccount']).toEqual(present('111122223333'))
    const errorMessage =
      'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: sts:AssumeRole on resource: *'
    expect(keysOf(USER, {}, { errorMessage })).not.toHaveProperty('aws:resourceaccount')
  })
})

describe('the parameters of a call', () => {
  const roleSessionName = (name: unknown) =>
    keysOf(USER, {}, { requestParameters: { roleSessionName: name } })['sts:rolesessionname']

  it('are condition keys where they are texts of at most 2,048 characters', () => {
    expect(roleSessionName('x'.repeat(2_048))).toEqual(present('x'.repeat(2_048)))
    expect(roleSessionName('x'.repeat(2_049))).toBeUndefined()
    expect(roleSessionName(17)).toBeUndefined()
    expect(roleSessionName('')).toBeUndefined()
  })

  it('are none with the name of the prototype', () => {
    const parameters: unknown = JSON.parse(`{"__proto__": {"roleArn": "${ROLE}"}, "roleSessionName": "x"}`)
    const read = readCloudTrailRecord({ ...record(USER), requestParameters: parameters })
    expect(Object.entries(read?.requestParameters ?? {})).toEqual([['roleSessionName', 'x']])
  })
})

describe('the role of a call of STS', () => {
  const errorMessage = 'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: sts:AssumeRole'
  const resourceOf = (other: Json) => denied({ ...record(USER), errorMessage, ...other }).resource
  const asResource = (ARN: string | null, type = 'AWS::IAM::Role') => ({ ARN, type, accountId: '111122223333' })

  it('is the parameter, before the resources', () => {
    const resources = [asResource('arn:aws:iam::111122223333:role/other')]
    expect(resourceOf({ requestParameters: { roleArn: ROLE }, resources })).toBe(ROLE)
  })

  it('is a resource where the parameter is no role', () => {
    const resources = [asResource(null), asResource(ROLE, 'AWS::IAM::User'), asResource(ROLE)]
    for (const roleArn of [undefined, 17, 'orders-reader', 'arn:aws:iam::111122223333:user/jane'])
      expect(resourceOf({ requestParameters: { roleArn }, resources })).toBe(ROLE)
  })

  it('is unknown where no resource is a role', () => {
    expect(resourceOf({ resources: [asResource(ROLE, 'AWS::IAM::User')] })).toBeNull()
    expect(resourceOf({ resources: [asResource('arn:aws:iam::111122223333:user/jane')] })).toBeNull()
  })
})

describe('the claims of a federated caller', () => {
  const claimsOf = (name: string, identity: Json, requestParameters?: Json) => {
    const event = record(name)
    const parameters = requestParameters ?? event['requestParameters']
    return denied({ ...event, userIdentity: { ...identityOf(event), ...identity }, requestParameters: parameters })
      .claims
  }
  const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'

  it('have an audience only where provider and subject enclose it', () => {
    const web = (principalId: string | null) => claimsOf('web-identity-github', { principalId, userName: 'repo' })
    expect(web(`${PROVIDER}:sts.amazonaws.com:repo`)?.audience).toBe('sts.amazonaws.com')
    expect(web(`${PROVIDER}::repo`)?.audience).toBeNull()
    expect(web(`${PROVIDER}:sts.amazonaws.com:other`)?.audience).toBeNull()
    expect(web(`elsewhere.example.com:${'x'.repeat(80)}:repo`)?.audience).toBeNull()
    expect(web(null)?.audience).toBeNull()
  })

  it('have no audience without a provider or a subject', () => {
    const without = (identity: Json) => claimsOf('web-identity-github', identity, {})
    expect(without({ identityProvider: null, principalId: 'null:aud:repo', userName: 'repo' })?.audience).toBeNull()
    expect(without({ userName: null, principalId: `${PROVIDER}:aud:null` })?.audience).toBeNull()
  })

  it('have the SAML provider from the parameters alone', () => {
    const saml = (principalArn: unknown) => claimsOf('saml-sign-in', {}, { principalArn })
    const provider = 'arn:aws:iam::111122223333:saml-provider/example-idp'
    expect(saml(provider)?.provider).toBe(provider)
    for (const other of ['example-idp', 'arn:aws:iam::111122223333:role/example-idp', 17, [provider], undefined])
      expect(saml(other)?.provider).toBeNull()
  })

  it('come with the policy that the message names', () => {
    const policy = 'arn:aws:organizations::999999999999:policy/o-abc123/resource_control_policy/p-guard001'
    const errorMessage = `User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: sts:AssumeRoleWithWebIdentity on resource: ${ROLE} with an explicit deny in a resource control policy: ${policy}`
    expect(denied({ ...record('web-identity-github'), errorMessage })).toMatchObject({
      reason: 'explicit-deny-rcp',
      reasonPolicyArn: policy,
    })
  })
})

describe('the principal of a record', () => {
  const by = (subject: string) => `User: ${subject} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`
  const principalOf = (subject: string, identity: Json) =>
    denied({ ...record(USER), errorMessage: by(subject), userIdentity: identity }).principal
  const USER_ARN = 'arn:aws:iam::111122223333:user/jane'

  it('is the one of the message where the record shows none', () => {
    expect(principalOf(USER_ARN, { type: null })).toMatchObject({ kind: 'user', name: 'jane' })
  })

  it('is the caller of the record where that one has no ARN', () => {
    expect(principalOf(USER_ARN, { type: 'AWSService', invokedBy: 'ecs.amazonaws.com' })).toMatchObject({
      kind: 'service',
      name: 'ecs.amazonaws.com',
    })
  })

  it('is the caller where the message names the same user or role in another way', () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/today'
    const caller = { type: 'AssumedRole', arn, accountId: '111122223333' }
    expect(principalOf('arn:aws:sts::111122223333:assumed-role/deploy/yesterday', caller)).toMatchObject({
      kind: 'role',
      arn,
      sessionName: 'today',
    })
  })

  it.each([
    ['a user of the role’s name', 'arn:aws:iam::111122223333:user/deploy'],
    ['a role of another name', 'arn:aws:sts::111122223333:assumed-role/other/today'],
    ['a role of another account', 'arn:aws:sts::444455556666:assumed-role/deploy/today'],
  ])('is unknown where the message names %s', (_, subject) => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/today'
    expect(principalOf(subject, { type: 'AssumedRole', arn, accountId: '111122223333' })).toMatchObject({
      kind: 'unknown',
      arn,
      name: null,
    })
  })

  it('is a role where its ARN has no session', () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deploy'
    expect(principalOf(arn, { type: 'AssumedRole', arn })).toMatchObject({ kind: 'role', name: 'deploy' })
  })
})

describe('a record that a service wrote itself', () => {
  const SERVICE = { type: 'AWSService', invokedBy: 'ecs.amazonaws.com' }

  it('has the service as its principal, and nobody acted for it', () => {
    const denial = denied({ ...record(USER), userIdentity: SERVICE, sourceIPAddress: 'ecs.amazonaws.com' })
    expect(denial).toMatchObject({ via: null, principal: { kind: 'service', name: 'ecs.amazonaws.com' } })
  })

  it('has no facts of a session', () => {
    const context = keysOf(SESSION, { type: 'FederatedUser' })
    for (const key of ['aws:viaawsservice', 'aws:multifactorauthpresent', 'aws:tokenissuetime'])
      expect(context).not.toHaveProperty(key)
  })

  it('names a service only by its principal', () => {
    const viaOf = (invokedBy: string | null, sourceIPAddress: string) => {
      const event = record(SESSION)
      return denied({ ...event, sourceIPAddress, userIdentity: { ...identityOf(event), invokedBy } }).via
    }
    expect(viaOf('cloudformation.amazonaws.com', '203.0.113.17')).toBe('cloudformation.amazonaws.com')
    expect(viaOf(null, 'cloudformation.amazonaws.com.cn')).toBe('cloudformation.amazonaws.com.cn')
    expect(viaOf('AWS Internal', 'AWS Internal')).toBeNull()
    expect(viaOf('example.com', '203.0.113.17')).toBeNull()
  })
})

describe('the id of a denial', () => {
  it('is a digest where the event id of the record is empty', () => {
    expect(denied({ ...record(USER), eventID: 'e-1' }).id).toBe('e-1')
    for (const eventID of ['', ' ', '\u0000', null])
      expect(denied({ ...record(USER), eventID }).id).toMatch(/^msg-[0-9a-f]{24}$/)
  })
})
