/**
 * Every case of `test/cases` as a card in Slack's format. Counts the words before the buttons that a person reads: parts
 * between spaces with a letter or a digit, and a mention or a time as one to three. Does not count the exact change and
 * commands to copy (preformatted blocks).
 */
import { describe, expect, it } from 'vitest'
import { known } from '../core/base/fact.ts'
import { asPlainText } from '../core/base/rich-text.ts'
import { renderCard } from '../functions/adapters/slack/blocks/card.ts'
import { messageBreaches } from '../functions/adapters/slack/blocks/limits.ts'
import { cardOf } from '../functions/domain/card/card.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import { opened } from '../functions/domain/proposal/transitions.ts'
import { drafted } from '../functions/propose/proposal-factory.ts'
import { approvalSummaryOf } from '../functions/workflows/approval/approval-summary.ts'
import { buttonsIn, median, wordsBeforeButtons } from './card-text.ts'
import { analysisOf, CASE_FILES, caseFile } from './case-run.ts'
import { memoryChat } from './fakes/memory-chat.ts'
import { APPROVE, CARD, NOON } from './fakes/sample-proposal.ts'

const CONFIG = configSchema.parse({
  mode: 'approve',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
  accounts: { '111122223333': { alias: 'orders-dev' } },
})
/** Names of guardrails and verdicts, and evaluation terms, which only Details may contain. */
const INSIDER =
  /unseen-layers|likely-verdict|web-identity-subject|managed-by-code|administrator-equivalent|stronger-than-caller|trust-account|permission-set-reach|unread-surroundings|approved-set|shared-policy|\bproved\b|control requests?|guardrail|-gap\b|not-enough-evidence|not-ours/i

async function cardOfCase(file: string, name: string) {
  const one = caseFile(file).cases.find(each => each.name === name)
  if (one === undefined) throw new Error('no such case')
  const analysis = await analysisOf(caseFile(file), one)
  const { denial } = analysis
  const occurrence = {
    fingerprint: 'f',
    denial,
    count: 3,
    firstSeenMs: NOON,
    lastSeenMs: NOON,
    eventIds: [],
    proposalId: null,
  }
  const draft = drafted('p-1', analysis, { occurrence, previous: null, config: CONFIG, mode: APPROVE, nowMs: NOON })
  const proposal = draft.status === 'drafted' ? opened(draft, CARD, CONFIG, NOON) : { ...draft, card: CARD }
  const chat = { ...memoryChat(), userByEmail: async () => known('U0JANE') }
  const summary = await approvalSummaryOf(proposal, CONFIG, chat, NOON)
  const card = cardOf(proposal, { config: CONFIG, mode: APPROVE, nowMs: NOON, ...summary })
  return { proposal, card, message: renderCard(card), summary }
}

const counted: number[] = []

describe.each(CASE_FILES)('the cards of %s', file => {
  it.each(caseFile(file).cases.map(({ name }) => name))('%s', async name => {
    const { proposal, card, message, summary } = await cardOfCase(file, name)
    const words = wordsBeforeButtons(message.blocks)
    if (proposal.patch !== null) counted.push(words.length)
    expect(words.length, words.join(' ')).toBeLessThanOrEqual(45)
    expect(words.join(' ')).not.toMatch(INSIDER)
    expect(words.join(' ')).not.toMatch(/undefined|\bnull\b|\[object/)
    const buttons = buttonsIn(message.blocks)
    expect(buttons.length, buttons.join(', ')).toBeLessThanOrEqual(4)
    expect(messageBreaches(message.blocks)).toEqual([])
    if (proposal.patch !== null) {
      const above = card.lines.map(asPlainText).join('\n')
      expect(above, 'the change is read before the button').toMatch(/^Change: Lets .*, nothing else\.$/m)
      const { risk } = proposal.verification ?? {}
      expect(above).toContain({ low: '🟢 Low risk', elevated: '🟡 Elevated risk', high: '🔴 High risk' }[risk ?? 'low'])
      if (risk === 'high') expect(above, 'what it could become is read before the button').toMatch(/could|would|trust/)
    }
    const sentences = [...card.lines, ...card.status].map(asPlainText)
    expect(sentences.filter(line => line.includes('…'))).toEqual([])
    const diffs = message.blocks.filter(block => JSON.stringify(block).includes('rich_text_preformatted'))
    if (proposal.patch !== null) expect(diffs.length > 0, 'the diff is on cards for two').toBe(summary.needed > 1)
  })
})

describe('the cards that ask for an approval', () => {
  it('are read in five to eight seconds: the median has at most 30 words before the buttons', () => {
    expect(counted.length).toBeGreaterThan(150)
    expect(median(counted)).toBeLessThanOrEqual(30)
  })
})
