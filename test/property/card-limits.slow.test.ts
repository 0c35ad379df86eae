import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyChange } from '../../core/patch/patch.ts'
import { PERSON_KINDS, RUN_FACTS } from '../../core/runs/run.ts'
import { renderCard } from '../../functions/adapters/slack/blocks/card.ts'
import { renderEvidence } from '../../functions/adapters/slack/blocks/evidence.ts'
import { messageBreaches } from '../../functions/adapters/slack/blocks/limits.ts'
import { renderList } from '../../functions/adapters/slack/blocks/list.ts'
import { renderForm } from '../../functions/adapters/slack/blocks/modals.ts'
import { renderText } from '../../functions/adapters/slack/blocks/plain.ts'
import { cardOf } from '../../functions/domain/card/card.ts'
import { cardEvidence } from '../../functions/domain/card/evidence.ts'
import { wordsIn } from '../../functions/domain/card/sentences/word-limit.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { FORMS } from '../../functions/domain/proposal/click.ts'
import { type Proposal, STATUSES, type Status } from '../../functions/domain/proposal/proposal.ts'
import { blocksFault, viewFault } from '../../simulator/fake-slack/block-kit.ts'
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
import { ANY_CHAR } from '../fixtures/any-char.ts'
import { NOTHING_KNOWN } from '../fixtures/passed-service.ts'

const runs = { numRuns: Number(process.env['FC_RUNS'] ?? 60) }
const CONFIG = configSchema.parse({ mode: 'approve', breakGlass: { group: 'S0NIGHT', announceChannel: 'C0NIGHT' } })

/** Names, messages and documents chosen by an attacker. */
const HOSTILE = [
  '<!channel>',
  '<@U0ONCALL1>',
  '<https://evil.example|Approve>',
  '```\n*bold* _it_ ~no~ `code`',
  '&lt;!here&gt;',
  'line\nbreak\r\n\u2028x',
  '\u202egnp.exe\u0007\u001b[2J',
  '<!subteam^S0ONCALL>',
  'x'.repeat(100_000),
  '👩‍🚀'.repeat(400),
  '&'.repeat(3_000),
  '2026-01-01 00:00 UTC '.repeat(500),
  '',
] as const
const text = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: ANY_CHAR, maxLength: 300 }),
  fc.string({ maxLength: 40 }),
)
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const several = <T>(value: fc.Arbitrary<T>, most = 30) => fc.array(value, { maxLength: most })
const instant = fc.oneof(fc.constantFrom(NOON, 0, -1, Number.NaN, 8.64e15 + 1), fc.integer({ min: 0, max: 4e12 }))
/** The only address outside of the chat that a card may open. */
const RUN_PAGE = 'https://github.com/acme/orders/actions/runs/1'
/** Times from the bot's own clock. */
const moment = fc.integer({ min: 0, max: 4e12 })
const personOf = fc.record({ id: fc.oneof(text, fc.constant('U0ONCALL1')), name: text })

const statement = fc.record({
  Sid: text,
  Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
  Action: fc.oneof(text, several(text, 5)),
  Resource: fc.oneof(text, several(text, 5)),
  Condition: fc.dictionary(text, fc.dictionary(text, fc.oneof(text, several(text, 4)), { maxKeys: 2 }), { maxKeys: 2 }),
})
const policy = fc.record({ Version: text, Statement: several(statement, 8) })
const change: fc.Arbitrary<PolicyChange> = fc.record({
  target: fc.record({
    kind: fc.constantFrom(
      'role-inline-policy',
      'user-inline-policy',
      'managed-policy',
      'role-trust-policy',
      'permission-set-inline-policy',
    ),
    accountId: text,
    name: text,
    policyName: nullable(text),
    arn: text,
  }),
  before: nullable(policy),
  after: policy,
  digest: fc.constant(DIGEST),
  required: fc.boolean(),
})
const step = fc.record({ text, command: nullable(text), owner: nullable(text) })
const refusal = fc.record({ code: text, message: text, owner: nullable(text) })
const evidence = fc.record({
  policyType: fc.constantFrom('identity', 'trust', 'boundary', 'session', 'scp', 'rcp', 'vpce', 'aws'),
  policy: nullable(text),
  attachedTo: nullable(text),
  statement: nullable(fc.nat()),
  sid: nullable(text),
  finding: text,
})

/** Statuses with or without a change. */
const MAYBE_INFORMATION: ReadonlySet<Status> = new Set(['drafted', 'expired'])

const proposal: fc.Arbitrary<Proposal> = fc
  .record({
    status: fc.constantFrom(...STATUSES),
    names: fc.record({ name: nullable(text), sessionName: nullable(text), arn: nullable(text) }),
    denial: fc.record({
      id: text,
      resource: nullable(text),
      region: nullable(text),
      via: nullable(text),
      message: text,
    }),
    call: fc.record({ eventSource: nullable(text), eventName: nullable(text) }),
    passes: several(text, 6),
    diagnosis: fc.record({
      verdict: fc.constantFrom('proved', 'likely', 'not-ours', 'not-enough-evidence'),
      summary: text,
      evidence: several(evidence),
      unknowns: several(fc.record({ fact: text, why: text })),
      nextSteps: several(step, 10),
    }),
    changes: nullable(several(change, 8)),
    followUps: several(change, 6),
    guardrails: several(
      fc.record({ id: text, outcome: fc.constantFrom('pass', 'warn', 'refuse'), detail: nullable(text) }),
      40,
    ),
    risk: fc.constantFrom('low', 'elevated', 'high'),
    refusal: nullable(refusal),
    failure: nullable(refusal),
    approvals: several(
      fc.record({
        by: personOf,
        atMs: moment,
        limitHours: nullable(fc.nat(200)),
        reason: nullable(text),
        signed: fc.constant(null),
      }),
      5,
    ),
    rejection: nullable(fc.record({ by: personOf, atMs: moment, reason: text })),
    previous: nullable(fc.record({ id: text, status: fc.constantFrom(...STATUSES), digest: fc.constant(DIGEST) })),
    deploy: nullable(fc.record({ key: text, title: text })),
    repeats: fc.record({ count: fc.nat(), firstSeenMs: instant, lastSeenMs: instant }),
    run: fc.record({
      ...{ tool: nullable(fc.oneof(text, fc.constant('codebuild'))), client: nullable(text), id: nullable(text) },
      ...{ url: nullable(fc.oneof(text, fc.constant(RUN_PAGE))) },
      ...{ repository: nullable(text), ref: nullable(text), workflow: nullable(text), actor: nullable(text) },
      person: nullable(fc.record({ name: text, kind: fc.constantFrom(...PERSON_KINDS) })),
      chain: several(text, 5),
      claimed: fc.subarray([...RUN_FACTS]),
    }),
  })
  .map(({ names, denial, call, passes, diagnosis, changes, guardrails, risk, previous, ...rest }) => {
    const { status, refusal: refused, failure, approvals, rejection, ...common } = rest
    // The members of the status with arbitrary values. A card that may be information is one if there is no change.
    const base: object = sampleProposal(
      changes === null && MAYBE_INFORMATION.has(status) ? ({ status, patch: null } as never) : { status },
    )
    const given = { refusal: refused, failure, approvals, rejection, followUps: common.followUps }
    const held = Object.entries(given).filter(([name, value]) => Object.hasOwn(base, name) && value !== null)
    const { followUps: _, ...shared } = common
    return {
      ...base,
      ...Object.fromEntries(held),
      ...shared,
      denial: {
        ...DENIAL,
        ...denial,
        call,
        principal: { ...DENIAL.principal, ...names },
        passes: passes.map(arn => ({ arn, parameter: null, service: NOTHING_KNOWN })),
      },
      diagnosis: { ...sampleProposal().diagnosis, ...diagnosis },
      ...(changes === null || status === 'closed' ? {} : { patch: { digest: DIGEST, changes } }),
      verification: { ...VERIFICATION, guardrails, risk },
      previous: previous === null ? null : { ...previous, id: previous.id.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64) },
    } as unknown as Proposal
  })

type Node = { readonly [key: string]: unknown }

/** Every nested object, to check against Slack's documented limits, which are written here by hand. */
function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item)
  else if (typeof value === 'object' && value !== null) {
    yield value as Node
    yield* nodes(Object.values(value))
  }
}
const textOf = (node: unknown): string => String((node as Node | undefined)?.['text'] ?? '')

function problems(blocks: readonly object[], most: number): readonly string[] {
  const found: string[] = blocks.length > most ? [`${blocks.length} blocks`] : []
  for (const node of nodes(blocks)) {
    const words = node['text']
    switch (node['type']) {
      case 'mrkdwn':
        found.push('a text that Slack looks for markup in')
        break
      case 'header':
        if (textOf(words).length > 150) found.push('header')
        break
      case 'section':
        if (textOf(words).length > 3000) found.push('section')
        break
      case 'plain_text':
        if (words === '' || String(words).length > 3000 || node['emoji'] !== false) found.push('plain_text')
        break
      case 'text':
        if (words === '' || String(words).length > 3000) found.push('rich text')
        break
      case 'button':
        if (textOf(words).length > 75 || String(node['value']).length > 2000) found.push('button')
        break
      case 'actions':
        if ((node['elements'] as unknown[]).length > 25) found.push('actions')
        break
      case 'context':
        if ((node['elements'] as unknown[]).length > 10) found.push('context')
        break
      case 'user':
        if (!/^[UW][A-Z0-9]{2,20}$/.test(String(node['user_id']))) found.push(`mention of ${String(node['user_id'])}`)
        break
      case 'link':
        if (node['url'] !== RUN_PAGE) found.push(`link to ${String(node['url'])}`)
        break
      case 'broadcast':
        found.push(String(node['type']))
        break
    }
  }
  return [...new Set(found)]
}

/** What a person reads. Commands to copy do not count, and a time or a mention counts as at most three words. */
function wordsBefore(blocks: readonly object[]): number {
  let count = 0
  for (const block of blocks) {
    let words = ''
    for (const node of nodes(block)) {
      if (node['type'] === 'rich_text_preformatted') break
      if (node['type'] === 'text' || node['type'] === 'plain_text') words += String(node['text'])
      if (node['type'] === 'date') words += '0000-00-00 00:00 UTC'
    }
    count += wordsIn(words)
  }
  return count
}

/** No part of a notification is a mention, a link or a broadcast. */
const isInert = (line: string): boolean => !/[<>]/.test(line) && !/&(?!(amp|lt|gt);)/.test(line) && !/[\n\r]/.test(line)

describe('whatever a denial holds', () => {
  it('its card is within the limits of Slack, and inert', () => {
    fc.assert(
      fc.property(proposal, instant, text, (given, nowMs, id) => {
        const mayApprove = approver(id)
        const message = renderCard(cardOf(given, { config: CONFIG, mode: APPROVE, nowMs, needed: 2, mayApprove }))
        expect(problems(message.blocks, 50)).toEqual([])
        expect(blocksFault(message.blocks)).toBeNull()
        expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(11_000)
        expect(message.text.length).toBeLessThanOrEqual(4000)
        expect(isInert(message.text)).toBe(true)
        const end = message.blocks.findIndex(block => (block as Node)['type'] === 'actions')
        expect(end).toBeGreaterThan(0)
        expect(wordsBefore(message.blocks.slice(0, end))).toBeLessThanOrEqual(120)
      }),
      runs,
    )
  })

  it('its forms are within the limits of Slack, and inert', () => {
    fc.assert(
      fc.property(proposal, fc.constantFrom(...FORMS), (given, form) => {
        const view = renderForm(form, given, { config: CONFIG, at: CARD }) as Node
        expect(problems(view['blocks'] as object[], 100)).toEqual([])
        expect(viewFault(view)).toBeNull()
        expect(JSON.stringify(view).length).toBeLessThanOrEqual(250_000)
        expect(textOf(view['title']).length).toBeLessThanOrEqual(24)
        expect(String(view['private_metadata'] ?? '').length).toBeLessThanOrEqual(3000)
      }),
      runs,
    )
  })

  it('a list of many is within the limits of Slack, and inert', () => {
    const items = several(
      fc.record({ proposalId: fc.constant('p-1'), digest: fc.constant(DIGEST), tone: text, text }),
      80,
    )
    fc.assert(
      fc.property(items, fc.nat(), (given, total) => {
        const message = renderList(given, total)
        expect(problems(message.blocks, 50)).toEqual([])
        expect(blocksFault(message.blocks)).toBeNull()
        expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(11_000)
        expect(message.blocks.length).toBeGreaterThan(1)
      }),
      runs,
    )
  })

  it('what it rests on is within the limits of Slack, and inert', () => {
    fc.assert(
      fc.property(proposal, several(fc.record({ language: text, text }), 8), (given, forms) => {
        const message = renderEvidence({ ...cardEvidence(given, CONFIG), forms })
        expect(problems(message.blocks, 50)).toEqual([])
        expect(blocksFault(message.blocks)).toBeNull()
        expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(11_000)
        expect(isInert(message.text)).toBe(true)
      }),
      runs,
    )
  })

  it('what it rests on has room for the line that names what is left out, also where JSON escapes all of it', () => {
    const evidence = cardEvidence(sampleProposal(), CONFIG)
    const named = [...Array(3000).keys()].map(chars =>
      renderEvidence({
        ...evidence,
        forms: [
          { language: 'CDK', text: 'x'.repeat(3000) },
          { language: 'Terraform', text: 'x'.repeat(3000) },
          { language: 'CloudFormation', text: 'x'.repeat(chars + 1) },
          { language: '"'.repeat(200), text: 'x'.repeat(5000) },
        ],
      }),
    )
    expect(named.flatMap(({ blocks }) => messageBreaches(blocks))).toEqual([])
    const fitting = named.filter(({ blocks }) => JSON.stringify(blocks).includes('"The same change as CloudFormation"'))
    expect(fitting.length).toBeGreaterThan(0)
    expect(fitting.length).toBeLessThan(named.length)
  })

  it('a reply stays text, with only the mentions that were asked for', () => {
    fc.assert(
      fc.property(text, several(text), (content, mention) => {
        const message = renderText(content, mention)
        expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(11_000)
        expect(problems(message.blocks, 50)).toEqual([])
        expect(blocksFault(message.blocks)).toBeNull()
        expect(isInert(message.text)).toBe(true)
        expect(message.text.length).toBeLessThanOrEqual(4000)
      }),
      runs,
    )
  })
})
