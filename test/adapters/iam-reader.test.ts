import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AccountAccess, assumedAccess } from '../../functions/adapters/aws/iam/account-access.ts'
import { liveReader } from '../../functions/adapters/aws/iam/iam-reader.ts'
import type { VersionCache } from '../../functions/adapters/aws/iam/managed-policies.ts'
import { meter } from '../../functions/adapters/aws/iam/read-calls.ts'
import { organizationReader } from '../../functions/adapters/aws/organizations/organizations.ts'
import type { AccountMembership } from '../../functions/ports/access-reader.ts'

const ACCOUNT = '111122223333'
const ALLOW = encodeURIComponent(
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
)
const role = {
  Path: '/',
  RoleName: 'deployer',
  RoleId: 'AROADEPLOYER',
  Arn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
  CreateDate: new Date(0),
  AssumeRolePolicyDocument: ALLOW,
}
const policy = (name: string, owner = ACCOUNT) => `arn:aws:iam::${owner}:policy/${name}`
const deployer = { accountId: ACCOUNT, kind: 'role', name: 'deployer' } as const

const client = new IAMClient({ region: 'eu-west-1' })
const iam = mockClient(client)
const access: AccountAccess = { iam: client, accountId: async () => ACCOUNT, saw: () => {}, depth: 0 }
const organizations = organizationReader({
  client: new OrganizationsClient({ region: 'eu-west-1' }),
  clock: () => 0,
  ownAccountId: async () => ACCOUNT,
})

/** A role with these managed policies and, with `edge`, a boundary. */
function carries(attached: readonly string[], edge?: string) {
  iam.reset()
  iam.on(GetRoleCommand).resolves({
    Role: edge === undefined ? role : { ...role, PermissionsBoundary: { PermissionsBoundaryArn: edge } },
  })
  iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: [] })
  iam.on(ListAttachedRolePoliciesCommand).resolves({ AttachedPolicies: attached.map(PolicyArn => ({ PolicyArn })) })
  iam.on(GetPolicyVersionCommand).resolves({ PolicyVersion: { Document: ALLOW } })
  iam.on(GetPolicyCommand).resolves({ Policy: { PolicyId: 'ANPAFIRST', DefaultVersionId: 'v1' } })
  iam.on(ListPoliciesCommand).callsFake(({ Scope }) => ({
    Policies: [...attached, ...(edge === undefined ? [] : [edge])]
      .filter(arn => Scope === 'All' || !arn.includes('::aws:'))
      .map(Arn => ({ Arn, DefaultVersionId: 'v1' })),
  }))
}

describe('looking up default versions', () => {
  const own = ['a', 'b', 'c'].map(name => policy(name))
  const aws = ['x', 'y', 'z'].map(name => policy(name, 'aws'))
  const COSTS: readonly (readonly [
    what: string,
    attached: readonly string[],
    edge: string | undefined,
    calls: number,
  ])[] = [
    ['of one policy asks for it by name', [policy('a')], undefined, 3 + 1 + 1],
    ["of the account's own policies takes one listing", own, policy('edge'), 3 + 1 + 4],
    ["of AWS's policies takes one listing, and the boundary by name", aws, policy('edge'), 3 + 2 + 4],
    ['of both kinds takes the cheaper listing', [...own.slice(1), ...aws.slice(2)], policy('edge'), 3 + 2 + 4],
  ]
  for (const [what, attached, edge, expected] of COSTS)
    it(what, async () => {
      carries(attached, edge)
      const calls = meter()
      const read = await liveReader({ clock: Date.now, access: () => access, organizations, meter: calls }).identity(
        deployer,
      )
      if (read.kind !== 'found') throw new Error(read.kind)
      expect(read.value.policies.map(({ arn }) => arn)).toEqual(attached)
      expect(read.value.boundary.kind).toBe(edge === undefined ? 'absent' : 'found')
      const taken = calls.take()
      expect(taken.calls).toBe(expected)
      expect(taken.depth).toBe(3)
    })

  it('asks by name for what the first page of a listing does not hold', async () => {
    carries(own)
    iam.on(ListPoliciesCommand).resolves({ Policies: [], IsTruncated: true, Marker: 'next' })
    const read = await liveReader({ clock: Date.now, access: () => access, organizations }).identity(deployer)
    expect(read.kind === 'found' && read.value.policies.map(({ arn }) => arn)).toEqual(own)
    expect(iam.commandCalls(GetPolicyCommand)).toHaveLength(3)
  })

  it('reads a version once in the life of a process, and asks each time which is the default', async () => {
    carries([policy('a')])
    const versions: VersionCache = new Map()
    const reader = () => liveReader({ clock: Date.now, access: () => access, organizations, versions })
    await reader().identity(deployer)
    await reader().identity(deployer)
    expect(iam.commandCalls(GetPolicyVersionCommand)).toHaveLength(1)
    expect(iam.commandCalls(GetPolicyCommand)).toHaveLength(2)
    iam.on(GetPolicyCommand).resolves({ Policy: { PolicyId: 'ANPAFIRST', DefaultVersionId: 'v2' } })
    await reader().identity(deployer)
    expect(iam.commandCalls(GetPolicyVersionCommand)).toHaveLength(2)
  })

  it('reads the first version of a policy that was deleted and created again under the same name', async () => {
    carries([policy('a')])
    const versions: VersionCache = new Map()
    const reader = () => liveReader({ clock: Date.now, access: () => access, organizations, versions })
    await reader().identity(deployer)
    iam.on(GetPolicyCommand).resolves({ Policy: { PolicyId: 'ANPASECOND', DefaultVersionId: 'v1' } })
    const Document = ALLOW.replace('Allow', 'Deny')
    iam.on(GetPolicyVersionCommand).resolves({ PolicyVersion: { Document } })
    const read = await reader().identity(deployer)
    expect(read).toMatchObject({ value: { policies: [{ document: { Statement: [{ Effect: 'Deny' }] } }] } })
  })

  it('takes a boundary whose policy is missing for a boundary that cannot be read', async () => {
    carries([], policy('edge'))
    iam.on(GetPolicyCommand).rejects(Object.assign(new Error('gone'), { name: 'NoSuchEntityException' }))
    const read = await liveReader({ clock: Date.now, access: () => access, organizations }).identity(deployer)
    expect(read.kind === 'found' && read.value.boundary.kind).toBe('unreadable')
  })

  it('follows a listing over its pages', async () => {
    carries([])
    iam
      .on(ListAttachedRolePoliciesCommand)
      .resolvesOnce({ AttachedPolicies: [{ PolicyArn: policy('a') }], IsTruncated: true, Marker: 'two' })
      .resolves({ AttachedPolicies: [{ PolicyArn: policy('b') }] })
    const read = await liveReader({ clock: Date.now, access: () => access, organizations }).identity(deployer)
    expect(read.kind === 'found' && read.value.policies.map(({ name }) => name)).toEqual(['a', 'b'])
  })
})

describe('a fault while many reads are under way', () => {
  it('is told once, and nothing is left unhandled', async () => {
    iam.reset()
    iam.onAnyCommand().rejects(Object.assign(new Error('down'), { name: 'ServiceFailure' }))
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const reader = liveReader({ clock: Date.now, access: () => access, organizations })
    await expect(reader.identity(deployer)).rejects.toThrow(/failed: ServiceFailure: down/)
    await expect(reader.identity({ ...deployer, kind: 'user' })).rejects.toThrow(/failed: ServiceFailure: down/)
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('credentials of another account', () => {
  const elsewhere = { ...access, accountId: async () => '444455556666' }

  it('do not make a role of that account ours', async () => {
    carries([])
    iam.on(GetRoleCommand).resolves({ Role: { ...role, Arn: 'arn:aws:iam::444455556666:role/deployer' } })
    expect(await liveReader({ clock: Date.now, access: () => elsewhere, organizations }).role(deployer)).toEqual({
      kind: 'unreadable',
      why: 'these credentials read account 444455556666, not 111122223333',
    })
  })

  it('do not make a role of ours absent', async () => {
    carries([])
    iam.on(GetRoleCommand).rejects(Object.assign(new Error('none'), { name: 'NoSuchEntityException' }))
    expect((await liveReader({ clock: Date.now, access: () => elsewhere, organizations }).role(deployer)).kind).toBe(
      'unreadable',
    )
    expect(await liveReader({ clock: Date.now, access: () => access, organizations }).role(deployer)).toEqual({
      kind: 'absent',
    })
  })
})

describe('the reader role of an account', () => {
  let server: Server
  let answers: { status: number; body: string }[]
  const seen: string[] = []
  const before = { ...process.env }

  beforeEach(async () => {
    seen.length = 0
    server = createServer((request, response) => {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => {
        seen.push(new URLSearchParams(body).get('Action') ?? '')
        const answer = answers.shift() ?? { status: 500, body: '' }
        response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body)
      })
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    process.env['AWS_ACCESS_KEY_ID'] = 'any'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'any'
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
    process.env = { ...before }
  })

  const error = (code: string, message: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
  const assumed =
    '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>'
  const gotRole = `<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>deployer</RoleName><RoleId>AROA</RoleId><Arn>${role.Arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>${ALLOW}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`
  const read = () => {
    const byRole = assumedAccess({ roleName: 'rolemedic-reader', region: 'eu-west-1', membershipOf: null })
    return liveReader({ clock: Date.now, access: byRole, organizations }).role(deployer, 'trust')
  }

  it('that may not be assumed leaves the account unreadable, with the reason', async () => {
    answers = [{ status: 403, body: error('AccessDenied', 'not authorized to assume') }]
    const answer = await read()
    expect(answer.kind === 'unreadable' && answer.why).toMatch(
      /^iam:GetRole was refused: the reader role arn:aws:iam::111122223333:role\/rolemedic-reader cannot be assumed: not authorized/,
    )
  })

  it.each([
    ['stranger', 'account 111122223333 is not in the organization, so its reader role is not assumed'],
    [
      'unknown',
      'account 111122223333 is not known to be in the organization, so its reader role is not assumed: let the bot read Organizations, or list the account in organizationAccounts',
    ],
  ] as const)('is not assumed in the account of a %s', async (membership, why) => {
    const byRole = assumedAccess({
      roleName: 'rolemedic-reader',
      region: 'eu-west-1',
      membershipOf: async account => (account === ACCOUNT ? membership : 'member'),
    })
    const answer = await liveReader({ clock: Date.now, access: byRole, organizations }).role(deployer, 'trust')
    expect(answer).toEqual({ kind: 'unreadable', why: `iam:GetRole was refused: ${why}` })
    expect(seen).toEqual([])
  })

  it('is assumed in the account of a member', async () => {
    const membershipOf: AccountMembership = async account => (account === ACCOUNT ? 'member' : 'stranger')
    const byRole = assumedAccess({ roleName: 'rolemedic-reader', region: 'eu-west-1', membershipOf })
    answers = [
      { status: 200, body: assumed },
      { status: 200, body: gotRole },
    ]
    expect((await liveReader({ clock: Date.now, access: byRole, organizations }).role(deployer, 'trust')).kind).toBe(
      'found',
    )
    expect(seen).toEqual(['AssumeRole', 'GetRole'])
  })

  it('waits and asks again when IAM throttles', async () => {
    answers = [
      { status: 200, body: assumed },
      { status: 400, body: error('Throttling', 'Rate exceeded') },
      { status: 200, body: gotRole },
    ]
    expect((await read()).kind).toBe('found')
    expect(seen).toEqual(['AssumeRole', 'GetRole', 'GetRole'])
  })
})
