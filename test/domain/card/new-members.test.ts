import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { newMembersNotice } from '../../../functions/domain/card/grants/new-members.ts'
import { HOUR, NOON } from '../../fakes/sample-proposal.ts'

const linesOf = (...given: Parameters<typeof newMembersNotice>) => newMembersNotice(...given).lines.map(asPlainText)

describe('the message about new members of an approver group', () => {
  it('says who waits until when, who does not, and what to do', () => {
    const added = [
      { userId: 'U0BEN', sinceMs: NOON },
      { userId: 'U0CARL', sinceMs: NOON - HOUR },
      { userId: 'U0ANNA', sinceMs: null },
      { userId: 'U0DORA', sinceMs: NOON - 24 * HOUR },
    ]
    expect(linesOf('m', 'S0ONCALL', added, 0, NOON)).toEqual([
      'Group S0ONCALL: U0BEN, U0CARL, U0ANNA, U0DORA.',
      'Wait: at elevated and high risk, approvals of U0BEN, U0CARL count from 2026-11-25 12:00 UTC on. At low risk they count now.',
      'U0ANNA, U0DORA had been in the group before: they count now.',
      'If your team did not do this, remove them from the group in Slack now.',
    ])
  })

  it('names twenty people, and counts the others', () => {
    const added = Array.from({ length: 25 }, (_, n) => ({ userId: `U0NEW${n}`, sinceMs: undefined }))
    const [first = '', second = ''] = linesOf('m', 'S0ONCALL', added, 10, NOON)
    expect(first).toMatch(/U0NEW19, and 15 more\.$/)
    expect(first).not.toContain('U0NEW20')
    expect(second).toContain('count 24 h after they first press')
  })
})
