import { describe, expect, it } from 'vitest'
import { pullNews } from '../../../functions/domain/pull-request/pull-news.ts'
import { NOON } from '../../fakes/sample-proposal.ts'

const SEEN = { number: 12, url: 'https://github.com/acme/orders/pull/12', why: null } as const
type Seen = Parameters<typeof pullNews>[0]

describe('the thread of a card', () => {
  it.each<[string, Seen, string, string]>([
    [
      'waits',
      { ...SEEN, state: 'waiting', why: 'the host is away' },
      'pull-waiting',
      'The pull request waits: the host is away.',
    ],
    [
      'waits',
      { ...SEEN, state: 'waiting', why: null },
      'pull-waiting',
      'The pull request waits: the reason is not known.',
    ],
    [
      'is open',
      { ...SEEN, state: 'open' },
      'pull-open',
      'Pull request #12 is open: https://github.com/acme/orders/pull/12',
    ],
    [
      'is open',
      { ...SEEN, state: 'open', url: null },
      'pull-open',
      'Pull request #12 is open: its host does not say where',
    ],
    [
      'is in trouble',
      { ...SEEN, state: 'open', why: 'It conflicts!' },
      'pull-trouble',
      'Pull request #12: It conflicts!',
    ],
    ['is merged', { ...SEEN, state: 'merged' }, 'pull-merged', 'Pull request #12 is merged.'],
    [
      'was merged elsewhere',
      { ...SEEN, state: 'closed', why: 'it was merged into feature, not into main' },
      'pull-closed',
      'Pull request #12: it was merged into feature, not into main.',
    ],
    ['is closed', { ...SEEN, state: 'closed' }, 'pull-closed', 'Pull request #12 is closed, and was not merged.'],
    ['never was', { ...SEEN, state: 'closed', number: null }, 'pull-closed', 'No pull request was opened.'],
    [
      'is not needed',
      { ...SEEN, state: 'current' },
      'pull-current',
      'No pull request: the code has the change already. Deploy it.',
    ],
    [
      'cannot be written',
      { ...SEEN, state: 'snippet', why: 'the role is made in a loop' },
      'pull-snippet',
      'No pull request, as no edit of the code is certain: the role is made in a loop.',
    ],
    [
      'was refused',
      { ...SEEN, state: 'failed', why: 'No right to push?' },
      'pull-failed',
      'No pull request: No right to push?',
    ],
  ])('says that the pull request %s', (_, seen, key, text) => {
    expect(pullNews(seen, null)).toEqual({ key, text })
  })

  it('says nothing before it is opened', () => {
    expect(pullNews({ ...SEEN, state: 'asked' }, null)).toBeNull()
    expect(pullNews({ ...SEEN, state: 'asked' }, NOON)).toBeNull()
  })

  it.each<[Seen, string]>([
    [
      { ...SEEN, state: 'merged' },
      'Once it is deployed and the request is allowed without the grant, the grant is removed.',
    ],
    [{ ...SEEN, state: 'closed' }, 'The grant ends 2026-11-24 12:00 UTC, by itself.'],
    [{ ...SEEN, state: 'snippet' }, 'The grant ends 2026-11-24 12:00 UTC, by itself.'],
    [{ ...SEEN, state: 'failed' }, 'The grant ends 2026-11-24 12:00 UTC, by itself.'],
  ])('says what happens to the grant meanwhile: %o', (seen, sentence) => {
    expect(pullNews(seen, NOON)?.text.endsWith(` ${sentence}`)).toBe(true)
  })
})
