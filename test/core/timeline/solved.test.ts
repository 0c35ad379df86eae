import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snapshotFor } from '../../../core/access/index.ts'
import { accessIn, readAccountDetails } from '../../../core/snapshots/index.ts'
import { joinedTrails, type Timeline, type Trail, timelineOf, trailOf } from '../../../core/timeline/index.ts'
import '../../seed.ts'
import {
  assumeDenied,
  assumed,
  at,
  denialIn,
  HOME,
  passDenied,
  passed,
  registered,
  session,
  TARGET,
  wrote,
} from './records.ts'

type Members = Record<string, unknown>

const ALLOWING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'iam:PassRole'], Resource: TARGET }],
}
const OTHER = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] }
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${HOME}:root` } }],
}

const accountOf = (policies: Members) => ({
  UserDetailList: [],
  GroupDetailList: [],
  Policies: [],
  RoleDetailList: [
    {
      ...{ Arn: `arn:aws:iam::${HOME}:role/ci/deploy`, RoleName: 'deploy', RoleId: 'AROAEXAMPLEDEPLOY123' },
      ...{ AssumeRolePolicyDocument: TRUST, AttachedManagedPolicies: [] },
      RolePolicyList: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument })),
    },
    {
      ...{ Arn: TARGET, RoleName: 'target', RoleId: 'AROAEXAMPLETARGET123', CreateDate: '2026-11-24T02:59:57Z' },
      ...{ AssumeRolePolicyDocument: TRUST, AttachedManagedPolicies: [], RolePolicyList: [] },
    },
  ],
})

function timeline(
  denied: Members,
  others: readonly Members[],
  policies: Members = { deploy: ALLOWING },
): Timeline | null {
  const denial = denialIn(denied)
  const details = readAccountDetails('a.json', JSON.stringify(accountOf(policies)))
  const access = accessIn([{ name: 'a.json', details }])
  const trail: Trail = trailOf([denied, ...others], [denial])
  return timelineOf(denial, snapshotFor(denial, access), trail, { readAtMs: null, archive: access.archive })
}

describe('a denial that solved itself', () => {
  it('is one whose call succeeded later, by another session of the same role, in any Region', () => {
    const later = assumed(8, TARGET, session('deploy', 'ci-9'), 'eu-central-1')
    const found = timeline(assumeDenied(0), [later])
    expect(found).toMatchObject({ roleAgeMs: 3_000, roleDeletedAtMs: null })
    expect(found?.solved).toEqual({
      atMs: Date.parse(at(8)),
      eventId: later['eventID'],
      afterMs: 8_000,
      by: 'time',
      write: null,
    })
  })

  it('is solved by the first success, and by no earlier one', () => {
    const [earlier, first, second] = [assumed(-5), assumed(3), assumed(9)]
    expect(timeline(assumeDenied(0), [second, earlier, first])?.solved?.eventId).toBe(first['eventID'])
    expect(timeline(assumeDenied(0), [earlier])?.solved).toBe(null)
    expect(timeline(assumeDenied(0), [assumed(0)])?.solved).toBe(null)
  })

  it('is not solved by look-alikes', () => {
    const refused = { ...assumed(5), errorCode: 'AccessDenied' }
    const elsewhere = `arn:aws:iam::${HOME}:role/target`
    for (const other of [
      refused,
      assumed(5, `${TARGET}-2`),
      assumed(5, elsewhere),
      assumed(5, TARGET, session('other')),
      passed(5),
      {
        ...assumed(5),
        userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${HOME}:user/deploy`, accountId: HOME, userName: 'deploy' },
      },
    ])
      expect(timeline(assumeDenied(0), [other])?.solved).toBe(null)
    for (const other of [registered(5), passed(5, `${TARGET}-2`), passed(5, TARGET, session('other')), assumed(5)])
      expect(timeline(passDenied(0), [other])?.solved).toBe(null)
    expect(timeline(passDenied(0), [passed(5)])?.solved).toMatchObject({ by: 'time' })
  })

  it('is solved by a change where a write between changed the answer, and by time where another did not', () => {
    const put = (second: number, policyName: string, document: unknown) =>
      wrote(second, 'PutRolePolicy', { roleName: 'deploy', policyName, policyDocument: JSON.stringify(document) })
    const made = wrote(-90, 'CreateRole', { roleName: 'deploy', assumeRolePolicyDocument: JSON.stringify(TRUST) })
    const grant = put(4, 'deploy', ALLOWING)
    expect(timeline(passDenied(0), [made, grant, passed(9)])?.solved).toMatchObject({
      by: 'change',
      write: { id: grant['eventID'], eventName: 'PutRolePolicy' },
    })
    const before = put(-60, 'deploy', ALLOWING)
    const unrelated = put(4, 'logs', OTHER)
    const policies = { deploy: ALLOWING, logs: OTHER }
    expect(timeline(passDenied(0), [made, before, unrelated, passed(9)], policies)?.solved).toMatchObject({
      by: 'time',
      write: null,
    })
    const elsewhere = wrote(4, 'PutRolePolicy', { roleName: 'other', policyName: 'deploy', policyDocument: '{}' })
    expect(timeline(passDenied(0), [elsewhere, passed(9)])?.solved).toMatchObject({ by: 'time' })
  })

  it('is proved only where the trail has records of the Region of IAM at that time', () => {
    const denied = passDenied(0)
    const write = wrote(-300, 'CreateAccessKey', {})
    const elsewhere = { ...write, awsRegion: 'eu-west-1' }
    const other = { ...write, recipientAccountId: '444455556666' }
    const why = (records: readonly Members[]) => timeline(denied, [...records, passed(8)])?.uncovered
    expect(why([write, wrote(8 + 900, 'CreateAccessKey', {})])).toBe(null)
    expect(why([write, wrote(8 + 899, 'CreateAccessKey', {})])).toBe(
      'the trail ends at 2026-11-24 03:15:07 UTC: records may be 15 minutes late, so that a write before 2026-11-24 03:00:08 UTC may be missing in it',
    )
    for (const records of [[], [elsewhere], [other]])
      expect(why(records)).toBe(`the trail has no record of account ${HOME} in us-east-1, where IAM’s own writes are`)
  })

  it('holds for every age and every mix of look-alikes: none is missed, and none is invented', () => {
    const lookAlikes = fc.array(
      fc.record({
        second: fc.integer({ min: -300, max: 300 }),
        kind: fc.constantFrom('caller', 'role', 'service', 'refused', 'earlier'),
      }),
      { maxLength: 30 },
    )
    const success = fc.option(fc.integer({ min: 1, max: 3_600 }))
    fc.assert(
      fc.property(fc.boolean(), lookAlikes, success, (isPass, others, later) => {
        const [denied, same] = isPass ? [passDenied(0), passed] : [assumeDenied(0), assumed]
        const noise = others.map(({ second, kind }): Members => {
          switch (kind) {
            case 'caller':
              return same(second, TARGET, session('other'))
            case 'role':
              return same(second, `${TARGET}x`)
            case 'service':
              return isPass ? registered(second) : passed(second)
            case 'refused':
              return { ...same(second), errorCode: 'AccessDenied' }
            default:
              return same(-Math.abs(second))
          }
        })
        const records = later === null ? noise : [...noise, same(later)]
        const found = timeline(denied, records)?.solved ?? null
        expect(found === null ? null : found.afterMs).toBe(later === null ? null : later * 1_000)
      }),
    )
  })
})

describe('the role of a denial', () => {
  it('has its age from the trail where it was made again since', () => {
    const made = wrote(-5, 'CreateRole', { roleName: 'target', assumeRolePolicyDocument: JSON.stringify(TRUST) })
    const gone = wrote(30, 'DeleteRole', { roleName: 'target' })
    const elsewhere = wrote(20, 'DeleteRole', { roleName: 'target' }, { recipientAccountId: '444455556666' })
    const found = timeline(passDenied(0), [made, gone, elsewhere])
    expect(found).toMatchObject({ roleAgeMs: 5_000, roleDeletedAtMs: Date.parse(at(30)) })
  })
})

const NEW = (Condition: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'iam:PassRole'], Resource: TARGET, Condition }],
})

describe('a permission with a time of its own', () => {
  const changeOf = (document: Members, records: readonly Members[]) => {
    const denied = passDenied(0)
    const denial = denialIn(denied)
    const details = readAccountDetails('a.json', JSON.stringify(accountOf({ deploy: document })))
    const access = accessIn([{ name: 'a.json', details }])
    const trail = trailOf([wrote(-3_600, 'ListUsers', {}), ...records, denied], [denial])
    const options = { readAtMs: null, archive: access.archive, isGiven: true } as const
    return timelineOf(denial, snapshotFor(denial, access), trail, options)?.change
  }

  it('was not "never allowed" before its end, and not "allowed until" a write before its start', () => {
    const ended = NEW({ DateLessThan: { 'aws:CurrentTime': at(-600) } })
    expect(changeOf(ended, [])).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining('time') })
    expect(changeOf(OTHER, [])).toMatchObject({ outcome: 'never-allowed' })
    const begins = NEW({ DateGreaterThan: { 'aws:CurrentTime': at(-60) } })
    const put = (document: Members) =>
      wrote(-1_200, 'PutRolePolicy', {
        ...{ roleName: 'deploy', policyName: 'late' },
        policyDocument: JSON.stringify(document),
      })
    const deleted = wrote(-600, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'late' })
    expect(changeOf(OTHER, [put(begins), deleted])).toMatchObject({ outcome: 'not-proved' })
    const valid = NEW({ DateGreaterThan: { 'aws:CurrentTime': at(-900) } })
    expect(changeOf(OTHER, [put(valid), deleted])).toMatchObject({
      outcome: 'found',
      write: { id: deleted['eventID'] },
    })
  })
})

describe('a record that CloudTrail corrects', () => {
  const corrects = (record: Members, more: Members = {}): Members => ({
    ...record,
    ...{ eventID: `${String(record['eventID'])}-corrected`, ...more },
    addendum: { reason: 'UPDATED_DATA', updatedFields: 'userAgent', originalEventID: record['eventID'] },
  })
  const denied = passDenied(0)
  const wrong = wrote(-60, 'DetachRolePolicy', { roleName: 'deploy', policyArn: 'arn:aws:iam::aws:policy/Wrong' })
  const right = corrects(wrong, {
    requestParameters: { roleName: 'deploy', policyArn: 'arn:aws:iam::aws:policy/Right' },
  })
  const idsIn = (records: readonly Members[]) => trailOf(records, [denialIn(denied)]).writes.map(({ id }) => id)

  it('is replaced by the corrected one, in whatever order both come', () => {
    for (const records of [
      [wrong, right],
      [right, wrong],
      [right, wrong, right],
    ])
      expect(idsIn(records)).toEqual([right['eventID']])
    expect(idsIn([corrects(right), wrong, right])).toEqual([`${String(right['eventID'])}-corrected`])
    const [one, other] = [wrong, right].map(record => trailOf([record], [denialIn(denied)]))
    if (one === undefined || other === undefined) throw new Error('two trails')
    expect(joinedTrails([one, other]).writes.map(({ id }) => id)).toEqual([right['eventID']])
  })

  it('is none where the corrected one says that AWS refused the call', () => {
    expect(idsIn([wrong, { ...right, errorCode: 'AccessDenied' }])).toEqual([])
    const worked = passed(8)
    const trail = trailOf([worked, { ...corrects(worked), errorCode: 'AccessDenied' }], [denialIn(denied)])
    expect(trail.calls).toEqual([])
  })

  it('leaves a gap where two records correct it: which one is later is in neither', () => {
    const other = { ...right, eventID: 'another' }
    expect(trailOf([wrong, right, other], [denialIn(denied)]).gap).toBe(
      'CloudTrail corrected a record of the trail twice',
    )
  })
})

describe('a trail', () => {
  it('says what it covers, and joins with another', () => {
    const denied = passDenied(0)
    const denial = denialIn(denied)
    const [one, other] = [trailOf([denied], [denial]), trailOf([wrote(60, 'CreateAccessKey', {})], [denial])]
    const { covers } = joinedTrails([one, other])
    expect([...(covers?.regionsOf.get(HOME)?.keys() ?? [])].sort()).toEqual(['eu-west-1', 'us-east-1'])
    expect((covers?.toMs ?? 0) - (covers?.fromMs ?? 0)).toBe(60_000)
  })
})
