import { describe, expect, it } from 'vitest'
import { UsageError } from '../../core/base/errors.ts'
import { snapshotReader, streamedReader } from '../../functions/adapters/files/account-snapshot.ts'

const ACCOUNT = '111122223333'
const arn = (rest: string) => `arn:aws:iam::${ACCOUNT}:${rest}`
const allow = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
})
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

const SNAPSHOT = {
  UserDetailList: [
    {
      Path: '/staff/',
      UserName: 'Jane',
      UserId: 'AIDAJANE',
      Arn: arn('user/staff/Jane'),
      UserPolicyList: [
        { PolicyName: 'own', PolicyDocument: encodeURIComponent(JSON.stringify(allow('s3:GetObject'))) },
      ],
      GroupList: ['Deployers', 'Vanished'],
      AttachedManagedPolicies: [
        { PolicyName: 'ReadOnlyAccess', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
        { PolicyName: 'local', PolicyArn: arn('policy/team/local') },
      ],
      Tags: [{ Key: 'team', Value: 'orders' }],
      SomethingNew: { ignored: true },
    },
  ],
  GroupDetailList: [
    {
      GroupName: 'Deployers',
      Arn: arn('group/Deployers'),
      GroupPolicyList: [{ PolicyName: 'deploy', PolicyDocument: JSON.stringify(allow('ecs:*')) }],
      AttachedManagedPolicies: [],
    },
  ],
  RoleDetailList: [
    {
      RoleName: 'orders-task',
      RoleId: 'AROATASK',
      Arn: arn('role/app/orders-task'),
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(TRUST)),
      InstanceProfileList: [{ InstanceProfileName: 'orders-profile' }],
      RolePolicyList: [{ PolicyName: 'broken', PolicyDocument: { Statement: [{ Effect: 'Perhaps' }] } }],
      AttachedManagedPolicies: [],
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn('policy/edge') },
    },
    {
      RoleName: 'bounded-elsewhere',
      Arn: arn('role/bounded-elsewhere'),
      AssumeRolePolicyDocument: TRUST,
      PermissionsBoundary: { PermissionsBoundaryArn: arn('policy/not-in-the-file') },
    },
  ],
  Policies: [
    {
      PolicyName: 'local',
      Arn: arn('policy/team/local'),
      DefaultVersionId: 'v2',
      PolicyVersionList: [
        { VersionId: 'v1', IsDefaultVersion: false, Document: allow('*') },
        { VersionId: 'v2', IsDefaultVersion: true, Document: allow('sqs:SendMessage') },
      ],
    },
    {
      PolicyName: 'edge',
      Arn: arn('policy/edge'),
      DefaultVersionId: 'v1',
      PolicyVersionList: [{ VersionId: 'v1', Document: allow('ecs:*') }],
    },
  ],
  IsTruncated: false,
}

const read = (snapshot: unknown, name = 'account.json') =>
  snapshotReader({ files: [{ name, text: JSON.stringify(snapshot) }] })
const jane = { accountId: ACCOUNT, kind: 'user', name: 'Jane' } as const

describe('an account snapshot', () => {
  it('reads every inline, attached and group policy of a user, in every document encoding', async () => {
    const user = await read(SNAPSHOT).identity(jane)
    expect(user).toMatchObject({
      kind: 'found',
      value: {
        kind: 'user',
        arn: 'arn:aws:iam::111122223333:user/staff/Jane',
        path: '/staff/',
        uniqueId: 'AIDAJANE',
        tags: { team: 'orders' },
        boundary: { kind: 'absent' },
        policies: [
          { type: 'identity', name: 'own', arn: null, attachedTo: 'arn:aws:iam::111122223333:user/staff/Jane' },
          { name: 'local', arn: 'arn:aws:iam::111122223333:policy/team/local' },
          { name: 'deploy', arn: null, attachedTo: 'arn:aws:iam::111122223333:group/Deployers' },
        ],
      },
    })
    const actions = user.kind === 'found' ? user.value.policies.map(policy => policy.document.Statement[0]?.Action) : []
    expect(actions).toEqual(['s3:GetObject', 'sqs:SendMessage', 'ecs:*'])
  })

  it('treats an attached policy or a group that the file lacks as unseen, not absent', async () => {
    const user = await read(SNAPSHOT).identity(jane)
    expect(user.kind === 'found' && user.value.unseen).toEqual([
      {
        fact: 'policy arn:aws:iam::aws:policy/ReadOnlyAccess of arn:aws:iam::111122223333:user/staff/Jane',
        why: 'the snapshot lacks its default version',
      },
      {
        fact: 'policies of group Vanished of arn:aws:iam::111122223333:user/staff/Jane',
        why: 'the snapshot lacks the group',
      },
    ])
  })

  it('reads the trust policy and boundary of a role, and treats an unparsable policy as unseen', async () => {
    const role = await read(SNAPSHOT).role({ accountId: ACCOUNT, name: 'orders-task' })
    expect(role).toMatchObject({
      kind: 'found',
      value: {
        arn: 'arn:aws:iam::111122223333:role/app/orders-task',
        path: '/app/',
        policies: [],
        unseen: [{ fact: 'policy broken of arn:aws:iam::111122223333:role/app/orders-task' }],
        boundary: { kind: 'found', value: { type: 'boundary', name: 'edge' } },
        trust: { known: true, value: TRUST },
      },
    })
  })

  it('treats a boundary that the file lacks as unreadable', async () => {
    const role = await read(SNAPSHOT).role({ accountId: ACCOUNT, name: 'bounded-elsewhere' })
    expect(role.kind === 'found' && role.value.boundary.kind).toBe('unreadable')
  })

  it('finds an entity ignoring case, because IAM names are unique ignoring case', async () => {
    const role = await read(SNAPSHOT).role({ accountId: ACCOUNT, name: 'ORDERS-TASK' })
    expect(role.kind === 'found' && role.value.name).toBe('orders-task')
  })

  it('distinguishes a role that does not exist from one whose account or list is missing', async () => {
    const { UserDetailList, GroupDetailList, Policies } = SNAPSHOT
    const nobody = { accountId: ACCOUNT, name: 'nobody' }
    expect(await read(SNAPSHOT).role(nobody)).toEqual({ kind: 'absent' })
    expect(await read(SNAPSHOT).role({ ...nobody, accountId: '444455556666' })).toEqual({
      kind: 'unreadable',
      why: 'no snapshot of account 444455556666 was given (aws iam get-account-authorization-details prints one)',
    })
    expect(await read({ UserDetailList, GroupDetailList, Policies }).role(nobody)).toEqual({
      kind: 'unreadable',
      why: 'account.json has no RoleDetailList',
    })
    expect(await read({ ...SNAPSHOT, IsTruncated: true }).role(nobody)).toEqual({
      kind: 'unreadable',
      why: 'account.json is truncated (IsTruncated)',
    })
  })

  it('follows an instance profile to its role', async () => {
    const reader = read(SNAPSHOT)
    expect(await reader.instanceProfileRole({ accountId: ACCOUNT, name: 'orders-profile' })).toEqual({
      kind: 'found',
      value: 'arn:aws:iam::111122223333:role/app/orders-task',
    })
    expect(await reader.instanceProfileRole({ accountId: ACCOUNT, name: 'other' })).toEqual({ kind: 'absent' })
  })

  it('lists every role of the account with its trust policy', async () => {
    const roles = await read(SNAPSHOT).roles(ACCOUNT)
    expect(roles.known && roles.value.map(({ arn, trust }) => [arn, trust.known])).toEqual([
      ['arn:aws:iam::111122223333:role/app/orders-task', true],
      ['arn:aws:iam::111122223333:role/bounded-elsewhere', true],
    ])
  })

  it('knows no organization without an organization file', async () => {
    expect((await read(SNAPSHOT).organization()).known).toBe(false)
    expect((await read(SNAPSHOT).serviceControlPolicies(ACCOUNT)).known).toBe(false)
  })
})

describe('a snapshot of any length', () => {
  async function* pieces(text: string, bytes: number) {
    const all = Buffer.from(text)
    for (let at = 0; at < all.length; at += bytes) yield all.subarray(at, at + bytes)
  }
  const streamed = (snapshot: unknown, bytes: number) =>
    streamedReader({ files: [{ name: 'account.json', chunks: pieces(JSON.stringify(snapshot, null, 4), bytes) }] })

  it('is read piece by piece, and answers the same', async () => {
    const whole = read(SNAPSHOT)
    for (const bytes of [1, 7, 1_000]) {
      const reader = await streamed(SNAPSHOT, bytes)
      expect(await reader.identity(jane)).toEqual(await whole.identity(jane))
      for (const name of ['orders-task', 'bounded-elsewhere', 'nobody'])
        expect(await reader.role({ accountId: ACCOUNT, name })).toEqual(await whole.role({ accountId: ACCOUNT, name }))
      expect(await reader.roles(ACCOUNT)).toEqual(await whole.roles(ACCOUNT))
      expect(reader.given).toEqual([
        {
          accountId: ACCOUNT,
          roleArns: [arn('role/app/orders-task'), arn('role/bounded-elsewhere')],
          userArns: [arn('user/staff/Jane')],
        },
      ])
    }
  })

  it('is refused where a piece shows that it is none, and names the file', async () => {
    const chunks = pieces('{"RoleDetailList": [}', 3)
    await expect(streamedReader({ files: [{ name: 'account.json', chunks }] })).rejects.toThrow(
      new UsageError('account.json: is not JSON'),
    )
  })

  it('is refused where an entry is not UTF-8, before a wrong name can hide a role', async () => {
    const { RoleDetailList } = SNAPSHOT
    const text = JSON.stringify({ RoleDetailList: [...RoleDetailList, { RoleName: 'café', Arn: arn('role/café') }] })
    const chunks = (async function* () {
      yield Buffer.from(text, 'latin1')
    })()
    await expect(streamedReader({ files: [{ name: 'account.json', chunks }] })).rejects.toThrow(
      new UsageError('account.json: RoleDetailList[2] is not UTF-8. Save the file as UTF-8 and try again.'),
    )
  })

  it('parses an entry of a large account when it is asked for, and then says where it is wrong', async () => {
    const roles = Array.from({ length: 3_000 }, (_, at) => ({
      RoleName: `service-${at}`,
      Arn: arn(`role/service-${at}`),
      AssumeRolePolicyDocument: TRUST,
      Tags: at === 2_345 ? 'none' : [],
    }))
    const reader = await streamed({ RoleDetailList: roles }, 50_000)
    const role = (name: string) => reader.role({ accountId: ACCOUNT, name })
    expect(await role('service-2344')).toMatchObject({ kind: 'found', value: { trust: { known: true, value: TRUST } } })
    await expect(role('service-2345')).rejects.toThrow(
      new UsageError('account.json: RoleDetailList[2345].Tags: Invalid input: expected array, received string'),
    )
    const nameless = [...roles, { Arn: arn('role/x') }]
    await expect(streamed({ RoleDetailList: nameless }, 50_000)).rejects.toThrow(
      new UsageError('account.json: RoleDetailList[3000].RoleName: Invalid input: expected string, received undefined'),
    )
  })
})

describe('a file that is not a snapshot', () => {
  const WRONG: { readonly [why: string]: readonly [text: string, message: string] } = {
    'is empty': ['', 'account.json: is empty'],
    'is not JSON': ['{"RoleDetailList": [', 'account.json: is not JSON'],
    'is a list': [
      '[1]',
      'account.json: not the output of aws iam get-account-authorization-details (Invalid input: expected object, received array)',
    ],
    'is some other object': [
      '{"Records": []}',
      'account.json: not the output of aws iam get-account-authorization-details (no RoleDetailList)',
    ],
    'has a list of another type': [
      '{"RoleDetailList": 7}',
      'account.json: RoleDetailList: Invalid input: expected array, received number',
    ],
    'has a role without a name': [
      `{"RoleDetailList": [{"Arn": "${arn('role/x')}"}]}`,
      'account.json: RoleDetailList[0].RoleName: Invalid input: expected string, received undefined',
    ],
    'has an ARN that is none': [
      '{"RoleDetailList": [{"Arn": "role/x", "RoleName": "x"}]}',
      'account.json: RoleDetailList[0].Arn: not an IAM ARN',
    ],
    'names no account': [
      '{"RoleDetailList": []}',
      'account.json: contains no account id (no user, group, role or customer-managed policy)',
    ],
    'mixes two accounts': [
      `{"RoleDetailList": [{"Arn": "${arn('role/x')}", "RoleName": "x"}, {"Arn": "arn:aws:iam::444455556666:role/y", "RoleName": "y"}]}`,
      'account.json: mixes accounts 111122223333 and 444455556666; give one file per account',
    ],
    'is two documents': [
      '{"RoleDetailList": []}\n{"RoleDetailList": []}',
      'account.json: is more than one JSON document; give one file per account, the output of one aws iam get-account-authorization-details',
    ],
    'is truncated in an unknown way': [
      '{"RoleDetailList": [], "IsTruncated": "no"}',
      'account.json: IsTruncated: Invalid input: expected boolean, received string',
    ],
    'has an entry of another type': [
      '{"RoleDetailList": [7]}',
      'account.json: RoleDetailList[0]: Invalid input: expected object, received number',
    ],
    'has wrong tags': [
      `{"RoleDetailList": [{"Arn": "${arn('role/x')}", "RoleName": "x", "Tags": [{"Key": 1, "Value": ""}]}]}`,
      'account.json: RoleDetailList[0].Tags[0].Key: Invalid input: expected string, received number',
    ],
    'is nested without end': ['['.repeat(200_000), 'account.json: is not JSON'],
  }
  for (const [why, [text, message]] of Object.entries(WRONG)) {
    it(`that ${why} is refused in one line with the place`, () => {
      const reading = () => snapshotReader({ files: [{ name: 'account.json', text }] })
      expect(reading).toThrow(UsageError)
      expect(reading).toThrow(new UsageError(message))
    })
  }

  it('that repeats an account is refused, and both files are named', () => {
    const text = JSON.stringify(SNAPSHOT)
    const files = [
      { name: 'a.json', text },
      { name: 'b.json', text },
    ]
    expect(() => snapshotReader({ files })).toThrow('b.json: account 111122223333 is already in a.json')
  })
})
