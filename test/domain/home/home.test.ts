import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { approvedItem } from '../../../functions/domain/home/approved.ts'
import { closedHome, type HomeParts, homeOf } from '../../../functions/domain/home/home.ts'
import { standingItem } from '../../../functions/domain/home/standing.ts'
import { isUnsettled, waitingItem } from '../../../functions/domain/home/waiting.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { APPROVAL, HOUR, NOON, OUTCOME, ROLLS_OUT, sampleProposal } from '../../fakes/sample-proposal.ts'

const ANA = 'U0ONCALL1'
const FAILURE = { code: 'x', message: 'the policy was changed', owner: null }
const LATE = { count: 2, firstSeenMs: NOON, lastSeenMs: NOON + HOUR }

describe('what happened to a change that a person approved', () => {
  const result = (proposal: Proposal, by = ANA, nowMs = NOON + HOUR) => {
    const text = asPlainText(approvedItem(proposal, by, NOON, nowMs).detail)
    expect(text).toMatch(/^You approved it 2026-11-24 12:00 UTC\. /)
    return text.slice('You approved it 2026-11-24 12:00 UTC. '.length)
  }
  const GONE = 'Your approval does not count any more, as the change was made again: look at it once more.'

  it.each<[string, Proposal, string]>([
    ['made again', sampleProposal({ status: 'drafted' }), GONE],
    ['made again, and open', sampleProposal({ status: 'open' }), GONE],
    ['open', sampleProposal({ status: 'open', approvals: [APPROVAL] }), 'It waits for another person.'],
    ['closed', sampleProposal({ status: 'closed' }), GONE],
    ['approved', sampleProposal({ status: 'approved' }), 'It is being written.'],
    [
      'not recorded yet',
      sampleProposal({ status: 'approved', waitsForRecord: true }),
      "It waits for CloudTrail's own record of the denial.",
    ],
    [
      'stopped',
      sampleProposal({ status: 'approved', stopped: { by: 'user/ada', sinceMs: NOON } }),
      'It waits: user/ada stopped granting.',
    ],
    ['being written', sampleProposal({ status: 'applying' }), 'It is being written.'],
    ['applied', sampleProposal({ status: 'applied' }), 'It was applied 2026-11-24 12:00 UTC.'],
    [
      'being rolled out',
      sampleProposal({ status: 'applied', applied: ROLLS_OUT, repeats: LATE }),
      'It was applied 2026-11-24 12:00 UTC, and is being rolled out.',
    ],
    ['working', sampleProposal({ status: 'confirmed' }), 'It was applied 2026-11-24 12:00 UTC, and it works.'],
    [
      'limited',
      sampleProposal({ status: 'confirmed', applied: { ...OUTCOME, endsAtMs: NOON + 2 * HOUR } }),
      'It was applied 2026-11-24 12:00 UTC, and it works. It ends by itself 2026-11-24 14:00 UTC.',
    ],
    [
      'in need of a person',
      sampleProposal({ status: 'applied', failure: FAILURE }),
      'It needs a person: the policy was changed',
    ],
    [
      'denied again',
      sampleProposal({ status: 'confirmed', repeats: LATE }),
      'It was applied 2026-11-24 12:00 UTC, and denied again 2026-11-24 13:00 UTC.',
    ],
    ['being undone', sampleProposal({ status: 'reverting' }), 'It is being undone, as Ana asked.'],
    ['undone', sampleProposal({ status: 'reverted' }), 'It was reverted by Ana, 2026-11-24 12:02 UTC.'],
    ['rejected', sampleProposal({ status: 'rejected' }), 'Ana rejected it: not needed'],
    ['expired', sampleProposal({ status: 'expired' }), 'Nobody else decided in time: nothing was changed.'],
    ['failed', sampleProposal({ status: 'failed' }), 'Nothing was written: the policy was changed'],
    ['out of date', sampleProposal({ status: 'stale' }), 'Nothing was written: the policy was changed'],
  ])('is said of one that is %s', (_, proposal, words) => {
    expect(result(proposal)).toBe(words)
  })

  it('says that a time is over where nobody has taken the change back yet', () => {
    const limited = { ...OUTCOME, endsAtMs: NOON + 2 * HOUR }
    for (const [proposal, words] of [
      [sampleProposal({ status: 'confirmed', applied: limited }), 'It was applied 2026-11-24 12:00 UTC, and it works.'],
      [
        sampleProposal({ status: 'applied', applied: limited, failure: FAILURE }),
        'It needs a person: the policy was changed',
      ],
    ] as const) {
      expect(result(proposal, ANA, NOON + 2 * HOUR - 1)).toBe(`${words} It ends by itself 2026-11-24 14:00 UTC.`)
      expect(result(proposal, ANA, NOON + 2 * HOUR)).toBe(
        `${words} Its time ended 2026-11-24 14:00 UTC: it is to be reverted.`,
      )
    }
  })

  it('is not counted where only others approved', () => {
    expect(result(sampleProposal({ status: 'open', approvals: [APPROVAL] }), 'U0OTHER1')).toBe(GONE)
  })

  it('gives no reason where nobody gave one', () => {
    const { rejection } = sampleProposal({ status: 'rejected' })
    expect(result(sampleProposal({ status: 'rejected', rejection: { ...rejection, reason: '' } }))).toBe(
      'Ana rejected it',
    )
  })
})

describe('the Home tab', () => {
  const item = { title: [], detail: [], link: null }
  const none = { items: [], total: 0, whole: true }
  const some = (total: number, whole = true) => ({ items: [item], total, whole })
  const parts: HomeParts = {
    waiting: none,
    settling: none,
    others: none,
    mayApprove: true,
    approved: none,
    limited: none,
    standing: none,
    channel: '#deploys',
    atMs: NOON,
  }
  const notes = (more: Partial<HomeParts>) =>
    homeOf({ ...parts, ...more }).sections.map(one => one.notes.map(asPlainText))
  const NONE_STANDS = 'No change of rolemedic is in IAM now.'
  const NOTHING_YET = 'Nothing yet. What happens to a change after you approve it is listed here.'

  it('says what to do first where nothing has happened, and only there', () => {
    const first = homeOf(parts).notices.map(asPlainText)
    expect(first).toHaveLength(2)
    expect(first[0]).toContain('a card comes to the channel #deploys: it says why')
    expect(asPlainText(homeOf({ ...parts, channel: null }).notices[0] ?? [])).toContain(
      'comes to the channel of your configuration: it',
    )
    for (const more of ['waiting', 'settling', 'others', 'approved', 'limited', 'standing'].map(one => ({
      [one]: some(1),
    })))
      expect(homeOf({ ...parts, ...more }).notices).toEqual([])
  })

  it('says in each section that it is empty', () => {
    expect(notes({})).toEqual([['Nothing waits for you.'], [NOTHING_YET], [NONE_STANDS]])
    expect(notes({ mayApprove: false })).toEqual([
      ['You may look, and approve nothing: approvers in rolemedic.config.json names who may.'],
      [],
      [NONE_STANDS],
    ])
    expect(notes({ waiting: some(1), approved: some(1), standing: some(1) })).toEqual([[], [], []])
    expect(notes({ waiting: some(1), approved: some(1), standing: some(1), mayApprove: false })).toEqual([[], [], []])
  })

  it('lists what settles, what waits for others and what ends next, where there is any', () => {
    const titles = (more: Partial<HomeParts>) => homeOf({ ...parts, ...more }).sections.map(({ title }) => title)
    expect(titles({})).toEqual(['Waiting for you', 'What you approved', 'What still stands'])
    expect(titles({ settling: some(1), others: some(1), limited: some(1) })).toEqual([
      'Waiting for you',
      'Settling',
      'Waiting for others',
      'Ends next',
      'What you approved',
      'What still stands',
    ])
    expect(notes({ limited: some(1) }).at(-1)).toEqual([])
  })

  it('counts what is not listed, as far as it was read', () => {
    const more = (total: number, whole: boolean) => notes({ waiting: some(total, whole) })[0]
    expect(more(1, true)).toEqual([])
    expect(more(3, true)).toEqual(['2 more: rolemedic audit report --out report.html'])
    expect(more(3, false)).toEqual(['More than 2 more: rolemedic audit report --out report.html'])
    expect(more(1, false)).toEqual(['More: rolemedic audit report --out report.html'])
    expect(notes({ others: some(2) })[1]).toEqual(['1 more: /rolemedic open'])
    expect(notes({ limited: some(2) })[1]).toEqual(['1 more: rolemedic audit grants'])
    expect(notes({ approved: some(2) })[1]).toEqual(['1 more: /rolemedic audit'])
    expect(notes({ standing: some(2) })[2]).toEqual(['1 more: rolemedic audit grants'])
  })

  it('says only why to a person who may not look', () => {
    expect(closedHome('no', NOON)).toEqual({ notices: [[{ kind: 'outside', text: 'no' }]], sections: [], atMs: NOON })
  })
})

describe('a change that is in IAM', () => {
  const detail = (proposal: Parameters<typeof standingItem>[0]) => asPlainText(standingItem(proposal, NOON).detail)
  const [change] = OUTCOME.changes
  const times = (count: number) => ({
    ...OUTCOME,
    changes: Array.from({ length: count }, () => change).filter(one => one !== undefined),
  })

  it('says where it is, since when, until when, and who approved it', () => {
    const proposal = sampleProposal({ status: 'confirmed' })
    expect(detail(proposal)).toMatch(/^In the .*\. Since 2026-11-24 12:00 UTC, without end, approved by Ana\.$/)
    expect(asPlainText(standingItem(proposal, NOON).title)).toBe(
      'Lets deployer pass app-task to ECS tasks, nothing else.',
    )
    expect(detail(sampleProposal({ status: 'confirmed', applied: { ...OUTCOME, endsAtMs: NOON + HOUR } }))).toContain(
      'Since 2026-11-24 12:00 UTC, until 2026-11-24 13:00 UTC, approved',
    )
    const over = sampleProposal({ status: 'applied', applied: { ...OUTCOME, endsAtMs: NOON } })
    expect(detail(over)).toContain('Since 2026-11-24 12:00 UTC, its time was over 2026-11-24 12:00 UTC, approved')
    expect(detail(sampleProposal({ status: 'reverting' }))).toMatch(/approved by Ana\. It is being undone\.$/)
  })

  it('names three places, and counts the others', () => {
    expect(detail(sampleProposal({ status: 'confirmed', applied: times(3) }))).not.toContain(' more')
    expect(detail(sampleProposal({ status: 'confirmed', applied: times(5) }))).toContain(', and 2 more. Since')
  })

  it('names each person once', () => {
    const ben = { ...APPROVAL, by: { id: 'U0ONCALL2', name: 'Ben' } }
    expect(detail(sampleProposal({ status: 'confirmed', approvals: [APPROVAL, ben, APPROVAL] }))).toMatch(
      /approved by Ana and Ben\.$/,
    )
  })
})

describe('a card that waits', () => {
  it('is one to decide, or one that is applied and in need of a person', () => {
    const statuses = ['drafted', 'open', 'approved', 'applied', 'confirmed', 'closed'] as const
    expect(statuses.filter(status => isUnsettled(sampleProposal({ status })))).toEqual(['open'])
    expect(isUnsettled(sampleProposal({ status: 'applied', failure: FAILURE }))).toBe(true)
    expect(isUnsettled(sampleProposal({ status: 'applied', repeats: LATE }))).toBe(true)
    expect(isUnsettled(sampleProposal({ status: 'confirmed', repeats: LATE }))).toBe(false)
  })

  type Given = Parameters<typeof waitingItem>
  const words = (proposal: Given[0], summary: Given[1], why: Given[2], nowMs = NOON) =>
    asPlainText(waitingItem(proposal, summary, why, nowMs).detail)
  const CHANGE = 'Lets deployer pass app-task to ECS tasks, nothing else.'

  it('says the change, its risk, the approvals it has, and when it expires', () => {
    const expires = 'Expires 2026-11-24 20:00 UTC.'
    expect(words(sampleProposal(), { needed: 1, had: [] }, null)).toBe(
      `${CHANGE} Low risk, 0 of 1 approval given. ${expires}`,
    )
    const two = sampleProposal({ approvals: [APPROVAL, { ...APPROVAL, by: { id: 'U0ONCALL2', name: 'Ben' } }] })
    expect(words(two, { needed: 3, had: [ANA, 'U0ONCALL2'] }, null)).toBe(
      `${CHANGE} Low risk, 2 of 3 approvals given, by Ana and Ben. ${expires}`,
    )
    expect(words(two, { needed: 2, had: [ANA] }, 'Why.')).toBe(
      `${CHANGE} Low risk, 1 of 2 approvals given, by Ana. ${expires} Why.`,
    )
  })

  it('says that the time to decide is over, until it is closed', () => {
    expect(words(sampleProposal(), { needed: 1, had: [] }, null, NOON + 9 * HOUR)).toContain(
      'The time to decide ended 2026-11-24 20:00 UTC.',
    )
  })

  it('names what was denied where the title names the deploy', () => {
    const proposal = sampleProposal({ deploy: { key: 'k', title: 'the pipeline orders' } })
    expect(words(proposal, { needed: 1, had: [] }, null)).toMatch(
      /^deployer was denied iam:PassRole on app-task\. Lets/,
    )
  })

  it('says what is wrong with one that is applied', () => {
    const none = { needed: 1, had: [] }
    expect(words(sampleProposal({ status: 'applied', failure: FAILURE }), none, null)).toBe(
      'A part of the change may still stand: the policy was changed',
    )
    expect(words(sampleProposal({ status: 'applied', repeats: LATE }), none, null)).toBe(
      'Denied again 2026-11-24 13:00 UTC: revert it, so that no unused access is left behind.',
    )
  })
})
