import { describe, expect, it } from 'vitest'
import { snapshotFor } from '../../../core/access/index.ts'
import { accessIn, readAccountDetails } from '../../../core/snapshots/index.ts'
import { timelineOf, trailOf } from '../../../core/timeline/index.ts'
import { denialIn, HOME, later, NO_ORGANIZATION, passDenied, READ_AT_MS, TARGET, wrote } from './records.ts'

type Members = Record<string, unknown>

const one = (Action: string, more: Members = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }],
})
const PASS = one('iam:PassRole')
const OTHER = one('s3:GetObject')
const OF_BLUE = one('iam:PassRole', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } })
const RELEASE = `arn:aws:iam::${HOME}:policy/release`
const ANN = { type: 'IAMUser', arn: `arn:aws:iam::${HOME}:user/ann`, accountId: HOME, userName: 'ann' }

/** `release` is attached, and its versions are the documents: v1, v2 … */
function changeIn(
  {
    versions = [OTHER],
    inForce = versions.length,
    user = {},
  }: { versions?: Members[]; inForce?: number; user?: Members },
  records: readonly Members[],
) {
  const account = {
    ...{ RoleDetailList: [], GroupDetailList: [] },
    UserDetailList: [
      {
        ...{ Arn: ANN.arn, UserName: 'ann', UserId: 'AIDAEXAMPLEANN123456', UserPolicyList: [] },
        AttachedManagedPolicies: [{ PolicyArn: RELEASE, PolicyName: 'release' }],
        ...user,
      },
    ],
    Policies: [
      {
        ...{ Arn: RELEASE, PolicyName: 'release', DefaultVersionId: `v${inForce}` },
        PolicyVersionList: versions.map((Document, index) => ({
          ...{ VersionId: `v${index + 1}`, IsDefaultVersion: index + 1 === inForce, Document },
        })),
      },
    ],
  }
  const denied = passDenied(0, TARGET, ANN)
  const denial = denialIn(denied)
  const details = readAccountDetails('a.json', JSON.stringify(account))
  const access = accessIn([{ name: 'a.json', details }], { org: NO_ORGANIZATION })
  const trail = trailOf([wrote(-900, 'CreateAccessKey', {}), ...records, denied, later()], [denial])
  return timelineOf(denial, snapshotFor(denial, access), trail, { readAtMs: READ_AT_MS, archive: access.archive })
    ?.change
}

const madeVersion = (second: number, document: Members, versionId: string | null) =>
  wrote(
    second,
    'CreatePolicyVersion',
    { policyArn: RELEASE, policyDocument: JSON.stringify(document), setAsDefault: true },
    versionId === null ? {} : { responseElements: { policyVersion: { versionId, isDefaultVersion: true } } },
  )
const setDefault = (second: number, versionId: string) =>
  wrote(second, 'SetDefaultPolicyVersion', { policyArn: RELEASE, versionId })

describe('the version of a policy before the first change that the trail shows', () => {
  it('is the one that exists and is older than the version that was made', () => {
    const made = madeVersion(-60, OTHER, 'v2')
    expect(changeIn({ versions: [PASS, OTHER] }, [made])).toMatchObject({
      ...{ outcome: 'found', write: { id: made['eventID'] }, target: RELEASE, lost: PASS.Statement },
    })
    expect(changeIn({ versions: [OTHER, OTHER] }, [madeVersion(-60, OTHER, 'v2')])).toMatchObject({
      outcome: 'never-allowed',
    })
  })

  it('may be the version that was set again, which changed nothing', () => {
    expect(changeIn({ versions: [PASS, OTHER] }, [setDefault(-60, 'v2')])).toMatchObject({
      ...{ outcome: 'not-proved', why: expect.stringContaining('several versions') },
    })
  })

  it('is not known where several may have been it, or one of them was deleted', () => {
    const made = madeVersion(-60, OTHER, 'v3')
    expect(changeIn({ versions: [PASS, OTHER, OTHER] }, [made])).toMatchObject({ outcome: 'not-proved' })
    expect(changeIn({ versions: [PASS, PASS, OTHER] }, [made])).toMatchObject({ outcome: 'found' })
    const gone = wrote(-30, 'DeletePolicyVersion', { policyArn: RELEASE, versionId: 'v1' })
    expect(changeIn({ versions: [PASS, PASS, OTHER] }, [made, gone])).toMatchObject({ outcome: 'not-proved' })
  })

  it('is not known where the record does not say which version was made', () => {
    expect(changeIn({ versions: [PASS, OTHER] }, [madeVersion(-60, OTHER, null)])).toMatchObject({
      outcome: 'not-proved',
    })
  })
})

describe('a tag that the trail does not show as it was', () => {
  const tagged = wrote(-60, 'TagUser', { userName: 'ann', tags: [{ key: 'team', value: 'red' }] })

  it('proves nothing where a condition asks for it, and hides nothing else', () => {
    const user = { Tags: [{ Key: 'team', Value: 'red' }] }
    expect(changeIn({ versions: [OF_BLUE], user }, [tagged])).toMatchObject({ outcome: 'not-proved' })
    expect(changeIn({ versions: [OTHER], user }, [tagged])).toMatchObject({ outcome: 'never-allowed' })
    const before = wrote(-600, 'TagUser', { userName: 'ann', tags: [{ key: 'team', value: 'blue' }] })
    expect(changeIn({ versions: [OF_BLUE], user }, [before, tagged])).toMatchObject({
      ...{ outcome: 'found', write: { id: tagged['eventID'] } },
    })
  })

  it('may have been there on a user that was deleted and made again', () => {
    const again = [
      // A boundary is as little named as tags: it had none.
      wrote(-600, 'DeleteUserPermissionsBoundary', { userName: 'ann' }),
      wrote(-500, 'DetachUserPolicy', { userName: 'ann', policyArn: RELEASE }),
      wrote(-400, 'DeleteUser', { userName: 'ann' }),
      wrote(
        -300,
        'CreateUser',
        { userName: 'ann' },
        { responseElements: { user: { userId: 'AIDAEXAMPLEANN123456' } } },
      ),
    ]
    const user = { AttachedManagedPolicies: [] }
    expect(changeIn({ versions: [OF_BLUE], user }, again)).toMatchObject({ outcome: 'not-proved' })
    expect(changeIn({ versions: [PASS], user }, again)).toMatchObject({
      ...{ outcome: 'found', write: { eventName: 'DetachUserPolicy' } },
    })
  })
})

describe('a change of the trail itself', () => {
  const trailed = (eventName: string, requestParameters: Members | null, account = HOME) =>
    wrote(-300, eventName, requestParameters, {
      ...{ eventSource: 'cloudtrail.amazonaws.com', recipientAccountId: account },
    })
  const selected = (...eventSelectors: Members[]) => trailed('PutEventSelectors', { trailName: 't', eventSelectors })
  const advanced = (...fieldSelectors: Members[]) =>
    trailed('PutEventSelectors', { trailName: 't', advancedEventSelectors: [{ name: 'n', fieldSelectors }] })
  const management = { field: 'eventCategory', equals: ['Management'] }
  const named = [madeVersion(-600, PASS, 'v1'), madeVersion(-60, OTHER, 'v2')]
  const outcome = (record: Members) => changeIn({ versions: [PASS, OTHER] }, [...named, record])?.outcome

  it('may hide writes after it, so that nothing is proved', () => {
    for (const record of [
      trailed('StopLogging', { name: 't' }),
      trailed('DeleteTrail', { name: 't' }),
      trailed('UpdateTrail', null),
      trailed('UpdateTrail', { name: 't', includeGlobalServiceEvents: false }),
      trailed('UpdateTrail', { name: 't', isMultiRegionTrail: false }),
      selected({ readWriteType: 'ReadOnly', includeManagementEvents: true }),
      selected({ readWriteType: 'All', includeManagementEvents: false }),
      advanced({ field: 'eventCategory', equals: ['Data'] }),
      advanced(management, { field: 'readOnly', equals: ['true'] }),
      advanced(management, { field: 'eventSource', notEquals: ['iam.amazonaws.com'] }),
    ])
      expect(outcome(record), JSON.stringify(record['requestParameters'])).toBe('not-proved')
  })

  it('hides nothing where writes stay in it, or in another account', () => {
    for (const record of [
      trailed('StopLogging', { name: 't' }, '444455556666'),
      trailed('UpdateTrail', { name: 't', kmsKeyId: 'k' }),
      selected({ readWriteType: 'WriteOnly', includeManagementEvents: true }),
      selected({ readWriteType: 'ReadOnly' }, { readWriteType: 'All', includeManagementEvents: true }),
      advanced(management),
      advanced(management, { field: 'readOnly', equals: ['false'] }),
    ])
      expect(outcome(record), JSON.stringify(record['requestParameters'])).toBe('found')
  })
})
