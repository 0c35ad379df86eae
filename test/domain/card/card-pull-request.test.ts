import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { cardOf } from '../../../functions/domain/card/card.ts'
import { approver, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'
import { ADA, all, applied, CONFIG, card, labels } from './card-fixture.ts'

describe('a card whose code is kept in a configured repository', () => {
  const repository = {
    host: 'github.com',
    repository: 'acme/orders',
    branch: 'main',
    paths: ['**'],
    kind: 'terraform' as const,
  }
  const code = { repository, entities: [] }
  const hosted = { ...CONFIG, repositories: [repository] }
  const pull = {
    state: 'open',
    number: 12,
    url: 'https://github.com/acme/orders/pull/12',
    why: null,
    snippet: null,
    pollAtMs: null,
    aloneAtMs: null,
    reminders: 0,
    coveredSinceMs: null,
  } as const

  it('offers the bridge first, then the pull request alone, then the ordinary buttons', () => {
    const shown = card({ code })
    expect(labels(shown)).toEqual([
      'Approve, with pull request (72 h)',
      'Reject…',
      'Pull request only',
      'Approve, no end',
      'Approve for 8 h',
      'Details',
    ])
    expect(shown.buttons.map(({ style }) => style)).toEqual(['primary', 'danger', null, null, null, null])
  })

  it('offers the pull request alone where nothing may be approved', () => {
    const mode = { mode: 'recommend', setting: 'mode', unread: null } as const
    const shown = cardOf(sampleProposal({ code }), {
      config: CONFIG,
      mode,
      nowMs: NOON,
      needed: 1,
      mayApprove: approver('U0ONCALL1'),
    })
    expect(labels(shown)).toEqual(['Pull request only', 'Details'])
  })

  it('says how the pull request is, with its address', () => {
    expect(all(card({ status: 'confirmed', applied, code, pull }, hosted))).toContain(
      'Pull request #12 (https://github.com/acme/orders/pull/12) is open.',
    )
    expect(all(card({ status: 'confirmed', applied, code, pull: { ...pull, state: 'merged' } }))).toContain(
      'is merged.',
    )
    expect(
      all(card({ status: 'confirmed', applied, code, pull: { ...pull, state: 'snippet', number: null } })),
    ).toContain('the thread has the change to add by hand')
  })

  it.each([
    'https://evil.example/acme/orders/pull/12',
    'https://github.com.evil.example/pull/12',
    'https://github.com@evil.example/pull/12',
    'http://github.com/acme/orders/pull/12',
  ])('opens no page that is not on a configured host: %s', url => {
    const shown = card({ status: 'confirmed', applied, code, pull: { ...pull, url } }, hosted)
    expect(shown.lines.flat().filter(({ kind }) => kind === 'link')).toEqual([])
    expect(all(shown)).toContain('Pull request #12 is open.')
  })

  it('says that nothing was changed where the code alone changes', () => {
    const rejection = { by: ADA, atMs: NOON, reason: 'Pull request only', pullRequest: true, signed: null } as const
    const shown = card({ status: 'rejected', rejection, code, pull })
    expect(asPlainText(shown.headline)).toContain('Pull request only')
    expect(all(shown)).toContain('nothing was changed in IAM')
  })
})

describe('a card with a pull request', () => {
  const repository = {
    ...{ host: 'github.com', repository: 'acme/orders', branch: 'main', paths: ['**'], kind: 'terraform' as const },
  }
  const code = { repository, entities: [] }
  const pull = {
    ...{ state: 'open' as const, number: 12, url: null, why: null, snippet: null, pollAtMs: null },
    ...{ aloneAtMs: null, reminders: 0, coveredSinceMs: null },
  }
  it.each([
    [{ state: 'asked', number: null }, 'The pull request is being opened.'],
    [{ state: 'waiting', number: null }, 'The pull request is being opened.'],
    [{ state: 'open' }, 'Pull request #12 is open.'],
    [{ state: 'merged' }, 'Pull request #12 is merged.'],
    [{ state: 'closed' }, 'Pull request #12 is closed, not merged.'],
    [{ state: 'current' }, 'The code has the change already: deploy it.'],
    [{ state: 'snippet' }, 'No pull request: the thread has the change to add by hand.'],
    [{ state: 'failed' }, 'No pull request: the thread says why.'],
  ] as const)('says of %j: %s', (seen, sentence) => {
    expect(all(card({ status: 'confirmed', applied, code, pull: { ...pull, ...seen } }))).toContain(sentence)
  })

  it('says nothing of one that was closed before it was opened', () => {
    const never = { ...pull, state: 'closed' as const, number: null }
    expect(all(card({ status: 'confirmed', applied, code, pull: never }))).not.toContain('ull request')
  })
})
