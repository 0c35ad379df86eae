import { describe, expect, it } from 'vitest'
import type { Run } from '../../../core/runs/index.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { postOutcome } from '../../../functions/workflows/card/post-outcome.ts'
import { refreshCard } from '../../../functions/workflows/card/refresh-card.ts'
import { memoryBot } from '../../fakes/memory-bot.ts'
import { HOUR, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const approval = { by: { id: 'U0ONCALL1', name: 'ada' }, atMs: NOON, limitHours: null, reason: null }
const applied = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
const failure = { code: 'x', message: 'IAM refused it.', owner: null }

const RUN: Run = {
  ...{ tool: 'codebuild', client: null, id: '7', url: null, repository: null, ref: null, workflow: null, actor: null },
  ...{ person: null, chain: [], claimed: ['tool', 'id'] },
}

const outcomes: readonly (readonly [string, Proposal])[] = [
  [
    '@U0ONCALL1 Applied: the request is allowed now.',
    sampleProposal({ status: 'applied', applied, approvals: [approval] }),
  ],
  [
    '@U0ONCALL1 Applied: the request is allowed now. Next: Retry build in CodeBuild.',
    sampleProposal({ status: 'applied', applied, approvals: [approval], run: RUN }),
  ],
  [
    '@U0ONCALL1 Applied, but the request is still denied. See the card.',
    sampleProposal({ status: 'applied', applied: { ...applied, answer: 'denied' }, approvals: [approval] }),
  ],
  [
    '@U0ONCALL1 Applied, but it is unknown whether the request is allowed. Try it again.',
    sampleProposal({ status: 'applied', applied: { ...applied, answer: 'unknown' }, approvals: [approval] }),
  ],
  [
    '@U0ONCALL1 It did not help: the same request was denied again. Revert it on the card.',
    sampleProposal({
      status: 'applied',
      applied,
      repeats: { count: 2, firstSeenMs: NOON, lastSeenMs: NOON + HOUR },
      approvals: [approval],
    }),
  ],
  [
    '@U0ONCALL1 This needs a person. IAM refused it.',
    sampleProposal({ status: 'applied', applied, failure, approvals: [approval] }),
  ],
  [
    '@U0ONCALL1 Nothing was changed. IAM refused it.',
    sampleProposal({ status: 'failed', failure, approvals: [approval] }),
  ],
  [
    '@U0ONCALL1 Out of date, nothing was changed. IAM refused it.',
    sampleProposal({ status: 'stale', failure, approvals: [approval] }),
  ],
  [
    '@U0ONCALL1 Reverted: what was added is removed.',
    sampleProposal({ status: 'reverted', applied, approvals: [approval] }),
  ],
]

describe('the result of a change', () => {
  it.each(outcomes)('“%s” is posted once to those who approved', async (text, proposal) => {
    const bot = memoryBot()
    await bot.store.create(proposal)
    await refreshCard('p-1', bot)
    await refreshCard('p-1', bot)
    expect(bot.chat.posts.map(post => post.text)).toEqual([text])
  })

  it.each(['open', 'approved', 'applying', 'rejected', 'expired', 'closed', 'reverting'] as const)(
    'is not there while a proposal is %s',
    async status => {
      const bot = memoryBot()
      await postOutcome(sampleProposal({ status }), bot)
      expect(bot.chat.posts).toEqual([])
    },
  )

  const person = { kind: 'person', userId: 'U0DENIED' } as const
  const previous = { id: 'p-0', status: 'applied', withdrawn: true, renewedUntilMs: NOON + HOUR } as const
  const mentioning = () => {
    const bot = memoryBot()
    return { ...bot, config: { ...bot.config, mentionRequester: true } }
  }
  it.each([
    [
      '@U0ONCALL1 @U0DENIED Applied: the request is allowed now.',
      { status: 'applied', applied, approvals: [approval] },
    ],
    ['@U0DENIED Rejected: use the other role', { status: 'rejected', reason: 'use the other role' }],
    ['@U0DENIED Nobody decided in time, nothing was changed.', { status: 'expired' }],
    ['@U0DENIED The grant ends as it was approved: it is done', { status: 'rejected', reason: 'it is done', previous }],
    ['@U0DENIED Nobody decided in time: the grant ends as it was approved.', { status: 'expired', previous }],
  ] as const)('“%s” also mentions the person who waits, where the configuration says so', async (text, changed) => {
    const bot = mentioning()
    const { reason, ...more } = { reason: '', ...changed }
    const rejection = { by: { id: 'U0ONCALL1', name: 'ada' }, atMs: NOON, reason, signed: null }
    await bot.store.create(sampleProposal({ ...more, requester: person, ...(reason === '' ? {} : { rejection }) }))
    await refreshCard('p-1', bot)
    await refreshCard('p-1', bot)
    expect(bot.chat.posts.map(post => post.text)).toEqual([text])
  })

  it('of a rejection is posted to nobody where nobody is proved', async () => {
    const bot = mentioning()
    await bot.store.create(sampleProposal({ status: 'rejected' }))
    await refreshCard('p-1', bot)
    expect(bot.chat.posts).toEqual([])
  })

  it('is told after an outage, and once', async () => {
    const bot = memoryBot()
    await bot.store.create(sampleProposal({ status: 'applied', applied }))
    bot.chat.down = new Error('Slack is down')
    await expect(refreshCard('p-1', bot)).rejects.toThrow('Slack is down')
    bot.chat.down = null
    await refreshCard('p-1', bot)
    expect(bot.chat.posts).toHaveLength(1)
  })
})
