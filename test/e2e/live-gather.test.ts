import { GetAccountAuthorizationDetailsCommand, IAMClient } from '@aws-sdk/client-iam'
import { OrganizationsClient } from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Denial } from '../../core/denial/denial.ts'
import { parseRecord } from '../../core/denial/parse-denial.ts'
import type { AccessSnapshot } from '../../core/iam/evaluation/access-snapshot.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { type AccountAccess, assumedAccess } from '../../functions/adapters/aws/iam/account-access.ts'
import { liveReader } from '../../functions/adapters/aws/iam/iam-reader.ts'
import { meter } from '../../functions/adapters/aws/iam/read-calls.ts'
import { organizationReader } from '../../functions/adapters/aws/organizations/organizations.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import type { AccessReader } from '../../functions/ports/access-reader.ts'
import { gather, withTargetPolicies } from '../../functions/workflows/denial/gather-access.ts'
import { fillAccount, plantOrganization, type Tree } from './live-account.ts'
import { type Moto, startMoto } from './moto.ts'

let moto: Moto
let tree: Tree
let member: Moto['client']

beforeAll(async () => {
  moto = await startMoto()
  for (const [name, value] of Object.entries(moto.env)) process.env[name] = value
  tree = await plantOrganization(moto)
  member = await moto.clientOf(tree.memberId)
  await fillAccount(new IAMClient(member))
})
afterAll(() => moto?.stop())

/** PassRole on orders-task, refused to `deployer` (a role session) or to jane. */
function denialOf(caller: 'deployer' | 'jane'): Denial {
  const { memberId } = tree
  const arn =
    caller === 'jane'
      ? `arn:aws:iam::${memberId}:user/staff/jane`
      : `arn:aws:sts::${memberId}:assumed-role/deployer/pipeline`
  const parsed = parseRecord({
    eventID: '11111111-2222-4333-8444-555555555555',
    eventTime: '2026-11-24T22:00:00Z',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'RegisterTaskDefinition',
    awsRegion: 'eu-west-1',
    recipientAccountId: memberId,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${arn} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::${memberId}:role/orders-task because no identity-based policy allows the iam:PassRole action`,
    userIdentity:
      caller === 'jane'
        ? { type: 'IAMUser', principalId: 'AIDAJANE', arn, accountId: memberId, userName: 'jane' }
        : {
            type: 'AssumedRole',
            principalId: 'AROADEPLOYER:pipeline',
            arn,
            accountId: memberId,
            sessionContext: {
              sessionIssuer: {
                type: 'Role',
                arn: `arn:aws:iam::${memberId}:role/ci/deployer`,
                accountId: memberId,
                userName: 'deployer',
              },
            },
          },
    requestParameters: { taskRoleArn: `arn:aws:iam::${memberId}:role/orders-task` },
  })
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

/** The live reader with the member's credentials. Each named command is refused. */
function live(refused: readonly string[] = []) {
  const calls = meter()
  const iam = new IAMClient(member)
  const organizations = new OrganizationsClient(moto.client)
  for (const client of [iam, organizations])
    client.middlewareStack.add(
      (next, context) => args => {
        if (!refused.some(name => context.commandName === `${name}Command`)) return next(args)
        return Promise.reject(Object.assign(new Error('not allowed by the test'), { name: 'AccessDenied' }))
      },
      { step: 'initialize' },
    )
  const access: AccountAccess = { iam, accountId: async () => tree.memberId, saw: () => {}, depth: 0 }
  const reader = liveReader({
    clock: Date.now,
    access: () => access,
    organizations: organizationReader({ client: organizations, clock: Date.now, ownAccountId: async () => null }),
    meter: calls,
  })
  return { reader, calls }
}

async function snapshot(): Promise<AccessReader> {
  const details = await new IAMClient(member).send(new GetAccountAuthorizationDetailsCommand({}))
  // moto before 5.2 leaves the boundaries of roles out of this answer; AWS gives them.
  for (const role of details.RoleDetailList ?? []) {
    if (role.RoleName === 'deployer')
      role.PermissionsBoundary = { PermissionsBoundaryArn: `arn:aws:iam::${tree.memberId}:policy/edge` }
  }
  return snapshotReader({ files: [{ name: 'member.json', text: JSON.stringify(details) }] })
}

/** What both kinds of reading can see, regardless of order. */
function comparable({ caller, targets }: AccessSnapshot) {
  const byName = (a: SourcedPolicy, b: SourcedPolicy) => (a.name < b.name ? -1 : 1)
  const sorted = <T extends { kind: string }>(read: T): T =>
    JSON.parse(
      JSON.stringify(read, (key, value) => {
        // moto's counts of attachments differ between its answers.
        if (key === 'attachments') return undefined
        return key === 'policies' ? [...(value as SourcedPolicy[])].sort(byName) : value
      }),
    )
  return { caller: sorted(caller), targets: targets.map(({ arn, role }) => ({ arn, role: sorted(role) })) }
}

describe('reading a live account', () => {
  for (const caller of ['deployer', 'jane'] as const) {
    it(`gives the same snapshot of ${caller} as a snapshot of the account`, async () => {
      const { reader } = live()
      const denial = denialOf(caller)
      const fromLive = await withTargetPolicies(await gather(denial, reader), reader)
      const fromSnapshot = await gather(denial, await snapshot())
      expect(comparable(fromLive)).toEqual(comparable(fromSnapshot))
      expect(fromLive.caller.kind).toBe('found')
      expect(fromLive.targets[0]?.role.kind).toBe('found')
    })
  }

  it('sees every policy of a role, its boundary and the default version of a managed policy', async () => {
    const { caller } = await gather(denialOf('deployer'), live().reader)
    if (caller.kind !== 'found') throw new Error(caller.kind)
    const actions = caller.value.policies.map(({ name, document }) => [name, document.Statement[0]?.Action])
    expect(Object.fromEntries(actions)).toEqual({
      one: 'ecs:one',
      two: 'ecs:two',
      read: 's3:GetObject',
      write: 's3:write',
      deploy: 's3:deploy',
    })
    expect(caller.value.unseen).toEqual([])
    expect(caller.value.boundary).toMatchObject({ kind: 'found', value: { name: 'edge', type: 'boundary' } })
    expect(caller.value.tags).toEqual({ team: 'orders' })
  })

  it('sees the policies that a user has from a group', async () => {
    const { caller } = await gather(denialOf('jane'), live().reader)
    if (caller.kind !== 'found') throw new Error(caller.kind)
    const where = caller.value.policies.map(({ name, attachedTo }) => `${name} ${attachedTo.split(':').at(-1)}`).sort()
    expect(where).toEqual([
      'group group/deployers',
      'own user/staff/jane',
      'read user/staff/jane',
      'write group/deployers',
    ])
  })

  it('walks up the organization and gives the SCPs of each level, root first', async () => {
    const { organization, scps } = await gather(denialOf('deployer'), live().reader)
    expect(organization).toEqual({
      known: true,
      value: { id: tree.organizationId, managementAccountId: tree.managementAccountId },
    })
    if (!scps.known) throw new Error(scps.why)
    expect(scps.value.map(({ id, policies }) => [id, policies.map(({ name }) => name).sort()])).toEqual([
      [tree.rootId, ['FullAWSAccess', 'root-guard']],
      [tree.unitId, ['FullAWSAccess', 'unit-guard']],
      [tree.memberId, ['FullAWSAccess', 'account-guard']],
    ])
    const own = scps.value.map(({ policies }) => policies.find(({ name }) => name !== 'FullAWSAccess'))
    expect(own.map(policy => policy?.document.Statement[0])).toEqual([
      { Effect: 'Deny', Action: 'root:*', Resource: '*' },
      { Effect: 'Deny', Action: 'unit:*', Resource: '*' },
      { Effect: 'Deny', Action: 'account:*', Resource: '*' },
    ])
  })

  it('reads another account through the reader role of that account', async () => {
    const access = assumedAccess({ roleName: 'rolemedic-reader', region: 'eu-west-1', membershipOf: null })
    const organizations = organizationReader({
      client: new OrganizationsClient(moto.client),
      clock: Date.now,
      ownAccountId: async () => null,
    })
    const reader = liveReader({ clock: Date.now, access, organizations })
    const role = await reader.role({ accountId: tree.memberId, name: 'deployer' })
    expect(role.kind === 'found' && role.value.arn).toBe(`arn:aws:iam::${tree.memberId}:role/ci/deployer`)
    expect(await reader.role({ accountId: tree.managementAccountId, name: 'deployer' })).toEqual({ kind: 'absent' })
  })

  it('names the roles that are there when the one asked for is not', async () => {
    const denial = denialOf('deployer')
    const missing = `arn:aws:iam::${tree.memberId}:role/order-task`
    const { targets } = await gather({ ...denial, resource: missing, passes: [] }, live().reader)
    expect(targets).toEqual([
      {
        arn: missing,
        role: { kind: 'absent' },
        near: { known: true, value: [`arn:aws:iam::${tree.memberId}:role/orders-task`] },
      },
    ])
  })
})

describe('the cost of reading a typical role live, cold', () => {
  /** 2 inline, 3 managed, a boundary, one role to be passed; no right to read Organizations. */
  it('is at most 12 requests to IAM, three deep', async () => {
    const { reader, calls } = live(['DescribeAccount', 'DescribeOrganization'])
    await gather(denialOf('deployer'), reader)
    const { calls: all, depth } = calls.take()
    const organizationCalls = 2
    expect(all - organizationCalls).toBe(11)
    expect(depth).toBe(3)
  })

  it('is less when the versions of the managed policies are known from before', async () => {
    const { reader, calls } = live()
    await gather(denialOf('deployer'), reader)
    calls.take()
    await gather(denialOf('deployer'), reader)
    // GetRole twice, two lists, two inline policies, one list of managed policies.
    expect(calls.take()).toEqual({ calls: 7, depth: 2 })
  })
})

describe('a read that is refused', () => {
  const deployer = () => `arn:aws:iam::${tree.memberId}:role/ci/deployer`
  const jane = () => `arn:aws:iam::${tree.memberId}:user/staff/jane`
  const managed = (name: string) => `arn:aws:iam::${tree.memberId}:policy/${name}`

  async function unseenOf(caller: 'deployer' | 'jane', refused: readonly string[]) {
    const snapshot = await gather(denialOf(caller), live(refused).reader)
    if (snapshot.caller.kind !== 'found') throw new Error(snapshot.caller.kind)
    const { unseen, boundary } = snapshot.caller.value
    for (const { why } of unseen) expect(why).toContain(`iam:${refused.at(-1)} was refused: not allowed by the test`)
    return { unseen: unseen.map(({ fact }) => fact).sort(), boundary: boundary.kind }
  }

  it('of the caller or the role leaves that entity unreadable, not absent', async () => {
    const why = 'iam:GetRole was refused: not allowed by the test'
    const ofRole = await gather(denialOf('deployer'), live(['GetRole']).reader)
    expect(ofRole.caller).toEqual({ kind: 'unreadable', why })
    expect(ofRole.targets[0]?.role).toEqual({ kind: 'unreadable', why })
    const ofUser = await gather(denialOf('jane'), live(['GetUser']).reader)
    expect(ofUser.caller).toEqual({ kind: 'unreadable', why: 'iam:GetUser was refused: not allowed by the test' })
    expect(ofUser.targets[0]?.role.kind).toBe('found')
  })

  it('of a list leaves everything on it unseen', async () => {
    expect(await unseenOf('deployer', ['ListRolePolicies'])).toEqual({
      unseen: [`inline policies of ${deployer()}`],
      boundary: 'found',
    })
    expect(await unseenOf('deployer', ['ListAttachedRolePolicies'])).toEqual({
      unseen: [`attached policies of ${deployer()}`],
      boundary: 'found',
    })
    expect((await unseenOf('jane', ['ListUserPolicies'])).unseen).toEqual([`inline policies of ${jane()}`])
    expect((await unseenOf('jane', ['ListAttachedUserPolicies'])).unseen).toEqual([`attached policies of ${jane()}`])
    expect((await unseenOf('jane', ['ListGroupsForUser'])).unseen).toEqual([`groups of ${jane()}`])
    const group = `arn:aws:iam::${tree.memberId}:group/deployers`
    expect((await unseenOf('jane', ['ListGroupPolicies'])).unseen).toEqual([`inline policies of ${group}`])
    expect((await unseenOf('jane', ['ListAttachedGroupPolicies'])).unseen).toEqual([`attached policies of ${group}`])
  })

  it('of one policy leaves that policy unseen', async () => {
    expect(await unseenOf('deployer', ['GetRolePolicy'])).toEqual({
      unseen: [`policy one of ${deployer()}`, `policy two of ${deployer()}`],
      boundary: 'found',
    })
    expect((await unseenOf('jane', ['GetUserPolicy'])).unseen).toEqual([`policy own of ${jane()}`])
    expect((await unseenOf('jane', ['GetGroupPolicy'])).unseen).toEqual([
      `policy group of arn:aws:iam::${tree.memberId}:group/deployers`,
    ])
    expect(await unseenOf('deployer', ['GetPolicyVersion'])).toEqual({
      unseen: ['deploy', 'read', 'write'].map(name => `policy ${managed(name)} of ${deployer()}`),
      boundary: 'unreadable',
    })
    expect(await unseenOf('deployer', ['ListPolicies', 'GetPolicy'])).toEqual({
      unseen: ['deploy', 'read', 'write'].map(name => `policy ${managed(name)} of ${deployer()}`),
      boundary: 'unreadable',
    })
  })

  it('of a listing that only saves requests loses nothing', async () => {
    expect(await unseenOf('deployer', ['ListPolicies'])).toEqual({ unseen: [], boundary: 'found' })
    expect(await unseenOf('deployer', ['GetPolicy'])).toEqual({ unseen: [], boundary: 'found' })
  })

  it('of the organization leaves SCPs and RCPs unknown, with the reason', async () => {
    for (const command of ['DescribeAccount', 'ListParents', 'ListPoliciesForTarget', 'DescribePolicy']) {
      const { scps, rcps, caller } = await gather(denialOf('deployer'), live([command]).reader)
      const why = `organizations:${command} was refused: not allowed by the test`
      expect({ command, scps }).toEqual({ command, scps: { known: false, why } })
      expect(rcps.known).toBe(false)
      expect(caller.kind).toBe('found')
    }
  })

  it('of near names leaves them unknown', async () => {
    const missing = { ...denialOf('deployer'), resource: `arn:aws:iam::${tree.memberId}:role/nobody`, passes: [] }
    const { targets } = await gather(missing, live(['ListRoles']).reader)
    expect(targets[0]?.near).toEqual({
      known: false,
      why: 'iam:ListRoles was refused: not allowed by the test',
    })
  })
})
