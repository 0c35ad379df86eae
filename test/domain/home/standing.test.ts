import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { standingItem } from '../../../functions/domain/home/standing.ts'
import { HOUR, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

type Given = Parameters<typeof standingItem>[0]
type Use = Pick<NonNullable<Given['use']>, 'lookedAtMs' | 'wholeSinceMs' | 'lastUsedAtMs'>

describe('the use of a change that is in IAM', () => {
  const looked: Use = { lookedAtMs: NOON + 9 * HOUR, wholeSinceMs: NOON, lastUsedAtMs: null }
  const end = (use?: Partial<Use>): string => {
    const proposal = sampleProposal({ status: 'confirmed' })
    const item = standingItem(
      use === undefined ? proposal : ({ ...proposal, use: { ...looked, ...use } } as Given),
      NOON,
    )
    return asPlainText(item.detail).split('approved by Ana.')[1] ?? ''
  }

  it('is the last that was seen, or that there was none, or that it could not be seen', () => {
    expect(end({ lastUsedAtMs: NOON + 2 * HOUR })).toBe(' Last seen used 2026-11-24 14:00 UTC.')
    expect(end(looked)).toBe(' Not used until 2026-11-24 21:00 UTC.')
    expect(end({ ...looked, wholeSinceMs: NOON + 1 })).toBe(' Its use could not be seen.')
    expect(end({ ...looked, wholeSinceMs: null })).toBe(' Its use could not be seen.')
  })

  it('is not mentioned before anybody looked', () => {
    expect(end()).toBe('')
  })
})
