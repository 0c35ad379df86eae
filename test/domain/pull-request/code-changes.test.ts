import { describe, expect, it } from 'vitest'
import { revertChange } from '../../../core/patch/revert-patch.ts'
import { changesForCode } from '../../../functions/domain/pull-request/code-changes.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../../fakes/two-sided.ts'

describe('a change as the code is to have it', () => {
  it('is a policy of its own with the added statements alone, under other names than the live grant', () => {
    const other = {
      Sid: 'Rolemedicffffffff',
      Effect: 'Allow' as const,
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::111122223333:role/other',
    }
    const live = {
      ...IDENTITY_CHANGE,
      before: { Version: '2012-10-17', Statement: [other] },
      after: { ...IDENTITY_CHANGE.after, Statement: [other, ...IDENTITY_CHANGE.after.Statement] },
    }
    const [change] = changesForCode([live])
    expect(change?.target.policyName).toMatch(/^PassRole-app-task-[0-9a-f]{8}$/)
    expect(change?.before).toBeNull()
    expect(change?.after.Statement).toEqual([{ ...IDENTITY_CHANGE.after.Statement[0], Sid: 'Allow01234567' }])
  })

  it('keeps the trust policy, with another name for the statement that is added', () => {
    const [change] = changesForCode([TRUST_CHANGE])
    expect(change?.before).toEqual(TRUST_CHANGE.before)
    expect(change?.after.Statement.map(({ Sid }) => Sid)).toEqual([undefined, 'Allow01234567'])
  })

  it('lets the live grant be reverted after a deploy has replaced the trust policy', () => {
    const [change] = changesForCode([TRUST_CHANGE])
    expect(revertChange(TRUST_CHANGE, change?.after ?? null)).toEqual({ ok: true, value: change?.after })
  })
})
