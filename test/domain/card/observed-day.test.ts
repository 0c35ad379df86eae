import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { cardEvidence } from '../../../functions/domain/card/evidence.ts'
import { firstRunText } from '../../../functions/domain/card/first-run.ts'
import {
  dayOf,
  NOTHING_OBSERVED,
  type ObservedDay,
  observedDayText,
  withObserved,
} from '../../../functions/domain/card/observed-day.ts'
import { cardAdvice } from '../../../functions/domain/card/reason.ts'
import { recommendation } from '../../../functions/domain/card/recommendation.ts'
import { configSchema } from '../../../functions/domain/config/config.ts'
import type { AppliedMode } from '../../../functions/domain/config/mode.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const CONFIG = configSchema.parse({ mode: 'approve' })
const OBSERVE: AppliedMode = { mode: 'observe', setting: 'mode', unread: null }
const refusal = (code: string, owner: string | null = null) => ({ code, message: 'recorded', owner })
const CHANGE = sampleProposal({ status: 'closed', refusal: refusal('observed'), verification: VERIFICATION })
const INFORMATION = sampleProposal({ status: 'closed', refusal: refusal('explicit-deny'), verification: VERIFICATION })

const observed = (...seen: readonly { proposal?: Proposal; count?: number; isNew?: boolean; mode?: AppliedMode }[]) =>
  seen.reduce<ObservedDay>(
    (day, { proposal = CHANGE, count = 1, isNew = true, mode = OBSERVE }) =>
      withObserved(day, { proposal, mode, count, isNew }),
    NOTHING_OBSERVED,
  )

describe('a day in the mode observe', () => {
  it('counts each denial, and each card that there would have been once', () => {
    const day = observed({ count: 3 }, { isNew: false, count: 2 }, { proposal: INFORMATION })
    expect(day).toEqual({
      ...{ denials: 6, distinct: 2, changes: 1, informations: 1 },
      causes: { 'identity-gap': 6 },
      principals: { 'arn:aws:iam::111122223333:role/deployer': 6 },
      roles: { 'arn:aws:iam::111122223333:role/app-task': 6 },
      settings: { mode: 6 },
      cards: ['deployer was denied iam:PassRole on app-task (low risk)'],
      unread: null,
    })
  })

  it('names five cards, sixty names, and the first reason why units were not read', () => {
    const many = Array.from({ length: 70 }, (_, n) => ({
      mode: { mode: 'observe', setting: `accounts.${n}.mode`, unread: n === 0 ? null : `why ${n}` } as const,
    }))
    const day = observed(...many)
    expect(day.cards).toHaveLength(5)
    expect(Object.keys(day.settings)).toHaveLength(60)
    expect(day.unread).toBe('why 1')
    expect(observed(...many, { mode: OBSERVE }).settings['mode']).toBeUndefined()
  })

  it('is said in a few lines, the most frequent first', () => {
    expect(dayOf(NOON)).toBe(20_781)
    const principals = { a: 1, b: 3, c: 1, d: 1, e: 1, f: 1, g: 1 }
    const lines = observedDayText({ ...observed({}), principals, unread: 'AccessDenied' }, dayOf(NOON)).split('\n')
    expect(lines.slice(0, 6)).toEqual([
      'rolemedic observed on 2026-11-24 (UTC): 1 denial, 1 card would have been posted: 1 with a change to approve, 0 that name whom to ask.',
      'Causes: identity-gap (1)',
      'Busiest principals: b (3), a (1), c (1), d (1), e (1), 2 more',
      'Busiest roles: arn:aws:iam::111122223333:role/app-task (1)',
      'Would have been a card: deployer was denied iam:PassRole on app-task (low risk)',
      'The units of some accounts could not be read, so the safest mode held: AccessDenied',
    ])
    expect(observedDayText(NOTHING_OBSERVED, 0).split('\n')).toHaveLength(2)
  })
})

describe('the first message of a channel', () => {
  it.each([
    ['observe', 'tells once a day what it saw. There are no cards.'],
    ['recommend', 'cards show the change as code and who makes it. Nobody can approve on them.'],
    ['approve', 'the configured approvers decide. Nothing is written before they do.'],
  ] as const)('says what rolemedic is and does in the mode %s, and where that is changed', (mode, meaning) => {
    const lines = firstRunText({ mode, setting: 'mode', unread: null }).split('\n')
    expect(lines[0]).toMatch(/^rolemedic is on in this channel\. It sees denials of iam:PassRole and sts:AssumeRole/)
    expect(lines[1]).toContain(meaning)
    expect(lines[2]).toContain('set "mode" in rolemedic.config.json')
    // No cards, no list of them.
    if (mode === 'observe') expect(lines).toHaveLength(3)
    else expect(lines[3]).toContain('at most 3 cards')
  })
})

describe('the evidence of a card', () => {
  const facts = (proposal: Proposal) => cardEvidence(proposal, CONFIG).facts.map(asPlainText)
  it('names the deploy that the denial broke, where one is known', () => {
    const deploy = { key: 'k', title: 'the deploy of stack orders' }
    expect(facts(sampleProposal({ deploy }))).toContain('Broke: the deploy of stack orders')
    expect(facts(sampleProposal()).some(line => line.startsWith('Broke'))).toBe(false)
  })
})

describe('the advice of a card', () => {
  const texts = (proposal: Proposal) => cardAdvice(proposal).map(({ text }) => asPlainText(text))
  const { diagnosis } = sampleProposal()

  it('is the owner and the steps; without any, where to look', () => {
    const advised = { ...diagnosis, nextSteps: [{ text: 'Ask the platform team', command: null, owner: 'Ops' }] }
    const proposal = sampleProposal({ status: 'closed', refusal: refusal('explicit-deny', 'Sec'), diagnosis: advised })
    expect(texts(proposal)).toEqual(['No change offered: recorded', 'Ask the platform team (owner: Ops)', 'Ask: Sec'])
    const same = { code: 'x', message: diagnosis.summary, owner: null }
    expect(texts(sampleProposal({ status: 'closed', refusal: same }))).toEqual([
      'Open Details for what was seen, and ask the owner of the role.',
    ])
  })

  it('names an owner once, and calls an uncertain cause uncertain', () => {
    const advised = { ...diagnosis, nextSteps: [{ text: 'Ask Ops', command: null, owner: 'Ops' }] }
    expect(
      texts(sampleProposal({ status: 'closed', refusal: refusal('not-proved', 'Ops'), diagnosis: advised })),
    ).toEqual(['No change offered: the cause is not certain.', 'Ask Ops'])
  })
})

describe('a recommendation', () => {
  const lines = (proposal: Proposal) =>
    recommendation(proposal, { ...OBSERVE, mode: 'recommend' }, CONFIG).map(asPlainText)
  it('names who makes the change, where there is one', () => {
    expect(lines(sampleProposal())[1]).toMatch(
      /^Who makes it: the owner of .*111122223333.*, who administers deployer\./,
    )
    expect(lines(INFORMATION).some(line => line.startsWith('Who makes it'))).toBe(false)
  })
})
