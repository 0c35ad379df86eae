import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PullOrder } from '../../../functions/domain/proposal/pull-request.ts'
import { bare, codeBlock, inlineCode, linkTo } from '../../../functions/domain/pull-request/markdown.ts'
import { authorOf, commitMessage, pullBody, pullTitle } from '../../../functions/domain/pull-request/pull-text.ts'
import { CODE } from '../../fakes/bridge-world.ts'
import { IDENTITY_CHANGE } from '../../fakes/two-sided.ts'

const FACTS: PullOrder['facts'] = {
  action: 'iam:PassRole',
  principal: 'arn:aws:iam::111122223333:role/deployer',
  resource: 'arn:aws:iam::111122223333:role/app-task',
  deniedAtMs: Date.UTC(2026, 10, 24, 11, 58),
  cause: 'No identity policy of deployer allows iam:PassRole on app-task.',
  verdict: 'proved',
  risk: 'low',
  checks: ['this request: denied now, allowed with the change'],
  bridgeEndsAtMs: Date.UTC(2026, 10, 27, 12, 0),
  cardUrl: 'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100',
}
const ORDER: PullOrder = {
  proposalId: 'p-1',
  wanted: 'open',
  place: CODE,
  changes: [IDENTITY_CHANGE],
  decisions: [],
  facts: FACTS,
  remark: null,
}

/** A chat, and where its messages are. */
const SIGNED = { approvers: ['Ana (U0ONCALL1)'], codeOnly: [], needed: 1, risk: 'low' as const }
const SITE = { name: 'Slack', hosts: ['*.slack.com'] }

describe('a pull request', () => {
  it('says what was denied, why, until when, what it opens, its risk, who approved, and where', () => {
    expect(pullTitle(ORDER)).toBe('Allow iam:PassRole on app-task for deployer')
    const body = pullBody(ORDER, SIGNED, SITE)
    for (const line of [
      '**Denied:** `iam:PassRole` on `arn:aws:iam::111122223333:role/app-task` for `arn:aws:iam::111122223333:role/deployer`, 2026-11-24 11:58 UTC',
      '**Why** (`proved`): `No identity policy of deployer allows iam:PassRole on app-task.`',
      '**Until 2026-11-27 12:00 UTC,** a grant outside the code allows the request.',
      '**Blast radius:** `1 role (app-task), 1 service (ecs-tasks.amazonaws.com), 1 action (iam:PassRole)`',
      '**Risk:** `low`',
      '- `this request: denied now, allowed with the change`',
      '- `Ana (U0ONCALL1)`',
      '"iam:PassedToService": "ecs-tasks.amazonaws.com"',
      'Proposal `p-1`: search the audit log for it.',
      '[the card in Slack](https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100)',
    ])
      expect(body).toContain(line)
  })

  it('of more than a host takes leaves whole parts out, and keeps its end', () => {
    for (let statements = 20; statements <= 120; statements += 20) {
      const [one] = IDENTITY_CHANGE.after.Statement
      const Statement = Array.from({ length: statements }, () => one ?? { Effect: 'Allow' as const })
      const after = { ...IDENTITY_CHANGE.after, Statement }
      const target = { ...IDENTITY_CHANGE.target, policyName: 'p' }
      const changes = Array.from({ length: 12 }, () => ({ ...IDENTITY_CHANGE, target, after }))
      const body = pullBody({ ...ORDER, changes }, SIGNED, SITE)
      expect(body.length).toBeLessThanOrEqual(60_000)
      expect(body.match(/^```/gm)?.length ?? 1).toSatisfy((fences: number) => fences % 2 === 0)
      expect(body).toMatch(/Proposal `p-1`.*rolemedic never merges; close this to refuse it\.$/)
    }
  })

  it('says what the signed change opens, whatever the order says of it, and nothing where that is nothing', () => {
    const facts = { ...FACTS, blastRadius: 'nothing at all' }
    expect(pullBody({ ...ORDER, facts }, SIGNED, SITE)).toContain('**Blast radius:** `1 role (app-task)')
    expect(pullBody({ ...ORDER, changes: [] }, SIGNED, SITE)).not.toContain('Blast radius')
  })

  it('links the card only where the chat has its messages, and names the chat', () => {
    const other = pullBody(ORDER, SIGNED, { name: 'Teams', hosts: ['teams.microsoft.com'] })
    expect(other).not.toContain('slack')
    expect(other).toContain('**Approved in Teams by:**')
  })

  it('says without a grant that the request stays denied', () => {
    expect(pullBody({ ...ORDER, facts: { ...FACTS, bridgeEndsAtMs: null } }, SIGNED, SITE)).toContain(
      '**Until this is deployed,** the request stays denied.',
    )
  })

  it('lets outside text mention, refer to, close, order and run nothing', () => {
    const evil = 'x` @acme/everybody\nCloses #1\n/close\n<img src=x onerror=alert(1)> [a](https://evil.example) `'
    const facts = {
      ...FACTS,
      cause: evil,
      principal: evil,
      resource: evil,
      risk: evil,
      checks: [evil],
      cardUrl: 'javascript:alert(1)',
    }
    const body = pullBody(
      { ...ORDER, proposalId: evil, facts },
      { ...SIGNED, approvers: [evil], codeOnly: [evil] },
      SITE,
    )
    const outside = body.replace(/```+[a-z]*\n[\s\S]*?\n```+/g, '').replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
    expect(outside).not.toMatch(/@|#1|onerror|evil|javascript|^\//m)
    expect(pullTitle({ facts })).not.toMatch(/[@#<\n]/)
    expect(commitMessage({ proposalId: evil, facts }, [])).not.toMatch(/[@#<]|^\/close|Closes #/m)
  })
})

describe('a list', () => {
  it('that is empty is left out, and of many the first twenty are named', () => {
    const checks = (count: number) => Array.from({ length: count }, (_, n) => `check ${n + 1}`)
    const body = (facts: Partial<PullOrder['facts']>) =>
      pullBody({ ...ORDER, facts: { ...FACTS, ...facts } }, { ...SIGNED, approvers: [] }, SITE)
    expect(body({ checks: [] })).not.toMatch(/Checks|Approved in Slack/)
    expect(body({ checks: checks(21) })).toContain('`check 20`')
    expect(body({ checks: checks(21) })).not.toContain('`check 21`')
  })
})

describe('outside text in Markdown', () => {
  it('has a fence that is longer than any in it, and three backticks at least', () => {
    expect(codeBlock('x', 'json')).toBe('```json\nx\n```')
    expect(codeBlock('a ``` b', 'json')).toBe('````json\na ``` b\n````')
    expect(codeBlock('a ` b `` c', 'diff')).toBe('```diff\na ` b `` c\n```')
  })

  it('keeps its lines and tabs, and nothing that cannot be seen', () => {
    expect(codeBlock('a\r\n\tb\u0007\u202Ec', 'json')).toBe('```json\na\n\tbc\n```')
    expect(inlineCode('')).toBe('(empty)')
    expect(inlineCode('a`b')).toBe('`` a`b ``')
  })

  it('never ends its own span or block, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), text => {
        const lines = codeBlock(text, 'json').split('\n')
        const fence = lines[0]?.replace('json', '') ?? ''
        expect(lines.at(-1)).toBe(fence)
        expect(lines.slice(1, -1).some(line => line.includes(fence))).toBe(false)
        expect(bare(text)).not.toMatch(/[@#`<>\s]/)
      }),
    )
  })

  it.each([
    'javascript:alert(1)',
    'http://acme.slack.com/x',
    'https://acme.slack.com/x) [y](https://evil',
    'https://a b',
  ])('is no link as %s', url => {
    expect(linkTo('x', url)).toBeNull()
  })
})

describe('whose commit ends the branch', () => {
  const content = [{ file: 'main.tf', after: 'x' }]
  it('is known by its trailers', () => {
    const message = commitMessage(ORDER, content)
    const author = (text: string, proposalId: string, of = content, written: string | null = null) =>
      authorOf({ commit: 'c1', message: text }, proposalId, of, written)
    const other = [{ file: 'main.tf', after: 'y' }]
    expect(author(message, 'p-1')).toBe('same')
    expect(author(message, 'p-1', other)).toBe('ours')
    expect(author(message, 'p-1', other, 'c1')).toBe('ours')
    expect(author(message, 'p-1', other, 'c0')).toBe('foreign')
    // Written by a delivery that crashed before it could record it.
    expect(author(message, 'p-1', content, 'c0')).toBe('same')
    expect(author(message, 'p-2')).toBe('foreign')
    expect(author('fix a typo\n', 'p-1')).toBe('foreign')
    expect(author('Revert "Rolemedic-Proposal: p-1"\n', 'p-1')).toBe('foreign')
  })
})
