import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DescribeAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { checked, inTurn } from '../../cli/use-cases/doctor/check.ts'
import { historyCheck } from '../../cli/use-cases/doctor/event-history.ts'
import { readAlarms, readSubscribers } from '../../cli/use-cases/doctor/hub/alerts.ts'
import { clockCheck, placesOf } from '../../cli/use-cases/doctor/live-checks.ts'
import { organizationChecks } from '../../cli/use-cases/doctor/organization.ts'
import { readerCheck, type TrustedBy, writerCheck } from '../../cli/use-cases/doctor/roles.ts'
import { MAX_WILDCARD_RULES, ruleChecks, type SeenRule } from '../../cli/use-cases/doctor/rules.ts'
import { loggedBy, type SeenTrail, type Selectors, trailCheck } from '../../cli/use-cases/doctor/trail.ts'
import { known, unknown } from '../../core/base/fact.ts'
import { SCOPES } from '../../functions/adapters/slack/chat/scopes.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { ORGANIZATION_READS, organizationsPolicy } from '../../infra/organizations-policy.ts'
import { parseSettings } from '../../infra/settings.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const MANAGEMENT = { Field: 'eventCategory', Equals: ['Management'] }
const basic = (...parts: Selectors['basic']): Selectors => ({ basic: parts, advanced: [] })
const advanced = (...fields: NonNullable<Selectors['advanced'][number]['FieldSelectors']>[]): Selectors => ({
  basic: [],
  advanced: fields.map(FieldSelectors => ({ FieldSelectors })),
})

describe('the event history', () => {
  const NOW = Date.UTC(2026, 10, 30, 12)
  const record = (eventID: string, accessKeyId: string) => ({
    ...{ eventID, eventTime: new Date(NOW - 3_600_000).toISOString(), eventName: 'AssumeRole' },
    ...{ eventSource: 'sts.amazonaws.com', userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' } },
    responseElements: { credentials: { accessKeyId } },
  })
  const all = [record('event-1', 'ASIAEXAMPLE000000001'), record('event-2', 'ASIAEXAMPLE000000002')]
  const checkWith = async (byKey: (key: string) => readonly object[], sessions: readonly object[] = all) => {
    const asked: object[] = []
    const check = await historyCheck('111122223333', 'eu-west-1', NOW, {
      search: async (_, by) => {
        asked.push(by)
        const records = 'resourceName' in by ? byKey(by.resourceName) : sessions
        return known({ records, complete: true })
      },
    })
    return { ...check, asked }
  }

  it('has the record of a session under the key that it issued', async () => {
    const { status, detail, asked } = await checkWith(key => all.filter(one => JSON.stringify(one).includes(key)))
    expect([status, detail]).toEqual([
      'ok',
      '111122223333 eu-west-1: the record of a session is found by the key that it issued',
    ])
    expect(asked).toEqual([{ eventName: 'AssumeRole' }, { resourceName: 'ASIAEXAMPLE000000001' }])
  })

  it.each([
    ['nothing', []],
    ['the record of another session', [all[1] ?? {}]],
  ])('warns where the key finds %s', async (_, records) => {
    const { status, detail } = await checkWith(() => records)
    expect(status).toBe('warning')
    expect(detail).toContain('session event-1 is not found by its key: cards of roles that other roles enter ask two')
  })

  it('is not blamed where no session began, or it may not be asked', async () => {
    const { status, asked } = await checkWith(() => [], [])
    expect([status, asked.length]).toEqual(['ok', 1])
    const refused = await historyCheck('111122223333', 'eu-west-1', NOW, { search: async () => unknown('refused') })
    expect(refused).toMatchObject({ status: 'warning', detail: expect.stringContaining('not checked: refused') })
  })
})

describe('the management events that a trail logs', () => {
  it.each<[string, Selectors, string]>([
    ['all', basic({ ReadWriteType: 'All', IncludeManagementEvents: true }), 'reads writes'],
    // Both are AWS's defaults.
    ['what says nothing', basic({}), 'reads writes'],
    ['writes alone', basic({ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }), 'writes'],
    ['reads alone', basic({ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }), 'reads'],
    ['data events alone', basic({ ReadWriteType: 'All', IncludeManagementEvents: false }), ''],
    ['writes and reads apart', basic({ ReadWriteType: 'WriteOnly' }, { ReadWriteType: 'ReadOnly' }), 'reads writes'],
    ['all, but of KMS', basic({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }), 'reads writes'],
    ['nothing', { basic: [], advanced: [] }, ''],
    ['advanced: all', advanced([MANAGEMENT]), 'reads writes'],
    ['advanced: writes', advanced([MANAGEMENT, { Field: 'readOnly', Equals: ['false'] }]), 'writes'],
    ['advanced: reads', advanced([MANAGEMENT, { Field: 'readOnly', Equals: ['true'] }]), 'reads'],
    [
      'advanced: both, apart',
      advanced(
        [MANAGEMENT, { Field: 'readOnly', Equals: ['true'] }],
        [MANAGEMENT, { Field: 'readOnly', Equals: ['false'] }],
      ),
      'reads writes',
    ],
    ['advanced: data events', advanced([{ Field: 'eventCategory', Equals: ['Data'] }]), ''],
    [
      'advanced: all but KMS',
      advanced([MANAGEMENT, { Field: 'eventSource', NotEquals: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'] }]),
      'reads writes',
    ],
    [
      'advanced: all but STS',
      advanced([MANAGEMENT, { Field: 'eventSource', NotEquals: ['sts.amazonaws.com'] }]),
      'narrowed',
    ],
    [
      'advanced: one source',
      advanced([MANAGEMENT, { Field: 'eventSource', Equals: ['iam.amazonaws.com'] }]),
      'narrowed',
    ],
    [
      'advanced: not of one session',
      advanced([MANAGEMENT, { Field: 'userIdentity.arn', NotStartsWith: ['arn:aws:sts::1'] }]),
      'narrowed',
    ],
  ])('%s', (_what, selectors, logged) => {
    const { reads, writes, narrowed } = loggedBy(selectors)
    expect([reads && 'reads', writes && 'writes', narrowed && 'narrowed'].filter(Boolean).join(' ')).toBe(logged)
  })

  const trail = (changes: Partial<SeenTrail> = {}): SeenTrail => ({
    name: 'management',
    isLogging: true,
    selectors: basic({}),
    ...changes,
  })

  it.each<[string, readonly SeenTrail[], string, RegExp]>([
    ['no trail', [], 'failed', /no trail records this Region/],
    ['one that logs all', [trail()], 'ok', /reads included/],
    [
      'one that logs and one that does not',
      [trail({ name: 'old', isLogging: false }), trail()],
      'ok',
      /management logs/,
    ],
    [
      'reads in one and writes in another',
      [
        trail({ selectors: basic({ ReadWriteType: 'ReadOnly' }) }),
        trail({ selectors: basic({ ReadWriteType: 'WriteOnly' }) }),
      ],
      'ok',
      /reads included/,
    ],
    ['one that logs writes', [trail({ selectors: basic({ ReadWriteType: 'WriteOnly' }) })], 'failed', /logs no reads/],
    ['one that does not log', [trail({ isLogging: false })], 'failed', /start-logging/],
    ['an organization’s, unread', [trail({ selectors: null })], 'warning', /may not be read here/],
    ['one unread and one that logs all', [trail({ selectors: null }), trail()], 'ok', /reads included/],
    [
      'one that leaves out',
      [trail({ selectors: advanced([MANAGEMENT, { Field: 'eventName', NotEquals: ['AssumeRole'] }]) })],
      'failed',
      /field selector/,
    ],
    [
      'one of data events',
      [trail({ selectors: basic({ IncludeManagementEvents: false }) })],
      'failed',
      /no management events/,
    ],
  ])('of an account with %s', (_what, trails, status, detail) => {
    expect(trailCheck('111122223333 eu-west-1', trails)).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    })
  })
})

describe('the alarms', () => {
  it('are read to the last page', async () => {
    const page = (name: string, state: string, next: string) =>
      `<member><AlarmName>${name}</AlarmName><AlarmDescription>why</AlarmDescription><StateValue>${state}</StateValue></member>${next}`
    const asked: (string | undefined)[] = []
    const query = async (_: string, __: string, ___: string, given: { readonly [name: string]: string }) => {
      asked.push(given['NextToken'])
      return given['NextToken'] === undefined
        ? page('rolemedic-a', 'OK', '<NextToken>a&amp;b</NextToken>')
        : page('rolemedic-z', 'ALARM', '')
    }
    expect(await readAlarms({ query })).toEqual({ count: 2, ringing: [{ name: 'rolemedic-z', description: 'why' }] })
    expect(asked).toEqual([undefined, 'a&b'])
  })
})

describe('the quota of rules with wildcards', () => {
  const other = (n: number, pattern: object): SeenRule => ({
    name: `team-${n}`,
    state: 'ENABLED',
    pattern: JSON.stringify(pattern),
    targets: [],
  })
  const quota = (wild: number, plain = 0) =>
    ruleChecks(
      'here',
      [
        ...Array.from({ length: wild }, (_, n) => other(n, { source: [{ wildcard: 'a*' }] })),
        ...Array.from({ length: plain }, (_, n) => other(n, { source: ['a'] })),
      ],
      { enabled: true, targetOf: () => 'arn' },
    ).find(({ name }) => name === 'rule quota')

  it('is counted over every rule of the bus, and warned of before it is full', () => {
    expect(quota(3, 200)).toEqual({
      name: 'rule quota',
      status: 'ok',
      detail: 'here: 3 of 30 rules with wildcards on the bus',
    })
    expect(quota(26)?.status).toBe('ok')
    expect(quota(27)?.status).toBe('warning')
    expect(quota(MAX_WILDCARD_RULES)?.detail).toContain('30 of 30')
  })
})

describe('a trust policy', () => {
  const BY: TrustedBy = {
    partition: 'aws',
    hubAccountId: '111122223333',
    organizationId: 'o-abc1234567',
    rolePath: '/',
    externalId: 'rolemedic-4f9c',
  }
  const role = (trust: unknown) => ({
    arn: 'arn:aws:iam::444455556666:role/rolemedic-reader',
    trust: typeof trust === 'string' ? trust : JSON.stringify(trust),
    lastUsedMs: null,
  })
  const anybody = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] }

  it('that lets anybody in, nobody in, or cannot be parsed fails for the reader', () => {
    expect(readerCheck('a', role(anybody), BY, 0)).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('lets in any role of the hub, the hub after it has left the organization, *'),
    })
    const nobody = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] }
    expect(readerCheck('a', role(nobody), BY, 0)).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('does not let in rolemedic-intake, rolemedic-propose'),
    })
    expect(readerCheck('a', role('{'), BY, 0)).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('cannot be parsed'),
    })
    expect(readerCheck('a', null, BY, 0)).toMatchObject({ status: 'failed' })
  })

  it('that lets write in, but not with its source identity or its tags, fails for the writer', () => {
    const ROOT = { AWS: 'arn:aws:iam::111122223333:root' }
    const WRITE = {
      ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/rolemedic-write' },
      StringEquals: { 'aws:PrincipalOrgID': 'o-abc1234567' },
    }
    const allow = (Action: string, Condition: object = WRITE) => ({
      Effect: 'Allow',
      Principal: ROOT,
      Action,
      Condition,
    })
    const assume = allow('sts:AssumeRole', {
      ...WRITE,
      StringEquals: { ...WRITE.StringEquals, 'sts:ExternalId': 'rolemedic-4f9c' },
      Null: { 'sts:SourceIdentity': 'false' },
    })
    const named = allow('sts:SetSourceIdentity')
    const tagged = allow('sts:TagSession')
    const check = (...Statement: readonly object[]) =>
      writerCheck('a', role({ Version: '2012-10-17', Statement }), BY, 0)
    expect(check(assume, named, tagged).status).toBe('ok')
    expect(check(assume, tagged)).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('sts:SetSourceIdentity'),
    })
    expect(check(assume, named)).toMatchObject({ status: 'failed', detail: expect.stringContaining('sts:TagSession') })
  })

  const hubRole = (...names: readonly string[]) => ({
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: 'sts:AssumeRole',
    Condition: { ArnEquals: { 'AWS:PrincipalArn': names.map(name => `arn:aws:iam::111122223333:role/${name}`) } },
  })
  const READERS_OF_HUB = hubRole('rolemedic-intake', 'rolemedic-propose', 'rolemedic-verify', 'rolemedic-alert')
  it.each<[string, object, string]>([
    ['another account', { Principal: { AWS: 'arn:aws:iam::999988887777:root' } }, 'arn:aws:iam::999988887777:root'],
    ['another account by its id', { Principal: { AWS: ['111122223333', '999988887777'] } }, '999988887777'],
    ['a service', { Principal: { Service: 'lambda.amazonaws.com' } }, 'lambda.amazonaws.com'],
    [
      'a web identity',
      {
        Principal: { Federated: 'arn:aws:iam::444455556666:oidc-provider/example.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
      },
      'arn:aws:iam::444455556666:oidc-provider/example.com',
    ],
    [
      'everybody but one',
      { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::999988887777:root' } },
      'all but arn:aws:iam::999988887777:root',
    ],
    [
      'another role of the hub',
      { Principal: { AWS: 'arn:aws:iam::111122223333:role/admin' } },
      'arn:aws:iam::111122223333:role/admin',
    ],
    [
      'another role of the hub, by a condition',
      hubRole('rolemedic-verify', 'admin'),
      'arn:aws:iam::111122223333:role/admin',
    ],
    [
      'roles by a pattern',
      { Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/a*' } } },
      'arn:aws:iam::111122223333:role/a*',
    ],
  ])('that lets in %s as well fails for the reader', (_, over, whom) => {
    const BY_ACCOUNT = { ...BY, organizationId: null }
    const check = (...Statement: readonly object[]) =>
      readerCheck('a', role({ Version: '2012-10-17', Statement }), BY_ACCOUNT, 0)
    expect(check(READERS_OF_HUB).status).toBe('ok')
    expect(check(READERS_OF_HUB, { ...hubRole('rolemedic-verify'), ...over })).toEqual({
      name: 'reader',
      status: 'failed',
      detail: expect.stringContaining(`role/rolemedic-reader lets in ${whom}`),
    })
    // A Deny trusts nobody.
    expect(check(READERS_OF_HUB, { ...hubRole('rolemedic-of-old'), Effect: 'Deny' }).status).toBe('ok')
  })

  it('of the writer that names another function of the hub, or another account, fails', () => {
    const trust = (extra: object) => ({
      Version: '2012-10-17',
      Statement: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'].map((Action, index) => ({
        ...hubRole('rolemedic-write'),
        Action,
        Condition: {
          ...hubRole('rolemedic-write').Condition,
          ...(index === 0 ? { StringEquals: { 'sts:ExternalId': 'rolemedic-4f9c' } } : {}),
          Null: { 'sts:SourceIdentity': 'false' },
          ...extra,
        },
      })),
    })
    const right = trust({})
    const BY_ACCOUNT = { ...BY, organizationId: null }
    expect(writerCheck('a', role(right), BY_ACCOUNT, 0).status).toBe('ok')
    const foreign = { Effect: 'Allow', Principal: { AWS: '999988887777' }, Action: 'sts:AssumeRole' }
    expect(writerCheck('a', role({ ...right, Statement: [...right.Statement, foreign] }), BY_ACCOUNT, 0)).toMatchObject(
      { status: 'failed', detail: expect.stringContaining('lets in 999988887777: deploy rolemedic-roles') },
    )
    expect(
      writerCheck('a', role({ ...right, Statement: [...right.Statement, hubRole('rolemedic-alert')] }), BY_ACCOUNT, 0),
    ).toMatchObject({ status: 'failed', detail: expect.stringContaining('role/rolemedic-alert') })
  })

  it('is missing with the writer role, which an account that is only observed does not have', () => {
    expect(writerCheck('a', null, BY, 0)).toMatchObject({ status: 'warning' })
  })
})

describe('a check that cannot be made', () => {
  const thrown = (name: string) => async () => {
    throw Object.assign(new Error('no'), { name })
  }

  it('warns where these credentials may not look, and fails for anything else', async () => {
    expect(await checked('trail', '1 eu', thrown('AccessDeniedException'))).toMatchObject([{ status: 'warning' }])
    expect(await checked('trail', '1 eu', thrown('TimeoutError'))).toMatchObject([
      { status: 'failed', detail: '1 eu: could not be checked: TimeoutError: no' },
    ])
  })

  it('runs at most so many at a time, and keeps the order', async () => {
    let running = 0
    const most = vi.fn()
    const doubled = await inTurn([1, 2, 3, 4, 5, 6, 7], 3, async n => {
      running += 1
      most(running)
      await new Promise(resolve => setTimeout(resolve, (8 - n) * 2))
      running -= 1
      return n * 2
    })
    expect(doubled).toEqual([2, 4, 6, 8, 10, 12, 14])
    expect(Math.max(...most.mock.calls.map(([n]) => n as number))).toBe(3)
    expect(await inTurn([], 3, async () => 1)).toEqual([])
  })
})

describe('the places that are looked at', () => {
  const config = configSchema.parse({
    mode: 'approve',
    organizationAccounts: ['444455556666'],
    accounts: { '777788889999': {} },
  })
  const settings = (changes: object = {}) =>
    parseSettings(
      {
        region: 'eu-west-1',
        otherRegions: ['us-east-1'],
        slack: { appId: 'A0OURS', teamId: 'T0OURS' },
        organization: { id: 'o-abc1234567', hubAccountId: '111122223333' },
        ...changes,
      },
      'test',
    )
  const keys = (changes: object, heard: readonly string[] = []) =>
    placesOf(
      settings(changes),
      config,
      '111122223333',
      heard.map(one => ({
        accountId: one.split('/')[0] ?? '',
        region: one.split('/')[1] ?? '',
        atMs: 0,
        version: null,
        canary: { madeMs: null, arrivedMs: null },
      })),
    ).map(({ accountId, region }) => `${accountId}/${region}`)

  it('are those of the settings, of the configuration, and those that were heard', () => {
    expect(
      keys({ heartbeats: { regions: ['eu-west-1'] } }, ['888899990000/ap-south-1', '111122223333/eu-west-1']),
    ).toEqual([
      '111122223333/eu-west-1',
      '111122223333/us-east-1',
      '444455556666/eu-west-1',
      '777788889999/eu-west-1',
      '888899990000/ap-south-1',
    ])
  })

  it('are not those that are retired, nor other accounts without an organization', () => {
    const heartbeats = { regions: ['eu-west-1'], retired: ['777788889999', '111122223333/us-east-1'] }
    expect(keys({ heartbeats })).toEqual(['111122223333/eu-west-1', '444455556666/eu-west-1'])
    expect(keys({ organization: null })).toEqual(['111122223333/eu-west-1', '111122223333/us-east-1'])
  })
})

it.each([
  [0, 'ok'],
  [-30_000, 'ok'],
  [31_000, 'warning'],
  [-241_000, 'failed'],
  [null, 'warning'],
])('a clock that is %s ms off is %s', (skew, status) => {
  expect(clockCheck(skew).status).toBe(status)
})

describe('the units of the configuration', () => {
  const HUB = '111122223333'
  const PATHS: { readonly [account: string]: string } = {
    [HUB]: `o-abc1234567/r-ab12/${HUB}/`,
    444455556666: 'o-abc1234567/r-ab12/ou-ab12-11111111/ou-ab12-22222222/444455556666/',
  }
  const organizations = mockClient(OrganizationsClient)
  afterAll(() => organizations.restore())
  const checksWith = async (named: object) => {
    organizations.reset()
    organizations.on(DescribeAccountCommand).callsFake(({ AccountId }: { AccountId: string }) => ({
      Account: {
        Arn: `arn:aws:organizations::999988887777:account/o-abc1234567/${AccountId}`,
        Paths: [PATHS[AccountId]],
      },
    }))
    const credentials = async () => ({ accessKeyId: 'k', secretAccessKey: 's' })
    const config = configSchema.parse({ approvers: { users: ['U0ANNA'] }, channel: 'C0OURS', ...named })
    const hub = { accountId: HUB, credentials }
    const checks = await organizationChecks(hub, 'eu-west-1', Object.keys(PATHS), config)
    return checks.filter(({ name }) => name === 'units')
  }
  const weekly = { from: 'Fri 16:00', until: 'Mon 06:00' }
  const freeze = (...ids: string[]) => ({
    freezeWindows: [{ name: 'weekend', owner: 'payments', weekly, organizationalUnits: ids }],
  })

  it('with a typo are warned of, as a freeze would hold nowhere', async () => {
    const modes = {
      organizationalUnits: { 'ou-ab12-22222222': { mode: 'approve' }, 'ou-ab12-2222222x': { mode: 'approve' } },
    }
    expect(await checksWith({ ...modes, ...freeze('ou-ab12-11111111', 'ou-ab12-1111111l') })).toEqual([
      {
        name: 'units',
        status: 'warning',
        detail:
          'organizationalUnits: ou-ab12-2222222x is above no account that was named or heard: a typo, or it is empty',
      },
      {
        name: 'units',
        status: 'warning',
        detail:
          'freezeWindows "weekend": ou-ab12-1111111l is above no account that was named or heard: a typo, or it is empty',
      },
    ])
  })

  it('above an account, near or far, are in order; without units there is no line', async () => {
    expect(await checksWith(freeze('ou-ab12-11111111', 'ou-ab12-22222222'))).toMatchObject([{ status: 'ok' }])
    expect(await checksWith({})).toEqual([])
  })
})

describe('the documentation', () => {
  const sources = ['cli/use-cases/doctor', 'cli/use-cases/chat'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => read(`${folder}/${name}`)),
  )
  const SERVICES: { readonly [client: string]: string } = {
    'client-cloudtrail': 'cloudtrail',
    'client-iam': 'iam',
    'client-organizations': 'organizations',
    'client-secrets-manager': 'secretsmanager',
  }
  const signed = sources.flatMap(source =>
    [...source.matchAll(/'AWSEvents\.(\w+)'/g)].map(([, call]) => `events:${call}`),
  )
  const ofClients = sources.flatMap(source =>
    [...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/(client-[a-z-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        [...names.matchAll(/(\w+)Command\b/g)].flatMap(([, call]) =>
          SERVICES[client] === undefined ? [] : [`${SERVICES[client]}:${call}`],
        ),
    ),
  )
  const calls = [...ofClients, ...signed]

  it('lists the permissions of exactly the calls that the doctor makes, all of which only read', () => {
    const page = read('docs/doctor.md')
    const listed = [
      ...page
        .replaceAll('dynamodb:LeadingKeys', '')
        .matchAll(/"((?:cloudtrail|events|iam|organizations|secretsmanager|dynamodb):\w+)"/g),
    ].map(([, action]) => action ?? '')
    // The bot's own adapters read the table and the event history.
    const ofAdapters = ['dynamodb:GetItem', 'cloudtrail:LookupEvents']
    expect([...new Set(listed)].sort()).toEqual([...new Set([...calls, ...ofAdapters])].sort())
    expect(calls.filter(call => !/:(Get|List|Describe)/.test(call))).toEqual([])
  })

  it('names what AWS’s SecurityAudit lacks of the calls in a member', () => {
    // Of its version 91, what is about these services. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html
    const audits =
      /^(account:(GetAccountInformation|GetAlternateContact|GetPrimaryEmail|GetRegionOptStatus)|cloudtrail:(DescribeTrails|GetEventSelectors|GetTrailStatus|LookupEvents)|cloudwatch:(Describe.*|GetDashboard|ListDashboards|ListTagsForResource)|events:(Describe|List).*|iam:(Get|List).*)$/
    const page = read('docs/doctor.md')
    const [, ofMembers = ''] = /This is the least:\n\n```json\n([\s\S]*?)```/.exec(page) ?? []
    const asked: readonly string[] = JSON.parse(ofMembers).Statement[0].Action
    const [, lacks = ''] = /`SecurityAudit`\]\([^)]*\) lacks ([\s\S]*?) of what is asked/.exec(page) ?? []
    expect([...lacks.matchAll(/`([a-z]+:\w+)`/g)].map(([, action]) => action)).toEqual(
      asked.filter(action => !audits.test(action)),
    )
  })

  it('of the Slack app has the scopes that are asked for', () => {
    const manifest = read('docs/slack-app-manifest.yaml')
    const scopes = [...manifest.matchAll(/^ {6}- ([a-z:.]+)$/gm)].map(([, scope]) => scope)
    expect([...SCOPES, 'groups:history'].sort()).toEqual(scopes.sort())
  })

  it('of Organizations has the calls that the bot makes', () => {
    const folder = 'functions/adapters/aws/organizations'
    const made = readdirSync(join(root, folder)).flatMap(name =>
      [...read(`${folder}/${name}`).matchAll(/new (\w+)Command\(/g)].map(([, call]) => `organizations:${call}`),
    )
    expect([...new Set(made)].sort()).toEqual([...ORGANIZATION_READS])
  })

  it('of Organizations has the five calls', () => {
    const policy = organizationsPolicy({ region: 'cn-north-1' }, '111122223333')
    expect(JSON.stringify(policy)).toBe(
      '{"Version":"2012-10-17","Statement":[{"Sid":"RolemedicReads","Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"},"Action":["organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribePolicy","organizations:ListParents","organizations:ListPoliciesForTarget"],"Resource":"*"}]}',
    )
  })
})

it('reads the subscriptions of a topic to the last page', async () => {
  const page = (endpoint: string, next: string) =>
    `<member><SubscriptionArn>arn:${endpoint}</SubscriptionArn><Endpoint>${endpoint}</Endpoint></member>${next}`
  const query = async (_: string, __: string, ___: string, given: { readonly [name: string]: string }) =>
    given['NextToken'] === undefined ? page('a@example.com', '<NextToken>2</NextToken>') : page('b@example.com', '')
  expect(await readSubscribers('arn:aws:sns:eu-west-1:111122223333:alerts', { query })).toEqual([
    { endpoint: 'a@example.com', isConfirmed: true },
    { endpoint: 'b@example.com', isConfirmed: true },
  ])
})
