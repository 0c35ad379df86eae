import { describe, expect, it } from 'vitest'
import type { Config } from '../../../functions/domain/config/config.ts'
import { codePlaceOf } from '../../../iac/repository/code-place.ts'
import { OUTCOME } from '../../fakes/sample-proposal.ts'

const [CHANGE] = OUTCOME.changes
if (CHANGE === undefined) throw new Error('no change')
const { arn } = CHANGE.target
const repository = (more: object): unknown => ({
  host: 'github.com',
  repository: 'acme/iam',
  branch: 'main',
  paths: ['**'],
  kind: 'terraform',
  ...more,
})
const config = (...repositories: readonly object[]): Pick<Config, 'repositories'> =>
  ({ repositories: repositories.map(repository) }) as unknown as Pick<Config, 'repositories'>
type Snapshot = Parameters<typeof codePlaceOf>[1]
const snapshot = (more: object): Snapshot =>
  ({ caller: { kind: 'found', value: { arn, tags: { team: 'orders' }, ...more } }, targets: [] }) as unknown as Snapshot
const place = (...given: Parameters<typeof codePlaceOf>) => codePlaceOf(...given)?.entities ?? null

describe('where the code of a change is kept', () => {
  const byTag = config({ tags: { team: 'orders' } })

  it('is found by the tags of the role that is changed', () => {
    expect(place({ changes: [CHANGE] }, snapshot({}), byTag)).toEqual([{ arn, tags: { team: 'orders' } }])
  })

  it('is not found by the tags of another role, or by tags that were not read', () => {
    expect(place({ changes: [CHANGE] }, snapshot({ arn: `${arn}2` }), byTag)).toBeNull()
    expect(place({ changes: [CHANGE] }, snapshot({ tagsUnread: true }), byTag)).toBeNull()
    expect(place({ changes: [CHANGE] }, snapshot({ tagsUnread: true }), config({}))).toEqual([{ arn, tags: {} }])
  })

  it('is found by the tags of a role that is passed, if that is the one to change', () => {
    const read = { kind: 'found', value: { arn, tags: { team: 'orders' } } }
    const passed = (role: object): Snapshot =>
      ({ caller: { kind: 'absent' }, targets: [{ arn, role }] }) as unknown as Snapshot
    expect(place({ changes: [CHANGE] }, passed(read), byTag)).toEqual([{ arn, tags: { team: 'orders' } }])
    expect(place({ changes: [CHANGE] }, passed({ kind: 'unreadable', why: 'AccessDenied' }), byTag)).toBeNull()
  })

  it('is one repository for all of the change, or none', () => {
    const other = { ...CHANGE, target: { ...CHANGE.target, arn: `${arn}2` } }
    const both = config({ principal: arn }, { principal: `${arn}2`, branch: 'dev' })
    expect(place({ changes: [CHANGE, other] }, snapshot({}), both)).toBeNull()
    expect(place({ changes: [CHANGE, other] }, snapshot({}), config({ principal: arn }))).toBeNull()
    expect(place({ changes: [CHANGE, { ...other, required: false }] }, snapshot({}), both)).toHaveLength(1)
    expect(place({ changes: [CHANGE, other] }, snapshot({}), config({}))).toHaveLength(2)
    expect(place({ changes: [] }, snapshot({}), config({}))).toBeNull()
  })
})
