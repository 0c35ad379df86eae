import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bare, codeBlock, inlineCode, linkTo } from '../../../functions/domain/pull-request/markdown.ts'
import { authorOf, commitMessage, pullBody, pullTitle } from '../../../functions/domain/pull-request/pull-text.ts'
import type { SignedApprovals } from '../../../functions/domain/pull-request/signed-approvals.ts'
import { VERIFICATION } from '../../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../../fakes/two-sided.ts'

const ORDER = {
  proposalId: 'p-1',
  changes: [IDENTITY_CHANGE],
  cardUrl: 'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100',
}
const SIGNED: SignedApprovals = {
  ...{ approvers: ['Ana (U0ONCALL1)'], codeOnly: [], needed: 1, risk: 'low' },
  request: [
    'role/111122223333/deployer',
    'iam:PassRole',
    'arn:aws:iam::111122223333:role/app-task',
    '111122223333',
    null,
  ],
  shown: { summary: 'No identity policy of deployer allows iam:PassRole on app-task.', verification: VERIFICATION },
  bridgeEndsAtMs: Date.UTC(2026, 10, 27, 12, 0),
}
/** A chat, and where its messages are. */
const SITE = { name: 'Slack', hosts: ['*.slack.com'] }
const UNSAID = { request: null, shown: null }

describe('a pull request', () => {
  it('says what was denied, why, until when, what it opens, its risk, who approved, and where', () => {
    expect(pullTitle(ORDER, SIGNED)).toBe('Allow iam:PassRole on app-task for deployer')
    const body = pullBody(ORDER, SIGNED, SITE)
    for (const line of [
      '**Denied:** `iam:PassRole` on `arn:aws:iam::111122223333:role/app-task` for `role/111122223333/deployer`',
      '**Why:** `No identity policy of deployer allows iam:PassRole on app-task.`',
      '**Until 2026-11-27 12:00 UTC,** people approved a grant outside the code. It ends then, or as soon as this is merged',
      '**Blast radius:** `1 role (app-task), 1 service (ecs-tasks.amazonaws.com), 1 action (iam:PassRole)`',
      '**Risk:** `low`',
      '- `this request: denied now, allowed with the change`',
      '- `Ana (U0ONCALL1)`',
      '"iam:PassedToService": "ecs-tasks.amazonaws.com"',
      'Proposal `p-1`: search the audit log for it.',
      '[the card in Slack](https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100) (nobody signed this link).',
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

  it('says what the signed change opens, and nothing where that is nothing', () => {
    expect(pullBody(ORDER, SIGNED, SITE)).toContain('**Blast radius:** `1 role (app-task)')
    expect(pullBody({ ...ORDER, changes: [] }, SIGNED, SITE)).not.toContain('Blast radius')
  })

  it('links the card only where the chat has its messages, and names the chat', () => {
    const other = pullBody(ORDER, SIGNED, { name: 'Teams', hosts: ['teams.microsoft.com'] })
    expect(other).not.toContain('slack')
    expect(other).toContain('**Approved in Teams by:**')
  })

  it('says without a grant that the request stays denied', () => {
    expect(pullBody(ORDER, { ...SIGNED, bridgeEndsAtMs: null }, SITE)).toContain(
      '**Until this is deployed,** the request stays denied.',
    )
  })

  it('lets outside text mention, refer to, close, order and run nothing', () => {
    const evil = 'x` @acme/everybody\nCloses #1\n/close\n<img src=x onerror=alert(1)> [a](https://evil.example) `'
    const guardrails = [{ id: evil, outcome: 'warn' as const, detail: evil }]
    const signed: SignedApprovals = {
      ...{ ...SIGNED, approvers: [evil], codeOnly: [evil], request: [evil, evil, evil, evil, evil] },
      shown: { summary: evil, verification: { ...VERIFICATION, guardrails } },
    }
    const body = pullBody({ ...ORDER, proposalId: evil, cardUrl: 'javascript:alert(1)' }, signed, SITE)
    const outside = body.replace(/```+[a-z]*\n[\s\S]*?\n```+/g, '').replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
    expect(outside).not.toMatch(/@|#1|onerror|evil|javascript|^\//m)
    const target = { ...IDENTITY_CHANGE.target, arn: evil }
    for (const title of [pullTitle(ORDER, signed), pullTitle({ changes: [{ ...IDENTITY_CHANGE, target }] }, UNSAID)])
      expect(title).not.toMatch(/[@#<\n]/)
    expect(commitMessage(pullTitle(ORDER, signed), evil, [])).not.toMatch(/[@#<]|^\/close|Closes #/m)
  })
})

describe('a list', () => {
  it('that is empty is left out, and of many the first twenty are named', () => {
    const warnings = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ id: 'x', outcome: 'warn' as const, detail: `check ${n + 1}` }))
    const body = (count: number) =>
      pullBody(
        ORDER,
        {
          ...SIGNED,
          approvers: [],
          shown: { summary: '', verification: { ...VERIFICATION, guardrails: warnings(count) } },
        },
        SITE,
      )
    expect(pullBody(ORDER, { ...SIGNED, ...UNSAID, approvers: [] }, SITE)).not.toMatch(/Checks|Approved in Slack/)
    expect(body(21)).toContain('`check 20`')
    expect(body(21)).not.toContain('`check 21`')
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
    const message = commitMessage('Allow', 'p-1', content)
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
