import { describe, expect, it } from 'vitest'
import { snapshotFor } from '../../../core/access/index.ts'
import { accessIn, readAccountDetails } from '../../../core/snapshots/index.ts'
import { timelineOf, trailOf } from '../../../core/timeline/index.ts'
import { at, denialIn, HOME, later, NO_ORGANIZATION, passDenied, READ_AT_MS, TARGET, wrote } from './records.ts'

type Members = Record<string, unknown>

const one = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })
const ACCOUNT = {
  ...{ RoleDetailList: [], Policies: [] },
  UserDetailList: [
    {
      ...{ Arn: `arn:aws:iam::${HOME}:user/ann`, UserName: 'ann', UserId: 'AIDAEXAMPLEANN123456', GroupList: ['team'] },
      UserPolicyList: [{ PolicyName: 'own', PolicyDocument: one('s3:GetObject') }],
    },
  ],
  GroupDetailList: [{ Arn: `arn:aws:iam::${HOME}:group/team`, GroupName: 'team', GroupPolicyList: [] }],
}
const ANN = { type: 'IAMUser', arn: `arn:aws:iam::${HOME}:user/ann`, accountId: HOME, userName: 'ann' }

/** The policy that allowed it was deleted a minute before, and some time earlier something got another name. */
function outcome(eventName: string, parameters: Members): string | undefined {
  const policyDocument = JSON.stringify(one('iam:PassRole'))
  const records = [
    wrote(-600, 'PutUserPolicy', { userName: 'ann', policyName: 'pass', policyDocument }),
    wrote(-300, eventName, parameters),
    wrote(-60, 'DeleteUserPolicy', { userName: 'ann', policyName: 'pass' }),
    wrote(-50, eventName, parameters),
  ]
  return changeIn(ACCOUNT, records)?.outcome
}

function changeIn(account: Members, records: readonly Members[]) {
  const denied = passDenied(0, TARGET, ANN)
  const denial = denialIn(denied)
  const access = accessIn([{ name: 'a.json', details: readAccountDetails('a.json', JSON.stringify(account)) }], {
    org: NO_ORGANIZATION,
  })
  const trail = trailOf([...records, denied, later()], [denial])
  const options = { readAtMs: READ_AT_MS, archive: access.archive }
  return timelineOf(denial, snapshotFor(denial, access), trail, options)?.change
}

describe('a user or group that gets another name', () => {
  it('leaves nothing proved where it is the caller or one of its groups', () => {
    for (const parameters of [
      { userName: 'anna', newUserName: 'ann' },
      { userName: 'ann', newPath: '/x/' },
    ])
      expect(outcome('UpdateUser', parameters)).toBe('not-proved')
    expect(outcome('UpdateGroup', { groupName: 'crew', newGroupName: 'Team' })).toBe('not-proved')
  })

  it('says nothing about another one', () => {
    expect(outcome('UpdateUser', { userName: 'bob', newUserName: 'rob' })).toBe('found')
    expect(outcome('UpdateGroup', { groupName: 'crew', newGroupName: 'night' })).toBe('found')
  })
})

describe('a caller that was made again under its name', () => {
  const policyDocument = JSON.stringify(one('iam:PassRole'))
  const lost = [
    wrote(-600, 'PutUserPolicy', { userName: 'ann', policyName: 'pass', policyDocument }),
    wrote(-60, 'DeleteUserPolicy', { userName: 'ann', policyName: 'pass' }),
  ]
  const made = (second: number) => wrote(second, 'CreateUser', { userName: 'ann' })
  const changed = (createDate: string, records: readonly Members[]) => {
    const [user] = ACCOUNT.UserDetailList
    const own = { ...user, GroupList: [], UserPolicyList: [], CreateDate: createDate }
    return changeIn({ ...ACCOUNT, UserDetailList: [own] }, records)
  }

  it('leaves nothing proved where the trail has no record of the time at which IAM says it was made', () => {
    // Before the trail, and when the trail says.
    expect(changed(at(-90_000), lost)?.outcome).toBe('found')
    expect(changed(at(-700), [made(-701), ...lost])?.outcome).toBe('found')
    // In the trail without a record, and later or earlier than the record.
    for (const [date, records] of [
      [at(-30), [made(-700), ...lost]],
      [at(-300), lost],
      [at(-90_000), [made(-700), ...lost]],
    ] as const)
      expect(changed(date, records)).toMatchObject({ outcome: 'not-proved', why: expect.stringContaining('differ') })
  })
})
