import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { grantQuestion, type QuestionedGrant } from '../../../functions/domain/card/grants/grant-question.ts'
import type { GrantUse, Question } from '../../../functions/domain/proposal/proposal.ts'
import { CARD, DENIAL, DIGEST, HOUR, NOON, OUTCOME, sampleProposal } from '../../fakes/sample-proposal.ts'

const BEN = { id: 'U0ONCALL2', name: 'Ben' }
const ASKED: Question = { atMs: NOON + 24 * HOUR, card: CARD, isSeen: true }
const USE: GrantUse = {
  lookedAtMs: NOON,
  wholeSinceMs: NOON,
  unseen: null,
  lastUsedAtMs: null,
  question: ASKED,
  kept: null,
}
const keptAt = (atMs: number) => ({ by: BEN, atMs, signed: null })
const standing = (use: Partial<GrantUse> = {}, denial = DENIAL): QuestionedGrant =>
  ({ ...sampleProposal({ status: 'applied', applied: OUTCOME, denial }), use: { ...USE, ...use } }) as QuestionedGrant

function shown(proposal: QuestionedGrant, question = ASKED) {
  const { tone, headline, lines, more = [], buttons } = grantQuestion(proposal, question)
  return {
    tone,
    headline: asPlainText(headline),
    lines: lines.map(asPlainText),
    more: more.map(asPlainText),
    buttons: buttons.map(({ label }) => label),
  }
}
const OPEN = ['Revert', 'Keep', 'Details']
const GRANTED = `Granted: 2026-11-24 12:00 UTC, approved by Ana, for the denied call of RegisterTaskDefinition (${DENIAL.id})`

describe('a card that asks whether a grant is still needed', () => {
  it('says who may do what, since when and for what, and offers an answer', () => {
    expect(shown(standing())).toEqual({
      tone: 'information',
      headline: 'Still needed? deployer may pass app-task',
      lines: ['Last used: never, as far as CloudTrail shows.', 'Nothing happens by itself.'],
      more: [GRANTED, 'Revert removes exactly what was added. Keep leaves it, and asks again after as long a time.'],
      buttons: OPEN,
    })
    expect(grantQuestion(standing(), ASKED).buttons.map(({ value }) => value)).toEqual(Array(3).fill(`p-1:${DIGEST}`))
  })

  it('leaves out a call that the denial does not name', () => {
    const denial = { ...DENIAL, call: { eventSource: null, eventName: null } }
    expect(shown(standing({}, denial)).more[0]).toBe(
      `Granted: 2026-11-24 12:00 UTC, approved by Ana, for the denied call (${DENIAL.id})`,
    )
  })

  it('says when it was used and who kept it before, and still asks', () => {
    const before = standing({ lastUsedAtMs: ASKED.atMs, kept: keptAt(ASKED.atMs - 1) })
    expect(shown(before)).toMatchObject({ headline: 'Still needed? deployer may pass app-task', buttons: OPEN })
    expect(shown(before).lines[0]).toBe('Last used: 2026-11-25 12:00 UTC.')
    expect(shown(before).more[1]).toBe('Kept before: 2026-11-25 11:59 UTC by Ben')
  })

  it.each<[string | null, readonly string[]]>([
    ['the history is cut', ['Not seen: the history is cut']],
    [null, []],
  ])('warns where its use could not all be seen: %s', (unseen, why) => {
    const { lines, more } = shown(standing({ unseen }), { ...ASKED, isSeen: false })
    expect(lines).toEqual([
      'Last used: not seen.',
      '⚠️ Not every call could be seen: ask its owner before you revert it.',
      'Nothing happens by itself.',
    ])
    expect(more.filter(line => line.startsWith('Not seen'))).toEqual(why)
  })

  it.each<[string, Partial<GrantUse>, string, string]>([
    ['once somebody keeps it', { kept: keptAt(ASKED.atMs) }, 'Kept: ', 'Kept by Ben, 2026-11-25 12:00 UTC.'],
    [
      'once it is used',
      { lastUsedAtMs: ASKED.atMs + 1 },
      'In use: ',
      'It has been used since this was asked: there is nothing to do.',
    ],
  ])('asks nothing any more %s', (_, use, headline, line) => {
    const { lines, ...rest } = shown(standing(use))
    expect(rest).toMatchObject({ tone: 'done', headline: `${headline}deployer may pass app-task`, buttons: [] })
    expect(lines.at(-1)).toBe(line)
  })

  it('says that it is being reverted, and that it was', () => {
    const by = { by: BEN, atMs: NOON + 48 * HOUR }
    const reverting = { ...sampleProposal({ status: 'reverting', revertRequest: by }), use: USE } as QuestionedGrant
    expect(shown(reverting)).toMatchObject({ tone: 'working', buttons: [] })
    expect(shown(reverting).headline).toBe('Being reverted: deployer may pass app-task')
    expect(shown(reverting).lines.at(-1)).toBe('Asked for by Ben.')
    const reverted = { ...sampleProposal({ status: 'reverted', reverted: by }), use: USE } as QuestionedGrant
    expect(shown(reverted)).toMatchObject({ tone: 'undone', buttons: [] })
    expect(shown(reverted).lines.at(-1)).toBe('Reverted by Ben, 2026-11-26 12:00 UTC.')
  })
})
