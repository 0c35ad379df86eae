import { describe, expect, it } from 'vitest'
import { snapshotFor } from '../../../core/access/index.ts'
import { accessIn, readAccountDetails } from '../../../core/snapshots/index.ts'
import { timelineOf, trailOf } from '../../../core/timeline/index.ts'
import { assumeDenied, denialIn, HOME, later, passDenied, READ_AT_MS, TARGET, wrote } from './records.ts'

type Members = Record<string, unknown>

const MANAGEMENT = '999999999999'
const [ROOT, UNIT] = ['r-ab12', 'ou-ab12-11111111']
const one = (...Statement: Members[]) => ({ Version: '2012-10-17', Statement })
const ALL = one({ Effect: 'Allow', Action: '*', Resource: '*' })
const DENY = one({ Sid: 'NoPass', Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' })
const HARMLESS = one({ Effect: 'Deny', Action: 's3:*', Resource: '*' })
const trust = (Principal: Members) => one({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal })

const accountWith = (policies: Members) => ({
  ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
  RoleDetailList: [
    {
      ...{ Arn: `arn:aws:iam::${HOME}:role/ci/deploy`, RoleName: 'deploy', RoleId: 'AROAEXAMPLEDEPLOY123' },
      ...{ AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }), AttachedManagedPolicies: [] },
      RolePolicyList: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({ PolicyName, PolicyDocument })),
    },
    {
      ...{ Arn: TARGET, RoleName: 'target', RoleId: 'AROAEXAMPLETARGET123', RolePolicyList: [] },
      ...{ AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${HOME}:root` }), AttachedManagedPolicies: [] },
    },
  ],
})
const DEPLOY = one({ Effect: 'Allow', Action: ['iam:PassRole', 'sts:AssumeRole'], Resource: TARGET })

type Policy = { readonly id: string; readonly document: unknown }
const FULL: Policy = { id: 'p-FullAWSAccess', document: ALL }
const guard = (document: unknown, id = 'p-guard00001'): Policy => ({ id, document })
const arnOf = (id: string, type = 'service_control_policy') =>
  `arn:aws:organizations::${MANAGEMENT}:policy/o-abc123/${type}/${id}`

/** `levels`: SCPs by level; the others have the policy that allows everything. */
function organization(
  levels: { readonly [id: string]: readonly Policy[] },
  rcps: readonly Policy[] = [],
  path = [ROOT, UNIT, HOME],
) {
  const listed = (policies: readonly Policy[], type?: string) =>
    policies.map(({ id, document }) => ({ name: id.slice(2), arn: arnOf(id, type), document }))
  return {
    ...{ organizationId: 'o-abc123', managementAccountId: MANAGEMENT },
    accounts: {
      [HOME]: {
        path: path.map(id => ({
          id,
          serviceControlPolicies: listed(levels[id] ?? [FULL]),
          resourceControlPolicies: id === HOME ? listed(rcps, 'resource_control_policy') : [],
        })),
      },
    },
  }
}

const organized = (
  second: number,
  eventName: string,
  requestParameters: Members | null,
  responseElements: Members | null = null,
): Members =>
  wrote(second, eventName, requestParameters, {
    ...{ eventSource: 'organizations.amazonaws.com', recipientAccountId: MANAGEMENT, responseElements },
  })

const policyOf = (id: string, document: unknown, type = 'SERVICE_CONTROL_POLICY', organizationId = 'o-abc123') => ({
  policy: {
    policySummary: {
      ...{ id, type, name: id.slice(2), awsManaged: false },
      arn: arnOf(id, type.toLowerCase()).replace('o-abc123', organizationId),
    },
    content: JSON.stringify(document),
  },
})
const updated = (second: number, document: unknown, id = 'p-guard00001', ...more: string[]) =>
  organized(
    second,
    'UpdatePolicy',
    { policyId: id, content: JSON.stringify(document) },
    policyOf(id, document, ...more),
  )
const attached = (second: number, targetId: string, policyId = 'p-guard00001') =>
  organized(second, 'AttachPolicy', { policyId, targetId })
const detached = (second: number, targetId: string, policyId = 'p-guard00001') =>
  organized(second, 'DetachPolicy', { policyId, targetId })
/** So that the trail covers IAM and Organizations. */
const OF_IAM = [wrote(-900, 'CreateAccessKey', {}), later()]
const COVERING = [...OF_IAM, organized(-900, 'CreateAccount', {}), later(MANAGEMENT)]

function changeIn(
  denied: Members,
  org: Members,
  records: readonly Members[],
  { covering = COVERING, policies = {} }: { covering?: readonly Members[]; policies?: Members } = {},
) {
  const denial = denialIn(denied)
  const details = readAccountDetails('a.json', JSON.stringify(accountWith({ deploy: DEPLOY, ...policies })))
  const access = accessIn([{ name: 'a.json', details }], { org: JSON.stringify(org) })
  const trail = trailOf([...covering, ...records, denied], [denial])
  const options = { readAtMs: READ_AT_MS, archive: access.archive }
  return timelineOf(denial, snapshotFor(denial, access), trail, options)?.change
}
const denied = passDenied(0)

describe('a service control policy in what changed', () => {
  it('is named where it was attached to the account, its unit or the root', () => {
    for (const [place, kind] of [
      [HOME, 'account'],
      [UNIT, 'ou'],
      [ROOT, 'root'],
    ] as const) {
      const write = attached(-60, place)
      expect(changeIn(denied, organization({ [place]: [FULL, guard(DENY)] }), [write])).toMatchObject({
        ...{ outcome: 'found', write: { id: write['eventID'], eventName: 'AttachPolicy' }, lost: [] },
        target: `arn:aws:organizations::${MANAGEMENT}:${kind}/o-abc123/${place}`,
      })
    }
  })

  it('is named where it was updated, or what allowed everything was detached', () => {
    const before = updated(-600, HARMLESS)
    const write = updated(-60, DENY)
    expect(changeIn(denied, organization({ [UNIT]: [FULL, guard(DENY)] }), [before, write])).toMatchObject({
      ...{ outcome: 'found', write: { id: write['eventID'] }, target: arnOf('p-guard00001') },
    })
    const gone = detached(-60, UNIT, 'p-FullAWSAccess')
    expect(changeIn(denied, organization({ [UNIT]: [guard(HARMLESS)] }), [gone])).toMatchObject({
      ...{ outcome: 'found', write: { id: gone['eventID'] } },
      lost: ALL.Statement,
    })
  })

  it('is named where the account was moved below it', () => {
    const moved = organized(-60, 'MoveAccount', { accountId: HOME, sourceParentId: ROOT, destinationParentId: UNIT })
    expect(changeIn(denied, organization({ [UNIT]: [FULL, guard(DENY)] }), [moved])).toMatchObject({
      ...{ outcome: 'found', write: { id: moved['eventID'] } },
      target: `arn:aws:organizations::${MANAGEMENT}:account/o-abc123/${HOME}`,
    })
    const away = organized(-60, 'MoveAccount', {
      accountId: HOME,
      sourceParentId: 'ou-ab12-99999999',
      destinationParentId: UNIT,
    })
    expect(changeIn(denied, organization({ [UNIT]: [FULL, guard(DENY)] }), [away])).toMatchObject({
      ...{ outcome: 'not-proved', why: expect.stringContaining('ou-ab12-99999999 was not read') },
    })
  })

  describe('on a unit in which the account was', () => {
    const OLD = 'ou-ab12-99999999'
    const PARENT = 'ou-ab12-88888888'
    const made = (second: number, id: string, parentId: string) =>
      organized(second, 'CreateOrganizationalUnit', { parentId, name: id }, { organizationalUnit: { id, name: id } })
    const moved = (sourceParentId: string, destinationParentId: string, second = -60) =>
      organized(second, 'MoveAccount', { accountId: HOME, sourceParentId, destinationParentId })
    const away = moved(OLD, UNIT)
    const levels = organization({ [UNIT]: [FULL, guard(DENY)] })
    const outcomeOf = (records: readonly Members[]) => {
      const change = changeIn(denied, levels, records)
      return change?.outcome === 'found' ? change.write.id : change?.outcome
    }

    it('is known where the trail shows how the unit and those above it were made, and what was attached there', () => {
      expect(outcomeOf([made(-800, OLD, ROOT), away])).toBe(away['eventID'])
      expect(outcomeOf([made(-800, PARENT, ROOT), made(-700, OLD, PARENT), away])).toBe(away['eventID'])
      expect(outcomeOf([made(-700, OLD, PARENT), away])).toBe('not-proved')
      // Its own policy denied it there too: what the call was lost by is earlier.
      const other = updated(-650, DENY, 'p-guard00002')
      const closing = attached(-600, OLD, 'p-guard00002')
      expect(outcomeOf([made(-800, OLD, ROOT), other, closing, moved(ROOT, OLD, -620), away])).toBe(closing['eventID'])
      const above = attached(-600, PARENT, 'p-guard00002')
      expect(outcomeOf([made(-800, PARENT, ROOT), made(-700, OLD, PARENT), other, above, away])).toBe(above['eventID'])
    })

    it('is that nothing was allowed where what allowed everything was detached', () => {
      const emptied = [
        updated(-690, HARMLESS, 'p-guard00002'),
        attached(-680, OLD, 'p-guard00002'),
        detached(-670, OLD, FULL.id),
      ]
      expect(outcomeOf([made(-800, OLD, ROOT), ...emptied, moved(ROOT, OLD, -600), away])).not.toBe(away['eventID'])
    })

    it('is nothing while the type was disabled when the unit was made', () => {
      const policyType = 'SERVICE_CONTROL_POLICY'
      const enabled = organized(-700, 'EnablePolicyType', { rootId: ROOT, policyType })
      expect(outcomeOf([made(-800, OLD, ROOT), enabled, attached(-650, UNIT), away])).toBe(away['eventID'])
    })
  })

  it('denied nothing while its type was disabled', () => {
    const policyType = 'SERVICE_CONTROL_POLICY'
    const enabled = organized(-120, 'EnablePolicyType', { rootId: ROOT, policyType })
    const write = attached(-60, HOME)
    const levels = organization({ [HOME]: [FULL, guard(DENY)] })
    expect(changeIn(denied, levels, [enabled, write])).toMatchObject({
      outcome: 'found',
      write: { id: write['eventID'] },
    })
    const ended = organized(-30, 'DisablePolicyType', { rootId: ROOT, policyType })
    expect(changeIn(denied, organization({ [ROOT]: [], [UNIT]: [], [HOME]: [] }), [write, ended])).toBe(null)
  })

  it('is not blamed where it denies nothing, or another account, type or organization is meant', () => {
    const removed = wrote(-60, 'PutRolePolicy', {
      roleName: 'deploy',
      policyName: 'x',
      policyDocument: JSON.stringify(DENY),
    })
    const noise = [
      attached(-300, HOME),
      updated(-200, HARMLESS),
      attached(-50, '222233334444'),
      attached(-50, 'ou-ab12-22222222'),
      organized(-50, 'MoveAccount', { accountId: '222233334444', sourceParentId: ROOT, destinationParentId: UNIT }),
      updated(-50, { tags: {} }, 'p-tags000001', 'TAG_POLICY'),
      attached(-49, HOME, 'p-tags000001'),
      updated(-50, DENY, 'p-guard00001', 'SERVICE_CONTROL_POLICY', 'o-other99'),
      organized(-50, 'DisablePolicyType', { rootId: ROOT, policyType: 'TAG_POLICY' }),
    ]
    const levels = organization({ [HOME]: [FULL, guard(HARMLESS)] })
    const policies = { x: DENY }
    expect(changeIn(denied, levels, [...noise, removed], { policies })).toMatchObject({ outcome: 'not-proved' })
    const policyDocument = JSON.stringify(HARMLESS)
    const made = wrote(-800, 'PutRolePolicy', { roleName: 'deploy', policyName: 'x', policyDocument })
    expect(changeIn(denied, levels, [made, ...noise, removed], { policies })).toMatchObject({
      ...{ outcome: 'found', write: { id: removed['eventID'] } },
    })
  })

  it('is not proved where its document before is nowhere, its parameters are omitted, or Organizations is not in the trail', () => {
    const levels = organization({ [UNIT]: [FULL, guard(DENY)] })
    const why = (records: readonly Members[], covering?: readonly Members[]) => {
      const change = changeIn(denied, levels, records, covering === undefined ? {} : { covering })
      return change?.outcome === 'not-proved' ? change.why : change?.outcome
    }
    expect(why([updated(-60, DENY)])).toContain('p-guard00001')
    expect(why([organized(-60, 'AttachPolicy', null)])).toBe('the parameters of AttachPolicy are omitted in the trail')
    expect(why([organized(-60, 'AcceptHandshake', {})])).toContain('AcceptHandshake')
    expect(why([], OF_IAM)).toBe(
      'the trail has no record of the management account 999999999999 in us-east-1, where Organizations’ own writes are',
    )
    expect(why([])).toBe('never-allowed')
  })
})

describe('a permission that was taken away in an account of an organization', () => {
  const policyDocument = JSON.stringify(DEPLOY)
  const own = [
    wrote(-600, 'PutRolePolicy', { roleName: 'deploy', policyName: 'pass', policyDocument }),
    wrote(-60, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'pass' }),
  ]
  const changed = (covering: readonly Members[], records: readonly Members[] = own) =>
    changeIn(denied, organization({}), records, { covering, policies: { deploy: HARMLESS } })

  it('is found, with the records of Organizations and without: what nobody was seen to write stands as it is read', () => {
    const begins = [...OF_IAM, organized(-30, 'CreateAccount', {}), later(MANAGEMENT)]
    for (const covering of [COVERING, OF_IAM, begins])
      expect(changed(covering)).toMatchObject({ outcome: 'found', write: { eventName: 'DeleteRolePolicy' } })
  })

  it('is not proved after the trail of the organization has ended, or left its members', () => {
    const trail = { name: `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/all` }
    const change = (eventName: string, more: Members = {}) =>
      wrote(
        -300,
        eventName,
        { ...trail, ...more },
        {
          ...{ eventSource: 'cloudtrail.amazonaws.com', recipientAccountId: MANAGEMENT },
        },
      )
    const outcome = (record: Members) => changed(COVERING, [...own, record])?.outcome
    expect(outcome(change('StopLogging'))).toBe('not-proved')
    expect(outcome(change('UpdateTrail', { isOrganizationTrail: false }))).toBe('not-proved')
    expect(outcome(change('UpdateTrail', { isOrganizationTrail: true }))).toBe('found')
  })

  it('is never said to have been allowed where the own policies never allowed it', () => {
    expect(changed(OF_IAM, [])).toMatchObject({ outcome: 'never-allowed' })
  })
})

describe('a reading that is younger than the trail is sure of', () => {
  const policyDocument = JSON.stringify(DEPLOY)
  const own = [
    wrote(-600, 'PutRolePolicy', { roleName: 'deploy', policyName: 'pass', policyDocument }),
    wrote(-60, 'DeleteRolePolicy', { roleName: 'deploy', policyName: 'pass' }),
  ]
  const ends = (second: number) => [
    wrote(-900, 'CreateAccessKey', {}),
    wrote(second, 'CreateAccessKey', {}),
    organized(-900, 'CreateAccount', {}),
    later(MANAGEMENT),
  ]
  const changed = (second: number) =>
    changeIn(denied, organization({}), own, { covering: ends(second), policies: { deploy: HARMLESS } })

  it('names no write: a deny that stood all the time may have been deleted since', () => {
    expect(changed(960)).toMatchObject({ outcome: 'found' })
    expect(changed(959)).toEqual({
      outcome: 'not-proved',
      why: 'the policies were read at 2026-11-24 03:01:00 UTC, and the trail ends at 2026-11-24 03:15:59 UTC: records may be 15 minutes late, so that a write before 2026-11-24 03:01:00 UTC may be missing in it',
    })
  })
})

describe('a resource control policy in what changed', () => {
  it('restricts who assumes the role, and no pass', () => {
    const document = one({ Effect: 'Deny', Principal: '*', Action: ['sts:AssumeRole', 'iam:PassRole'], Resource: '*' })
    const write = [
      updated(-600, document, 'p-guard00009', 'RESOURCE_CONTROL_POLICY'),
      attached(-60, HOME, 'p-guard00009'),
    ]
    const levels = organization({}, [guard(document, 'p-guard00009')])
    expect(changeIn(assumeDenied(0), levels, write)).toMatchObject({
      outcome: 'found',
      write: { eventName: 'AttachPolicy' },
    })
    expect(changeIn(denied, levels, write)).toBe(null)
  })
})
