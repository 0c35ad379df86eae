import { describe, expect, it } from 'vitest'
import { renderAlert } from '../../functions/adapters/slack/blocks/alert.ts'
import { renderCard } from '../../functions/adapters/slack/blocks/card.ts'
import { renderEvidence } from '../../functions/adapters/slack/blocks/evidence.ts'
import { LIMITS, messageBreaches, viewBreaches } from '../../functions/adapters/slack/blocks/limits.ts'
import { renderForm } from '../../functions/adapters/slack/blocks/modals.ts'
import { renderLines, renderText } from '../../functions/adapters/slack/blocks/plain.ts'
import { escaped } from '../../functions/adapters/slack/blocks/text.ts'
import { cardOf } from '../../functions/domain/card/card.ts'
import { cardEvidence } from '../../functions/domain/card/evidence.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import type { ChatMessage } from '../../functions/domain/messages/chat-message.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { linesIn } from '../card-text.ts'
import {
  APPROVE,
  approver,
  CARD,
  DENIAL,
  DIGEST,
  NOON,
  sampleProposal,
  VERIFICATION,
} from '../fakes/sample-proposal.ts'

const CONFIG = configSchema.parse({ mode: 'approve' })
const FORM = { config: CONFIG, at: CARD }
const context = { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 1, mayApprove: approver('U0ONCALL1') }
const card = (changed: Partial<Proposal> = {}): ChatMessage => renderCard(cardOf(sampleProposal(changed), context))

type Node = { readonly type?: string; readonly text?: unknown; readonly [key: string]: unknown }
function nodes(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodes)
  if (typeof value !== 'object' || value === null) return []
  return [value as Node, ...Object.values(value).flatMap(nodes)]
}
const ofType = (value: unknown, type: string) => nodes(value).filter(node => node.type === type)
/** All text that a person reads. */
const read = (value: unknown): string =>
  nodes(value)
    .map(node => (typeof node.text === 'string' ? node.text : ''))
    .join('\n')

describe('a person on a card', () => {
  const by = (id: string) =>
    card({ approvals: [{ by: { id, name: 'ada' }, atMs: NOON, signed: null, limitHours: null, reason: null }] })
  const mentioned = (id: string) => ofType(by(id).blocks, 'user').map(({ user_id }) => user_id)

  it('is mentioned only by an id of Slack, and else named', () => {
    expect(mentioned('U0ADA')).toContain('U0ADA')
    expect(mentioned('29:1abc')).not.toContain('29:1abc')
    expect(read(by('29:1abc').blocks)).toContain('ada')
    expect(mentioned('rolemedic')).not.toContain('rolemedic')
  })
})

describe('the page that explains a guardrail', () => {
  const withLink = (link: string) => {
    const finding = { id: 'administrator-equivalent', outcome: 'warn', detail: 'Through it …', link } as const
    return sampleProposal({ verification: { ...VERIFICATION, guardrails: [finding] } })
  }
  const links = (link: string) =>
    ofType(renderCard(cardOf(withLink(link), context)).blocks, 'link').map(({ url, text }) => [text, url])

  it('is linked on the card', () => {
    const page = 'https://pathfinding.cloud/paths/codebuild-001'
    expect(links(page)).toEqual([['How it is done', page]])
  })

  it('is linked only if it is the address of a page', () => {
    for (const link of ['javascript:alert(1)', 'https://evil.example', 'http://a.example/x', 'https://a.example/ x|y'])
      expect(links(link)).toEqual([])
  })
})

describe('hostile text on a card', () => {
  const HOSTILE = '<!channel> <@U0VICTIM1> <https://evil.example|Approve> `x` *bold* _it_ ~no~'
  const hostile = sampleProposal({
    denial: {
      ...DENIAL,
      principal: { ...DENIAL.principal, name: HOSTILE, sessionName: `${HOSTILE}\nApproved by ada` },
      resource: `arn:aws:iam::111122223333:role/${HOSTILE}`,
      call: { eventSource: HOSTILE, eventName: HOSTILE },
      message: `${HOSTILE}\n\`\`\`\n${'A'.repeat(100_000)}`,
    },
    diagnosis: { ...sampleProposal().diagnosis, summary: HOSTILE },
  })

  it('is the text it is: no mention, no link, no broadcast, nothing that Slack reads as markup', () => {
    const { blocks } = renderCard(cardOf(hostile, context))
    expect(ofType(blocks, 'mrkdwn')).toEqual([])
    expect(ofType(blocks, 'broadcast')).toEqual([])
    expect(ofType(blocks, 'link')).toEqual([])
    // The one mention is of the configured approver.
    expect(ofType(blocks, 'user').map(node => node['user_id'])).toEqual(['U0ONCALL1'])
    expect(ofType(blocks, 'plain_text').every(node => node['emoji'] === false)).toBe(true)
    expect(read(blocks)).toContain('<!channel> <@U0VICTIM1>')
  })

  it('cannot start a line of its own, as if the bot had said it', () => {
    const { blocks } = renderCard(cardOf(hostile, context))
    expect(
      read(blocks)
        .split('\n')
        .filter(line => line.startsWith('Approved by ada')),
    ).toEqual([])
  })

  it('is escaped in the notification', () => {
    const { text } = renderCard(cardOf(hostile, context))
    expect(text).toContain('&lt;!channel&gt;')
    expect(text).not.toMatch(/[<>]/)
  })

  it('is the text it is in Details, in the reason form and in replies', () => {
    for (const form of ['details', 'reject'] as const)
      expect(ofType(renderForm(form, hostile, FORM), 'mrkdwn')).toEqual([])
    const reply = renderText(HOSTILE, ['U0ONCALL2', '<!here>', 'S0ONCALL'])
    expect(ofType(reply.blocks, 'user').map(node => node['user_id'])).toEqual(['U0ONCALL2'])
    expect(ofType(reply.blocks, 'usergroup').map(node => node['usergroup_id'])).toEqual(['S0ONCALL'])
    expect(reply.text).not.toMatch(/[<>]/)
  })

  it('neutralises every sign that starts markup', () => {
    expect(escaped('a & b <c> `d` *e* _f_ ~g~')).toBe(
      'a &amp; b &lt;c&gt; \u200b`\u200bd\u200b`\u200b \u200b*\u200be\u200b*\u200b \u200b_\u200bf\u200b_\u200b \u200b~\u200bg\u200b~\u200b',
    )
    expect(escaped('one\ntwo\u202e\u0007')).toBe('one two')
  })

  it('in the name of the person who clicked is not taken for an id', () => {
    const by = { id: '<!channel>', name: '<!everyone>' }
    const { blocks } = card({ status: 'rejected', rejection: { by, atMs: NOON, reason: '<@U0VICTIM1>', signed: null } })
    expect(ofType(blocks, 'user')).toEqual([])
    expect(read(blocks)).toContain('<!everyone>')
  })
})

describe('a card in Slack', () => {
  it('carries the proposal and the digest in each button, and no policy', () => {
    const buttons = ofType(card().blocks, 'button')
    expect(buttons.map(button => [button['action_id'], button['value']])).toEqual([
      ['approve', `p-1:${DIGEST}`],
      ['reject', `p-1:${DIGEST}`],
    ])
    expect(ofType(card().blocks, 'overflow')).toMatchObject([
      {
        action_id: 'more',
        options: [
          { text: { text: 'Approve for 8 h' }, value: `approve-limited p-1:${DIGEST}@8` },
          { text: { text: 'Details' }, value: `details p-1:${DIGEST}` },
        ],
      },
    ])
  })

  it('marks the options of its menu that a form confirms, and says on a dialog what it does', () => {
    const { blocks } = card({ verification: { ...VERIFICATION, risk: 'high' } })
    expect(ofType(blocks, 'overflow')).toMatchObject([
      { options: [{ value: `?approve-limited p-1:${DIGEST}@8` }, { value: `details p-1:${DIGEST}` }] },
    ])
    expect(ofType(blocks, 'button')[0]).toMatchObject({ confirm: { confirm: { text: 'Approve, no end' } } })
  })

  it('begins its notification with risk, what, account and by whom', () => {
    expect(card().text).toMatch(
      /^Low risk: deployer was denied iam:PassRole on app-task in account 111122223333\. 1 approval needed\. /,
    )
    const applied = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    const by = { id: 'U0ONCALL1', name: 'ada' }
    const approvals = [{ by, atMs: NOON, limitHours: null, reason: null, signed: null }]
    expect(card({ status: 'applied', applied, approvals }).text).toMatch(
      /^Allowed now: deployer may pass app-task in account 111122223333\. Approved by ada\. /,
    )
  })

  it('shows times in the reader’s zone, or in UTC', () => {
    expect(ofType(card().blocks, 'date')).toContainEqual({
      type: 'date',
      timestamp: NOON / 1000 + 8 * 3600,
      format: '{date_short_pretty} {time}',
      fallback: '2026-11-24 20:00 UTC',
    })
  })

  it('says “allowed now” in card and notification once it is', () => {
    const applied = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    const message = card({ status: 'applied', applied })
    expect(read(message.blocks)).toContain('allowed now')
    expect(message.text).toContain('allowed now')
    expect(card().text).not.toContain('allowed now')
  })

  it('of more than fits says less of each thing, and keeps its buttons and its reasons', () => {
    const guardrails = Array.from({ length: 60 }, (_, n) => ({
      id: `rule-${n}`,
      outcome: 'warn' as const,
      detail: 'x'.repeat(900),
    }))
    const message = card({ verification: { ...VERIFICATION, guardrails } })
    expect(messageBreaches(message.blocks)).toEqual([])
    expect(read(message.blocks)).toContain('59 more in Details.')
    expect(read(message.blocks)).toContain('No policy of ')
    expect(ofType(message.blocks, 'button')).toHaveLength(2)
    expect(ofType(message.blocks, 'overflow')).toHaveLength(1)
  })
})

describe('a card with more lines than there is room for', () => {
  const needOf = (at: number) => ({
    denial: { ...DENIAL, resource: `arn:aws:iam::111122223333:role/app-${at}` },
    place: { logicalId: 'Task', property: 'Role', line: at, constructPath: null },
    operation: 'ecs:RegisterTaskDefinition',
  })
  const template = {
    ...{ place: null, isMade: false, unnamed: 1, unread: null, alone: null },
    needs: Array.from({ length: 12 }, (_, at) => needOf(at)),
    refused: [{ role: 'arn:aws:iam::111122223333:role/admin', code: 'administrator' }],
  }
  const full = sampleProposal({ template: template as unknown as NonNullable<Proposal['template']> })

  const shown = linesIn(renderCard(cardOf(full, context)).blocks)
  const details = linesIn((renderForm('details', full, FORM) as { readonly blocks: readonly object[] }).blocks)
  const roles = (lines: readonly string[]) => lines.filter(line => /^• .* on app-\d+\b/.test(line))

  it('says how many more, and where, after what nobody may miss', () => {
    expect(shown).toContain('Lacking too, and not part of this: admin (administrator).')
    // Six lines before the twelve roles: 18, of which 13 and the count fit into 14.
    expect(roles(shown)).toHaveLength(7)
    expect(shown).toContain('and 5 more lines: press Details.')
  })

  it('has them all in Details', () => {
    expect(roles(details)).toHaveLength(12)
  })
})

describe('the forms', () => {
  it('carry what the button carried, and ask for a reason', () => {
    const view = renderForm('reject', sampleProposal(), FORM) as Node
    expect(view).toMatchObject({
      type: 'modal',
      callback_id: 'reject',
      private_metadata: `p-1:${DIGEST} C0DEPLOYS 1795521600.000100`,
    })
    expect(ofType(view, 'plain_text_input')).toMatchObject([{ action_id: 'reason', max_length: 500, multiline: true }])
    expect(viewBreaches(view)).toEqual([])
  })

  it('Details shows both documents whole, the digest that is approved, the evidence and the change as code', () => {
    const evidence = [
      {
        policyType: 'identity',
        policy: 'deploy',
        attachedTo: 'deployer',
        statement: 2,
        sid: 'Pass',
        finding: 'another service',
      },
    ] as const
    const diagnosis = {
      ...sampleProposal().diagnosis,
      evidence,
      unknowns: [{ fact: 'the session policy', why: 'not in the event' }],
    }
    const view = renderForm('details', sampleProposal({ diagnosis }), FORM)
    const words = nodes(view)
      .filter(
        node => node.type === 'rich_text_section' || node.type === 'rich_text_preformatted' || node.type === 'header',
      )
      .map(node => read(node['elements'] ?? node).replaceAll('\n', ''))
      .join('\n')
    expect(words).toContain('Before: it does not exist.')
    expect(words).toContain('"Sid": "Rolemedic01234567"')
    expect(words).toContain(`Patch digest: ${DIGEST}: what is approved, as the audit trail names it.`)
    expect(words).not.toContain('3c3c3c')
    expect(words).toContain('identity policy deploy on deployer, statement 3 (Pass): another service')
    expect(words).toContain('the session policy: not in the event')
    for (const language of ['Terraform', 'CloudFormation', 'CDK', 'AWS CLI']) expect(words).toContain(`As ${language}`)
    expect(viewBreaches(view)).toEqual([])
  })

  it.each(['reject', 'break-glass'] as const)('%s needs a reason', form => {
    const view = renderForm(form, sampleProposal(), FORM)
    expect(ofType(view, 'input')).toMatchObject([{ block_id: 'reason', optional: false }])
    expect(ofType(view, 'plain_text_input')).toMatchObject([{ min_length: 1 }])
  })

  it.each([
    ['approve', 'Approve, no end', 'It stays until somebody reverts it.', 0],
    ['approve-limited', 'Approve for 8 h', 'It ends by itself after 8 h.', 8],
    ['approve-with-pull', 'Approve for 72 h', 'It ends by itself after 72 h.', 72],
  ] as const)('of the menu confirms %s: who gets what, for how long, and its risk', (form, yes, end, hours) => {
    const view = renderForm(form, sampleProposal(), FORM)
    expect(view).toMatchObject({
      ...{ callback_id: form, submit: { text: yes } },
      private_metadata: `p-1:${DIGEST}@${hours} C0DEPLOYS 1795521600.000100`,
    })
    expect(read(view)).toContain(end)
    expect(read(view)).toContain('Lets deployer pass app-task to ECS tasks, nothing else.')
    expect(read(view)).toContain('Low risk.')
    expect(viewBreaches(view)).toEqual([])
  })

  it('of the menu confirms the denial alone by its own digest', () => {
    const { patch, verification, followUps } = sampleProposal()
    const digest = `sha256:${'a'.repeat(64)}`
    const alone = { patch: { digest, changes: patch?.changes ?? [] }, verification, followUps }
    const nothing = { place: null, isMade: false, needs: [], unnamed: 0, refused: [], unread: null }
    const view = renderForm('approve-alone', sampleProposal({ template: { ...nothing, alone } } as never), FORM)
    expect(view).toMatchObject({ private_metadata: `p-1:${digest}@0 C0DEPLOYS 1795521600.000100` })
    expect(view).toMatchObject({ submit: { text: 'Approve, no end' } })
  })

  it('break-glass shows the change, its risk and its end before one person decides', () => {
    const view = renderForm('break-glass', sampleProposal(), FORM)
    const words = read(view)
    expect(words).toContain('Lets deployer pass app-task to ECS tasks, nothing else.')
    expect(words).toContain('Low risk. Nothing else becomes possible.')
    expect(words).toContain('ends by itself after 4 h')
    expect(viewBreaches(view)).toEqual([])
  })

  it('an instant in a reply or in an alert is shown as on a card: in the time of who reads it, with UTC beside', () => {
    const shown = { type: 'date', format: '{date_short_pretty} {time}', fallback: '2026-11-24 12:00 UTC' }
    expect(ofType(renderText('It ended at 2026-11-24 12:00 UTC: nobody decided.'), 'date')).toMatchObject([
      { ...shown, timestamp: NOON / 1000 },
    ])
    const run = { line: 'Run: kim <@U0EVE>.', link: 'https://github.com/acme/orders/actions/runs/1' }
    const begun = renderAlert({ headline: 'h', run, lines: [], command: null, link: 'https://x.example' })
    expect(ofType(begun, 'link')).toMatchObject([{ url: run.link, text: 'Open the run' }, { url: 'https://x.example' }])
    expect(JSON.stringify(begun.blocks)).toContain('"text":"Run: kim <@U0EVE>."')
    expect(begun.text).toContain('&lt;@U0EVE&gt;')
    const line = 'The fix waits for approval until 2026-11-24 12:00 UTC.'
    const alert = renderAlert({
      headline: 'The deploy failed.',
      run: null,
      lines: [line],
      command: null,
      link: 'https://x.example',
    })
    expect(ofType(alert.blocks, 'date')).toMatchObject([{ ...shown, timestamp: NOON / 1000 }])
    expect(alert.text).toContain('until 2026-11-24 12:00 UTC.')
    expect(messageBreaches(alert.blocks)).toEqual([])
    expect(ofType(renderText('not 2026-99-99 12:00 UTC'), 'date')).toEqual([])
  })

  it('a message of many instants fits, and says all of them', () => {
    const instants = '2026-11-24 12:00 UTC '.repeat(100)
    for (const { blocks } of [renderText(instants), renderLines([{ text: instants, link: null }])]) {
      expect(messageBreaches(blocks)).toEqual([])
      const words = nodes(blocks).map(({ text, fallback }) => text ?? fallback ?? '')
      expect(words.join('').match(/12:00 UTC/g)).toHaveLength(100)
    }
  })

  it('an answer of many lines keeps each of them whole', () => {
    const lines = Array.from({ length: 21 }, (_, n) => `p-${n} open, 0 of 1 approved ${'x'.repeat(200)} 1 min old`)
    const { blocks } = renderText(lines.join('\n'), ['U0ONCALL1'])
    expect(
      read(blocks)
        .split('\n')
        .filter(line => line.startsWith('p-')),
    ).toEqual(lines)
    expect(ofType(blocks, 'user')).toHaveLength(1)
    expect(messageBreaches(blocks)).toEqual([])
  })

  it('an answer of more than a message takes says that it was cut', () => {
    const { blocks } = renderText(Array.from({ length: 500 }, (_, n) => `line ${n} ${'"'.repeat(90)}`).join('\n'))
    expect(messageBreaches(blocks)).toEqual([])
    expect(read(blocks)).toContain('line 0 ')
    expect(read(blocks).trim().split('\n').at(-1)).toBe('…')
  })

  it('a reply with the exact change and its code names what does not fit', () => {
    const message = renderEvidence({
      ...cardEvidence(sampleProposal(), CONFIG),
      forms: [
        { language: 'Terraform', text: 'resource "aws_iam_role" "x" {\n  name = "x"\n}' },
        { language: 'CDK', text: 'x'.repeat(5000) },
      ],
    })
    expect(read(message.blocks)).toContain('+   "Resource": "arn:aws:iam::111122223333:role/app-task",')
    expect(read(message.blocks)).toContain('  name = "x"')
    expect(read(message.blocks)).toContain('In Details: the same change as CDK')
    expect(messageBreaches(message.blocks)).toEqual([])
  })
})

describe('the table of limits', () => {
  const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })
  const press = (text: string, value = 'v', id = 'a') => ({ type: 'button', action_id: id, text: plain(text), value })

  const options = (count: number, text = 'x', value = 'v', isSame = false) => ({
    ...{ type: 'overflow', action_id: 'more' },
    options: Array.from({ length: count }, (_, n) => ({ text: plain(text), value: isSame ? value : `${n}${value}` })),
  })

  it.each([
    ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' }))],
    ['a header of 151 characters', [{ type: 'header', text: plain('x'.repeat(151)) }]],
    ['a header with markup', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }]],
    ['a section of 3,001 characters', [{ type: 'section', text: plain('x'.repeat(3001)) }]],
    ['an empty section', [{ type: 'section' }]],
    ['11 fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }]],
    ['a field of 2,001 characters', [{ type: 'section', fields: [plain('x'.repeat(2001))] }]],
    ['11 elements of a context', [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('x')) }]],
    ['26 buttons', [{ type: 'actions', elements: Array.from({ length: 26 }, (_, n) => press('x', `${n}`)) }]],
    ['the same button twice', [{ type: 'actions', elements: [press('x'), press('y')] }]],
    ['a button of 76 characters', [{ type: 'actions', elements: [press('x'.repeat(76))] }]],
    ['a value of 2,001 characters', [{ type: 'actions', elements: [press('x', 'v'.repeat(2001))] }]],
    ['an action id of 256 characters', [{ type: 'actions', elements: [press('x', 'v', 'a'.repeat(256))] }]],
    ['a menu of six options', [{ type: 'actions', elements: [options(6)] }]],
    ['a menu of one option', [{ type: 'actions', elements: [options(1)] }]],
    ['an option of 76 characters', [{ type: 'actions', elements: [options(2, 'x'.repeat(76))] }]],
    ['an option value of 151 characters', [{ type: 'actions', elements: [options(2, 'x', 'v'.repeat(151))] }]],
    ['the same option twice', [{ type: 'actions', elements: [options(2, 'x', 'v', true)] }]],
    ['an empty text', [{ type: 'section', text: plain('') }]],
    ['an empty rich text', [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [] }] }]],
    ['a block of a kind that the bot does not use', [{ type: 'image' }]],
    ['too much together', Array.from({ length: 8 }, () => ({ type: 'section', text: plain('x'.repeat(2000)) }))],
  ])('refuses %s', (_name, blocks) => {
    expect(messageBreaches(blocks).length).toBeGreaterThan(0)
  })

  it.each([
    ['a title of 25 characters', { title: plain('x'.repeat(25)) }],
    ['no title', { title: undefined }],
    ['101 blocks', { blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }],
    ['metadata of 3,001 characters', { private_metadata: 'x'.repeat(3001) }],
    ['a callback id of 256 characters', { callback_id: 'x'.repeat(256) }],
  ])('refuses a view with %s', (_name, changed) => {
    expect(viewBreaches({ type: 'modal', title: plain('Details'), blocks: [], ...changed }).length).toBeGreaterThan(0)
  })

  it('lets through what is exactly at a limit', () => {
    expect(LIMITS.sectionText).toBe(3000)
    expect(messageBreaches([{ type: 'section', text: plain('x'.repeat(3000)) }])).toEqual([])
    expect(messageBreaches(Array.from({ length: 50 }, () => ({ type: 'divider' })))).toEqual([])
    const largest = options(5, 'x'.repeat(75), 'v'.repeat(149))
    expect(messageBreaches([{ type: 'actions', elements: [largest] }])).toEqual([])
  })
})

describe('an answer in lines', () => {
  const LINK = 'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100'

  it('ends each line with the link that it has, and shows times in the zone of the reader', () => {
    const { text, blocks } = renderLines([
      { text: 'p-1  open <!channel>', link: LINK },
      { text: 'since 2026-11-24 12:00 UTC', link: null },
      { text: '', link: null },
    ])
    expect(text).toBe('p-1 open &lt;!channel&gt; since 2026-11-24 12:00 UTC')
    expect(blocks).toMatchObject([
      {
        elements: [
          {
            elements: [
              { type: 'text', text: 'p-1 open <!channel>' },
              { type: 'text', text: '  ' },
              { type: 'link', url: LINK, text: 'Open the card' },
              { type: 'text', text: '\n' },
              { type: 'text', text: 'since ' },
              { type: 'date', timestamp: 1_795_521_600 },
              { type: 'text', text: '\n' },
              { type: 'text', text: '–' },
            ],
          },
        ],
      },
    ])
  })

  it.each([0, 1, 20, 400])('fits into a message: of %i long lines, twenty at least', count => {
    const lines = Array.from({ length: count }, () => ({ text: `p-1 ${'x'.repeat(280)}`, link: LINK }))
    const { blocks } = renderLines(lines)
    expect(messageBreaches(blocks)).toEqual([])
    expect(JSON.stringify(blocks).split('Open the card').length - 1).toBeGreaterThanOrEqual(Math.min(count, 20))
  })
})
