import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import type { DiagnosisOutput } from '../../cli/outputs/diagnosis.ts'
import type { ExplainDeployOutput } from '../../cli/outputs/explain-deploy.ts'
import { assumeDenied, assumed, at, HOME, later, passDenied, passed, TARGET, wrote } from '../core/timeline/records.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'trail-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
function written(text: string | Buffer, name = `f${files}.json`): string {
  files += 1
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

type Members = Record<string, unknown>

const ALLOWING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'iam:PassRole'], Resource: TARGET }],
}
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${HOME}:root` } }],
}
const accountWith = (policies: Members, more: Members = {}, trust: Members = TRUST, made = at(-3)) =>
  written(
    JSON.stringify({
      ...{ UserDetailList: [], GroupDetailList: [], Policies: [], ...more },
      RoleDetailList: [
        {
          ...{ Arn: `arn:aws:iam::${HOME}:role/ci/deploy`, RoleName: 'deploy', RoleId: 'AROAEXAMPLEDEPLOY123' },
          ...{ AssumeRolePolicyDocument: TRUST, AttachedManagedPolicies: [] },
          RolePolicyList: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({
            PolicyName,
            PolicyDocument,
          })),
        },
        {
          ...{ Arn: TARGET, RoleName: 'target', RoleId: 'AROAEXAMPLETARGET123', CreateDate: made },
          ...{ AssumeRolePolicyDocument: trust, AttachedManagedPolicies: [], RolePolicyList: [] },
        },
      ],
    }),
  )

async function diagnosed(denied: Members, account: string, ...trail: readonly string[]): Promise<DiagnosisOutput> {
  const io = memoryIo({ nowMs: Date.parse(at(3_600)) })
  const event = written(JSON.stringify(denied))
  const code = await dispatch(
    ['diagnose', event, '--account', account, ...trail.flatMap(path => ['--trail', path]), '--json'],
    io,
  )
  if (code !== 0) throw new Error(JSON.stringify(io.captured))
  expect(code).toBe(0)
  return JSON.parse(io.captured.out) as DiagnosisOutput
}

const put = (second: number, document: unknown) =>
  wrote(second, 'PutRolePolicy', { roleName: 'deploy', policyName: 'deploy', policyDocument: JSON.stringify(document) })
const removed = (second: number) => wrote(second, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'deploy' })

describe('rolemedic diagnose --trail', () => {
  it('has no timeline without a trail', async () => {
    const { timeline, run } = await diagnosed(passDenied(0), accountWith({}))
    expect([timeline, run]).toEqual([null, null])
  })

  it('proves that a denial solved itself', async () => {
    const denied = assumeDenied(0)
    const later = assumed(8)
    const trail = written(JSON.stringify({ Records: [later, denied] }))
    const { diagnosis, patches, refusal, timeline } = await diagnosed(denied, accountWith({ deploy: ALLOWING }), trail)
    expect(diagnosis).toMatchObject({ cause: 'transient', verdict: 'proved' })
    expect(patches).toEqual([])
    expect(refusal?.code).toBe('transient')
    expect(timeline).toEqual({
      covers: {
        ...{ from: '2026-11-24T03:00:00.000Z', to: '2026-11-24T03:00:08.000Z' },
        ...{ regions: ['us-east-1'], accounts: [HOME] },
      },
      ...{ roleAgeSeconds: 3, roleDeletedAt: null, change: null },
      solved: { at: '2026-11-24T03:00:08.000Z', eventId: later['eventID'], afterSeconds: 8, by: 'time' },
    })
  })

  it('says likely where the records of IAM’s Region are missing', async () => {
    const denied = passDenied(0)
    const account = accountWith({ deploy: ALLOWING })
    const beside = await diagnosed(denied, account, written(JSON.stringify([denied, passed(8)])))
    expect(beside.diagnosis).toMatchObject({ cause: 'transient', verdict: 'likely' })
    expect(beside.diagnosis.unknowns).toContainEqual({
      fact: 'changes between the denial and the success',
      why: `the trail has no record of account ${HOME} in us-east-1, where IAM’s own writes are`,
    })
    const whole = await diagnosed(
      denied,
      account,
      written(JSON.stringify([denied, passed(8), wrote(-9, 'CreateAccessKey', {})])),
    )
    expect(whole.diagnosis).toMatchObject({ cause: 'transient', verdict: 'proved' })
  })

  it('says likely where only the age speaks, and nothing for an old role', async () => {
    const account = accountWith({ deploy: ALLOWING })
    expect((await diagnosed(assumeDenied(0), account)).diagnosis).toMatchObject({
      cause: 'transient',
      verdict: 'likely',
    })
    expect((await diagnosed(assumeDenied(120), account)).diagnosis.cause).toBe('already-allowed')
    // The age of a passed role decides nothing.
    expect((await diagnosed(passDenied(0), account)).diagnosis.cause).toBe('already-allowed')
  })

  it('keeps a gap that is seen, however young the role, and offers nothing beside a success', async () => {
    const denied = passDenied(0)
    const without = await diagnosed(denied, accountWith({}))
    expect(without.diagnosis).toMatchObject({ cause: 'identity-gap', verdict: 'proved' })
    const trail = written(JSON.stringify([denied, passed(8)]))
    const beside = await diagnosed(denied, accountWith({}), trail)
    expect(beside.diagnosis).toMatchObject({ cause: 'identity-gap', verdict: 'likely' })
    expect(beside.patches).toEqual([])
    expect(beside.refusal?.code).toBe('transient')
  })

  it('takes no success for proof where AWS names a policy that another session, endpoint or Region may not have', async () => {
    const account = accountWith({ deploy: ALLOWING })
    const found = async (denied: Members, success: Members) => {
      const trail = written(JSON.stringify([wrote(-300, 'CreateAccessKey', {}), denied, success, later()]))
      return diagnosed(denied, account, trail)
    }
    const because = (denied: Members, reason: string) => ({
      ...denied,
      errorMessage: `${String(denied['errorMessage'])} ${reason}`,
    })
    for (const [reason, cause] of [
      ['because no session policy allows the iam:PassRole action', 'session-policy-gap'],
      ['with an explicit deny in a session policy', 'explicit-deny'],
      ['with an explicit deny in a VPC endpoint policy', 'explicit-deny'],
      ['with an explicit deny in a service control policy', 'explicit-deny'],
      ['because no service control policy allows the iam:PassRole action', 'scp-gap'],
      ['with an explicit deny', 'explicit-deny'],
    ] as const) {
      const { diagnosis, patches, refusal } = await found(because(passDenied(0), reason), passed(40))
      expect(diagnosis, reason).toMatchObject({ cause, verdict: 'likely' })
      expect(diagnosis.summary, reason).toContain('the evidence disagrees')
      expect([patches, refusal?.code], reason).toEqual([[], 'transient'])
    }
    // What IAM's own records show has not changed.
    const own = because(passDenied(0), 'because no identity-based policy allows the iam:PassRole action')
    expect((await found(own, passed(40))).diagnosis).toMatchObject({ cause: 'transient', verdict: 'proved' })
  })

  it('says likely where a value decides that the denied call does not show', async () => {
    const denied = assumeDenied(0)
    const success = { ...assumed(40), requestParameters: { roleArn: TARGET, roleSessionName: 's', externalId: 'x1' } }
    const [statement] = TRUST.Statement
    const trust = {
      ...TRUST,
      Statement: [{ ...statement, Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } }],
    }
    const trail = written(JSON.stringify([wrote(-300, 'CreateAccessKey', {}), denied, success, later()]))
    const { diagnosis } = await diagnosed(denied, accountWith({ deploy: ALLOWING }, {}, trust), trail)
    expect(diagnosis).toMatchObject({ cause: 'transient', verdict: 'likely' })
    expect(diagnosis.unknowns).toContainEqual(expect.objectContaining({ fact: 'sts:ExternalId' }))
  })

  it('says what the later call may have sent where nothing was young', async () => {
    const [denied, iam] = [assumeDenied(0), wrote(-300, 'CreateAccessKey', {})]
    const success = { ...assumed(8), requestParameters: { roleArn: TARGET, roleSessionName: 's', externalId: 'x1' } }
    const Condition = { StringEquals: { 'sts:ExternalId': 'x1' } }
    const trust = { ...TRUST, Statement: TRUST.Statement.map(statement => ({ ...statement, Condition })) }
    const account = accountWith({ deploy: ALLOWING }, {}, trust, at(-90 * 86_400))
    const trail = written(JSON.stringify([iam, denied, success, later()]))
    const { diagnosis, patches } = await diagnosed(denied, account, trail)
    expect(diagnosis).toMatchObject({ cause: 'trust-condition', verdict: 'likely' })
    expect(diagnosis.summary).toContain('8 s later: it may have sent what this one did not')
    expect(patches).toEqual([])
  })

  it('calls no success transient that came hours later, unless no change can be missing', async () => {
    const [denied, worked] = [passDenied(0), passed(3 * 3_600)]
    const account = accountWith({ deploy: ALLOWING })
    const found = async (...records: readonly Members[]) =>
      (await diagnosed(denied, account, written(JSON.stringify([denied, worked, ...records])))).diagnosis
    const unseen = await found()
    expect(unseen.cause).toBe('already-allowed')
    expect(unseen.summary).toContain('3 hours later: whether a change made it work is not seen')
    expect(await found(wrote(-300, 'CreateAccessKey', {}))).toMatchObject({ cause: 'transient', verdict: 'proved' })
  })

  it('proves no condition on the time that was met when it was denied', async () => {
    const denied = passDenied(0)
    const until = (second: number) => ({
      ...ALLOWING,
      Statement: ALLOWING.Statement.map(one => ({
        ...one,
        Condition: { DateLessThan: { 'aws:CurrentTime': at(second) } },
      })),
    })
    const over = await diagnosed(denied, accountWith({ deploy: until(-60) }))
    expect(over.diagnosis).toMatchObject({ cause: 'identity-condition', verdict: 'proved' })
    const met = await diagnosed(denied, accountWith({ deploy: until(60) }))
    expect(met.diagnosis).toMatchObject({ cause: 'identity-condition', verdict: 'likely' })
    expect(met.diagnosis.summary).toContain('It was met at the denial.')
    expect(met.diagnosis.evidence[0]?.finding).toContain('something else decided, or the policy is younger')
  })

  it('proves nothing by one page of more events', async () => {
    const denied = passDenied(0)
    const Events = [wrote(-300, 'CreateAccessKey', {}), denied].map(one => ({ CloudTrailEvent: JSON.stringify(one) }))
    const change = async (answer: object) =>
      (await diagnosed(denied, accountWith({}), written(JSON.stringify(answer)))).timeline?.change
    expect(await change({ Events, NextToken: 'more' })).toMatchObject({
      ...{ outcome: 'not-proved', why: expect.stringContaining('one page of the events') },
    })
    expect(await change({ Events, NextToken: null })).toMatchObject({ outcome: 'never-allowed' })
  })

  it('never says transient where a change solved it', async () => {
    const denied = passDenied(0)
    const made = wrote(-90, 'CreateRole', { roleName: 'deploy', assumeRolePolicyDocument: JSON.stringify(TRUST) })
    const trail = written([made, denied, put(4, ALLOWING), passed(8)].map(one => JSON.stringify(one)).join('\n'))
    const { diagnosis, patches, timeline } = await diagnosed(denied, accountWith({ deploy: ALLOWING }), trail)
    expect(timeline?.solved).toMatchObject({ afterSeconds: 8, by: 'change' })
    expect(diagnosis.cause).toBe('already-allowed')
    expect(diagnosis.summary).toContain(
      'after PutRolePolicy by arn:aws:sts::111122223333:assumed-role/admin/terraform-run-9f',
    )
    expect(patches).toEqual([])
  })

  it('names the write that took the permission away, from any form of records', async () => {
    const denied = passDenied(0)
    const gone = removed(-60)
    const records = [put(-600, ALLOWING), gone, denied]
    const logs = join(folder, 'AWSLogs')
    mkdirSync(logs, { recursive: true })
    writeFileSync(join(logs, 'a.json.gz'), gzipSync(JSON.stringify({ Records: records.slice(0, 2) })))
    writeFileSync(join(logs, 'b.jsonl'), JSON.stringify(denied))
    const lookup = {
      Events: records.map(record => ({ EventId: record['eventID'], CloudTrailEvent: JSON.stringify(record) })),
    }
    const log = records.map(record => `2026-11-24T03:00:00Z  INFO  ${JSON.stringify(record)}`).join('\n')
    for (const trail of [logs, written(JSON.stringify(lookup)), written(log, 'build.log')]) {
      const { timeline, diagnosis } = await diagnosed(denied, accountWith({}), trail)
      expect(timeline?.change).toEqual({
        ...{ outcome: 'found', eventId: gone['eventID'], at: '2026-11-24T02:59:00.000Z', run: null },
        ...{ eventName: 'DeleteRolePolicy', target: `arn:aws:iam::${HOME}:role/ci/deploy` },
        by: `arn:aws:sts::${HOME}:assumed-role/admin/terraform-run-9f`,
        lost: ALLOWING.Statement,
      })
      expect(diagnosis.summary).toContain('It was allowed until 2026-11-24 02:59:00 UTC')
      expect(diagnosis.cause).toBe('identity-gap')
    }
  })

  it('names the last of several doors, and says that others were closed before', async () => {
    const denied = passDenied(0)
    const second = {
      ...put(-500, ALLOWING),
      requestParameters: { roleName: 'deploy', policyName: 'extra', policyDocument: JSON.stringify(ALLOWING) },
    }
    const last = wrote(-60, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'extra' })
    const trail = written(JSON.stringify([put(-600, ALLOWING), second, removed(-100), last, denied]))
    const { timeline, diagnosis } = await diagnosed(denied, accountWith({}), trail)
    expect(timeline?.change).toMatchObject({ outcome: 'found', eventId: last['eventID'] })
    expect(diagnosis.summary).toContain('Other ways to the same permission were closed before that.')
  })

  it('proves nothing from too little', async () => {
    const denied = passDenied(0)
    const changeOf = async (...records: readonly Members[]) => {
      const trail = written(JSON.stringify([...records, denied]))
      return (await diagnosed(denied, accountWith({}), trail)).timeline?.change
    }
    // No record of IAM's own Region.
    expect(await changeOf()).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining('us-east-1') })
    // The document that was removed stands nowhere.
    expect(await changeOf(removed(-60))).toMatchObject({ outcome: 'not-proved' })
    // Two writes in one second that each take it away.
    const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }] }
    const boundary = wrote(-60, 'PutRolePolicy', {
      roleName: 'deploy',
      policyName: 'no',
      policyDocument: JSON.stringify(deny),
    })
    const account = accountWith({ no: deny })
    const trail = written(
      JSON.stringify([
        put(-600, ALLOWING),
        wrote(-590, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'no' }),
        removed(-60),
        boundary,
        denied,
      ]),
    )
    expect((await diagnosed(denied, account, trail)).timeline?.change).toMatchObject({
      outcome: 'not-proved',
      why: expect.stringContaining('one second'),
    })
    // Omitted parameters.
    expect(await changeOf(put(-600, ALLOWING), wrote(-60, 'DeleteRolePolicy', null))).toMatchObject({
      outcome: 'not-proved',
    })
  })

  it('proves nothing beside a write that cannot be read or placed', async () => {
    const denied = passDenied(0)
    const taken: Members = put(-300, TRUST)
    const changeOf = async (text: string) => {
      const others = [put(-600, ALLOWING), removed(-60), denied, later()].map(one => JSON.stringify(one))
      const trail = written([text, ...others].join('\n'), `f${files}.jsonl`)
      return (await diagnosed(denied, accountWith({}), trail)).timeline?.change
    }
    const { recipientAccountId: _, ...unplaced } = taken
    for (const one of [
      JSON.stringify(taken).replace(/}$/, ',}'),
      JSON.stringify({ ...unplaced, userIdentity: { type: 'AWSService', invokedBy: 'sso.amazonaws.com' } }),
      JSON.stringify(unplaced).replace(/}$/, ',}'),
      JSON.stringify({ ...taken, eventTime: 'Nov 24, 2026 2:55:00 AM' }),
    ])
      expect(await changeOf(one), one).toMatchObject({
        outcome: 'not-proved',
        why: expect.stringMatching(/cannot be read|has no time or no account/),
      })
  })

  it('says never-allowed where every state since the beginning is known', async () => {
    const denied = passDenied(0)
    const made = wrote(-600, 'CreateRole', { roleName: 'deploy', assumeRolePolicyDocument: JSON.stringify(TRUST) })
    const trail = written(JSON.stringify([made, denied]))
    expect((await diagnosed(denied, accountWith({}), trail)).timeline?.change).toEqual({
      outcome: 'never-allowed',
      since: '2026-11-24T02:50:00.000Z',
    })
  })

  it('refuses a trail without records', async () => {
    const io = memoryIo({})
    const empty = written('{}')
    const args = ['diagnose', written(JSON.stringify(passDenied(0))), '--trail', empty]
    expect(await dispatch(args, io)).toBe(2)
  })
})

describe('rolemedic explain-deploy --trail', () => {
  it('shows what happened around each cause', async () => {
    const deploys = join(root, 'events/deploys')
    const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
    const record = JSON.parse(readFileSync(join(deploys, 'cloudtrail/billing.json'), 'utf8')) as { Records: Members[] }
    const gone = {
      ...wrote(0, 'DeleteRole', { roleName: 'billing-WorkerRole-1A2B3C4D5E6F' }),
      eventTime: '2026-11-24T02:53:48Z',
    }
    const trail = written(JSON.stringify({ Records: [...record.Records, gone] }))
    const stack = ['--stack-events', join(deploys, 'stack-events/billing.json'), '--trail', trail]
    await dispatch(
      ['explain-deploy', ...stack, '--account', join(root, 'events/accounts/orders-dev.json'), '--json'],
      io,
    )
    const { causes } = JSON.parse(io.captured.out) as ExplainDeployOutput
    expect(causes[0]?.timeline).toMatchObject({ roleDeletedAt: '2026-11-24T02:53:48.000Z', solved: null })
    const other = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
    await dispatch(['explain-deploy', ...stack], other)
    expect(other.captured.out).toContain('the role was deleted at 2026-11-24 02:53:48 UTC, after the denial')
  })
})
