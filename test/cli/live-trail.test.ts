import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnoseWith } from '../../cli/commands/diagnose.ts'
import { ofOneAccount } from '../../cli/live/live-history.ts'
import type { DiagnosisOutput } from '../../cli/outputs/diagnosis.ts'
import { explainFailedDeploy } from '../../cli/use-cases/explain-deploy/explain-deploy.ts'
import { NO_IAM } from '../../cli/use-cases/iam-reader.ts'
import { known, unknown } from '../../core/base/index.ts'
import { type PolicyDocument, parsePolicy } from '../../core/iam/index.ts'
import { meter } from '../../functions/adapters/aws/iam/index.ts'
import { snapshotReader } from '../../functions/adapters/files/index.ts'
import type { EventHistory } from '../../functions/ports/index.ts'
import { at, HOME, later, passDenied, passed, TARGET, wrote } from '../core/timeline/records.ts'
import { memoryIo } from './memory-io.ts'

type Members = Record<string, unknown>

const one = (Statement: Members) => ({ Version: '2012-10-17', Statement: [Statement] })
const ALLOWING = one({ Effect: 'Allow', Action: 'iam:PassRole', Resource: TARGET })
const OTHER = one({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })
const TRUST = one({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } })
const managed = (at: number) => `arn:aws:iam::${HOME}:policy/p${at}`

const accountWith = (policies: Members, attached: readonly string[] = [], detached: readonly string[] = []) => ({
  ...{ UserDetailList: [], GroupDetailList: [] },
  RoleDetailList: [
    {
      ...{ Arn: `arn:aws:iam::${HOME}:role/ci/deploy`, RoleName: 'deploy', RoleId: 'AROAEXAMPLEDEPLOY123' },
      ...{ AssumeRolePolicyDocument: TRUST },
      RolePolicyList: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument })),
      AttachedManagedPolicies: attached.map(PolicyArn => ({ PolicyArn, PolicyName: PolicyArn.slice(-2) })),
    },
    {
      ...{ Arn: TARGET, RoleName: 'target', RoleId: 'AROAEXAMPLETARGET123', CreateDate: at(-90_000) },
      ...{ AssumeRolePolicyDocument: TRUST, RolePolicyList: [], AttachedManagedPolicies: [] },
    },
  ],
  Policies: [...attached, ...detached].map(Arn => ({
    ...{ Arn, PolicyName: Arn.slice(-2), DefaultVersionId: 'v2' },
    PolicyVersionList: [{ VersionId: 'v2', IsDefaultVersion: true, Document: OTHER }],
  })),
})

type Asked = { readonly region: string; readonly by: Parameters<EventHistory['search']>[1] }

/** Lists a record as CloudTrail does: by its call, its session, and the names and ARNs in its parameters. */
function historyOf(records: readonly Members[]) {
  const asked: Asked[] = []
  const search: EventHistory['search'] = async ({ accountId, region }, by, { fromMs, toMs }, limits) => {
    asked.push({ region, by })
    expect(limits?.maxRequests).toBe(1)
    const listed = records.filter(record => {
      const timeMs = Date.parse(String(record['eventTime']))
      if (record['recipientAccountId'] !== accountId || record['awsRegion'] !== region) return false
      if (timeMs < fromMs || timeMs > toMs) return false
      if ('eventName' in by) return record['eventName'] === by.eventName
      const { arn } = record['userIdentity'] as { readonly arn: string }
      if ('userName' in by) return arn.endsWith(`/${by.userName}`)
      return Object.values((record['requestParameters'] ?? {}) as Members).includes(by.resourceName)
    })
    return known({ records: listed.slice(0, 50), complete: listed.length <= 50 })
  }
  return { asked, search }
}

type Live = {
  readonly records: readonly Members[]
  readonly account?: unknown
  readonly versions?: { readonly [arn: string]: { readonly [id: string]: unknown } }
  readonly inForce?: string
  readonly nowSecond?: number
  readonly search?: EventHistory['search']
  /** When the account was read before, a minute after the denial: what it showed then. */
  readonly earlier?: unknown
  /** Whether files of that time are given. */
  readonly isAlone?: true
  readonly args?: readonly string[]
}

/** So that the organization cannot have denied anything. */
const org = JSON.stringify({ organizationId: 'o-abc123', managementAccountId: HOME })

async function live(
  denied: readonly Members[],
  {
    records,
    account = accountWith({}),
    versions = {},
    inForce,
    nowSecond = 3_600,
    search,
    earlier = account,
    isAlone,
    args = [],
  }: Live,
) {
  const history = historyOf(records)
  const io = memoryIo({ nowMs: Date.parse(at(nowSecond)), stdin: JSON.stringify(denied) })
  const readerOf = (given: unknown) =>
    snapshotReader({ files: [{ name: 'account', text: JSON.stringify(given) }], org, orgName: 'org' })
  const reader = readerOf(account)
  const documents = (given: Members) =>
    new Map(
      Object.entries(given).flatMap(([id, document]): [string, PolicyDocument][] => {
        const parsed = parsePolicy(document)
        return parsed.ok ? [[id, parsed.value]] : []
      }),
    )
  const open = async () => ({
    ...{ reader, given: null, explanations: null, stats: () => null },
    ...(isAlone === true ? {} : { earlier: { reader: readerOf(earlier), writtenAtMs: Date.parse(at(60)) } }),
    history: {
      history: { search: search ?? history.search },
      versionsOf: async () => ({
        archive: {
          policy: (arn: string) =>
            versions[arn] === undefined
              ? null
              : { defaultVersionId: inForce ?? null, versions: documents(versions[arn]) },
          group: () => null,
        },
        digestByArn: new Map(),
        unread: null,
      }),
      digestsOf: async () => new Map(),
    },
  })
  const code = await diagnoseWith(open).run(['-', '--live', '--json', ...args], io)
  expect([code, io.captured.err.filter(line => !line.includes('first 10'))]).toEqual([0, []])
  const outputs = io.captured.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as DiagnosisOutput)
  return { outputs, change: outputs[0]?.timeline?.change, asked: history.asked, notes: io.captured.err, open }
}

const put = (second: number, document: unknown) =>
  wrote(second, 'PutRolePolicy', { roleName: 'deploy', policyName: 'deploy', policyDocument: JSON.stringify(document) })
const removed = (second: number) => wrote(second, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'deploy' })
const denied = passDenied(0)

describe('rolemedic diagnose --live', () => {
  it('finds the write in the event history, in the Region of IAM, under the name of the role', async () => {
    const gone = removed(-60)
    const { change, asked } = await live([denied], { records: [gone, put(-600, ALLOWING), denied] })
    expect(change).toMatchObject({ outcome: 'found', eventId: gone['eventID'], lost: ALLOWING.Statement })
    expect(asked).toEqual([
      { region: 'eu-west-1', by: { userName: 'ci-1' } },
      { region: 'eu-west-1', by: { eventName: 'CreateFunction20150331' } },
      { region: 'us-east-1', by: { resourceName: 'deploy' } },
    ])
  })

  it('proves that a denial solved itself, and that the permission never was there', async () => {
    const account = accountWith({ deploy: ALLOWING })
    const solved = await live([denied], { records: [passed(8), denied], account })
    expect(solved.outputs[0]?.diagnosis).toMatchObject({ cause: 'transient', verdict: 'proved' })
    expect(solved.outputs[0]?.timeline?.solved).toMatchObject({ afterSeconds: 8, by: 'time' })
    expect((await live([denied], { records: [denied] })).change).toMatchObject({ outcome: 'never-allowed' })
  })

  it('names nobody where the account may have been changed in the last 15 minutes, which the history does not show', async () => {
    const records = [removed(-60), put(-600, ALLOWING), denied]
    const why = 'a write before 2026-11-24 04:00:00 UTC may be missing in it'
    // A deny that stood all the time was deleted just now, so that the account is another one than a minute after the denial.
    const deny = one({ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' })
    const { change } = await live([denied], { records, earlier: accountWith({ deny }) })
    expect(change).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining(why) })
    // The earlier reading is itself of the last 15 minutes.
    const young = await live([denied], { records, nowSecond: 900 })
    expect(young.change).toMatchObject({ outcome: 'not-proved' })
  })

  it('counts files of a trail, too, with an earlier reading that is the same now', async () => {
    const records = [removed(-60), put(-600, ALLOWING), denied, later()]
    const trail = join(mkdtempSync(join(tmpdir(), 'live-trail-')), 'trail.json')
    writeFileSync(trail, JSON.stringify(records))
    const args = ['--trail', trail]
    expect((await live([denied], { records: [], args })).change).toMatchObject({ outcome: 'found' })
    const deny = one({ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' })
    const changed = await live([denied], { records: [], args, earlier: accountWith({ deny }) })
    expect(changed.change).toMatchObject({ outcome: 'not-proved' })
    rmSync(trail)
  })

  it('reads now, whatever time --at asks about', async () => {
    const records = [removed(-60), put(-600, ALLOWING), denied]
    const late = await live([denied], { records, nowSecond: 600, args: ['--at', at(3_600)] })
    expect(late.change).toMatchObject({ outcome: 'not-proved' })
    expect(late.outputs[0]?.timeline?.covers.to).toBe('2026-11-24T03:10:00.000Z')
  })

  it('reads the versions of managed policies from IAM', async () => {
    const policyVersion = { versionId: 'v2', isDefaultVersion: true }
    const set = wrote(
      -60,
      'CreatePolicyVersion',
      { policyArn: managed(0), policyDocument: JSON.stringify(OTHER), setAsDefault: true },
      { responseElements: { policyVersion } },
    )
    const versions = { [managed(0)]: { v1: ALLOWING, v2: OTHER } }
    const { change, asked } = await live([denied], {
      ...{ records: [set], account: accountWith({}, [managed(0)]), versions, isAlone: true },
    })
    expect(change).toMatchObject({ outcome: 'found', eventId: set['eventID'], target: managed(0) })
    expect(asked.at(-1)).toEqual({ region: 'us-east-1', by: { resourceName: managed(0) } })
  })

  it('takes which version is the default from the files, where these are the reading', async () => {
    // Somebody set another one since, which no record shows yet: what was detached had allowed nothing.
    const detached = wrote(-60, 'DetachRolePolicy', { roleName: 'deploy', policyArn: managed(0) })
    const versions = { [managed(0)]: { v2: OTHER, v1: ALLOWING } }
    const { change } = await live([denied], {
      ...{ records: [detached], account: accountWith({}, [], [managed(0)]), versions, inForce: 'v1' },
    })
    expect(change).toMatchObject({ outcome: 'never-allowed' })
  })

  it('asks at most eight times for a denial, and says what it did not ask for', async () => {
    const policies = [0, 1, 2, 3, 4, 5].map(managed)
    const { change, asked } = await live([denied], { records: [removed(-60)], account: accountWith({}, policies) })
    expect(asked).toHaveLength(8)
    expect(change).toMatchObject({
      outcome: 'not-proved',
      why: expect.stringContaining(`the writes on ${managed(5)} were not asked for`),
    })
    const many = await live([denied], {
      records: [],
      account: accountWith(
        {},
        Array.from({ length: 9 }, (_, at) => managed(at)),
      ),
    })
    expect(many.asked.length).toBeLessThanOrEqual(8)
    expect(many.change).toMatchObject({ outcome: 'not-proved' })
  })

  it('proves nothing where the history does not answer, is late, or shows only the newest records', async () => {
    const refused = await live([denied], {
      records: [],
      search: async () => unknown('cloudtrail:LookupEvents was refused'),
    })
    expect(refused.change).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining('was refused') })
    const late = await live([denied], { records: [put(-600, ALLOWING), removed(-60)], nowSecond: 600 })
    expect(late.change).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining('15 minutes late') })
    const busy = Array.from({ length: 60 }, (_, index) => put(-index - 1, OTHER))
    const cut = await live([denied], { records: busy, account: accountWith({ deploy: OTHER }) })
    expect(cut.outputs[0]?.timeline?.covers.from).toBe('2026-11-24T02:59:11.000Z')
    expect(cut.change).toMatchObject({ outcome: 'not-proved' })
  })

  it('asks about the first ten denials', async () => {
    const all = Array.from({ length: 12 }, (_, index) => ({ ...passDenied(index, `${TARGET}-${index}`) }))
    const { outputs, notes } = await live(all, { records: [] })
    expect(outputs.map(({ timeline }) => timeline === null)).toEqual([...Array(10).fill(false), true, true])
    expect(notes).toEqual([
      'rolemedic: the event history is asked about the first 10 of 12 denials: --trail takes files for all',
    ])
  })

  it('asks in the Region of IAM of other partitions', async () => {
    const china = JSON.parse(JSON.stringify(denied).replaceAll('arn:aws:', 'arn:aws-cn:')) as Members
    const record = { ...china, awsRegion: 'cn-northwest-1' }
    const { asked } = await live([record], { records: [] })
    expect(asked.map(({ region }) => region)).toEqual(['cn-northwest-1', 'cn-northwest-1', 'cn-north-1'])
  })
})

describe('the event history of local credentials', () => {
  it('answers for no other account', async () => {
    const { asked, search } = historyOf([])
    const own = ofOneAccount(search, { accountId: async () => HOME }, meter().ask)
    const window = { fromMs: 0, toMs: 1 }
    const by = { resourceName: 'x' }
    expect(await own({ accountId: '444455556666', region: 'us-east-1' }, by, window, { maxRequests: 1 })).toEqual(
      unknown(`these credentials belong to account ${HOME}`),
    )
    expect(asked).toEqual([])
    expect(await own({ accountId: HOME, region: 'us-east-1' }, by, window, { maxRequests: 1 })).toMatchObject({
      known: true,
    })
  })
})

describe('rolemedic explain-deploy --live', () => {
  it('says which write took the permission away', async () => {
    const gone = removed(-60)
    const { open } = await live([denied], { records: [gone, put(-600, ALLOWING), denied] })
    const stack = `arn:aws:cloudformation:eu-west-1:${HOME}:stack/orders/0a0a0a0a-0000-4000-8000-000000000000`
    const failed = (LogicalResourceId: string, ResourceType: string, ResourceStatus: string, reason: string) => ({
      ...{ StackId: stack, StackName: 'orders', LogicalResourceId, ResourceType, ResourceStatus, Timestamp: at(0) },
      ...{ EventId: LogicalResourceId, PhysicalResourceId: ResourceType.endsWith('Stack') ? stack : '' },
      ResourceStatusReason: reason,
    })
    const StackEvents = [
      failed(
        'orders',
        'AWS::CloudFormation::Stack',
        'ROLLBACK_IN_PROGRESS',
        'The following resource(s) failed to create: [F].',
      ),
      failed(
        'F',
        'AWS::Lambda::Function',
        'CREATE_FAILED',
        `Resource handler returned message: "${denied['errorMessage']}"`,
      ),
    ]
    const io = memoryIo({ nowMs: Date.parse(at(3_600)) })
    const found = await explainFailedDeploy(
      {
        ...{ event: null, log: null, sources: [], stack: null, run: null, config: null, region: null, atMs: null },
        ...{
          stackEvents: { name: null, text: JSON.stringify({ StackEvents }) },
          access: NO_IAM,
          parameters: new Map(),
        },
      },
      io,
      open,
    )
    expect(found?.causes[0]?.timeline?.change).toMatchObject({ outcome: 'found', write: { id: gone['eventID'] } })
  })
})
