/** The demo as a person sees it: every kind of card with its thread, the forms, the Home tabs and the answers to the command. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LIMITS, messageBreaches, viewBreaches } from '../../functions/adapters/slack/blocks/limits.ts'
import { FORMS } from '../../functions/domain/proposal/click.ts'
import type { SlackCall, StoredMessage } from '../../simulator/fake-slack/fake-slack.ts'
import { buttonsIn, linesIn, median, wordsBeforeButtons } from '../card-text.ts'
import { KINDS, SCREENS, type ShownCard, World } from '../e2e/card-kinds.ts'
import { cardsOf, isForm, isMessages, pageOf, pictureName, sectionOf } from '../e2e/card-texts.ts'

let state: string
let world: World
const cards = new Map<string, ShownCard>()
const forms: unknown[] = []
const sections: string[] = []
let calls: readonly SlackCall[] = []
let messages: readonly StoredMessage[] = []

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-session-'))
  world = new World(state)
  for await (const { name, shown } of cardsOf(world)) {
    if (isMessages(shown) && KINDS.some(kind => kind.name === name)) cards.set(name, shown)
    if (isForm(shown)) forms.push((shown.view as { readonly callback_id?: unknown }).callback_id)
    sections.push(sectionOf(name, shown))
  }
  calls = await world.calls()
  messages = await world.messages()
}, 300_000)
afterAll(async () => {
  await world?.close()
  rmSync(state, { recursive: true, force: true })
})

const roots = () => [...cards.values()].flatMap(([root]) => (root === undefined ? [] : [root]))
/** Those on which something can be pressed. */
const withButtons = () => roots().filter(({ blocks }) => JSON.stringify(blocks).includes('"actions"'))

describe('the cards of the demo', () => {
  it('have at most 45 words before the first button, and 30 in the median', () => {
    const counts = withButtons().map(({ blocks }) => wordsBeforeButtons(blocks))
    expect(counts.length).toBeGreaterThan(25)
    expect(counts.filter(words => words.length > 45).map(words => words.join(' '))).toEqual([])
    expect(median(counts.map(({ length }) => length))).toBeLessThanOrEqual(30)
  })

  it('have at most four buttons beside the menu', () => {
    expect(withButtons().filter(({ blocks }) => buttonsIn(blocks).length > 4)).toEqual([])
  })

  it('begin a failed deploy with no sign of a low risk', () => {
    for (const name of ['a failed stack, with its alert', 'a stack that lacks four roles'])
      expect(linesIn(cards.get(name)?.[0]?.blocks ?? [])[0]).toMatch(/^❌ /)
  })

  it('cut no sentence, and say nothing odd about time', () => {
    const lines = messages.flatMap(({ blocks, text }) => [...linesIn(blocks), text])
    expect(lines.length).toBeGreaterThan(500)
    expect(lines.filter(line => ODD.some(odd => odd.test(line)))).toEqual([])
  })

  it('are those that their names say, with every form that a button opens', () => {
    expect(cards.get('storm list')?.[0]?.text).toMatch(/^🌩️ Many denials at once/)
    expect(cards.get('observed on one day')?.[0]?.text).toMatch(/^rolemedic observed on /)
    expect(cards.get('break glass')?.[0]?.text).toContain('with break-glass: orders are down')
    expect(new Set(forms)).toEqual(new Set([...FORMS, 'approve', 'approve-limited']))
  })
})

/** What tired people read wrongly. Slack says a time as "Today at 11:44", so no "at" goes before it. */
const ODD = [
  /\bat (?:Today|\d{4}-\d\d-\d\d \d\d:\d\d UTC)/,
  /Reverted for/,
  /Not ours to change/,
  /(?:Allowed now|Working again): \S+ was denied/,
  /Mode: approve \(mode\)/,
  /all that (?:this|these)/,
  /\b(Could not see: .*)\1/,
]

describe('docs/cards', () => {
  const folder = join(import.meta.dirname, '../../docs/cards')

  it('has the texts of today: otherwise run npm run cards', () => {
    const stored = readFileSync(join(folder, 'README.md'), 'utf8').split(/^(?=## )/m)
    const fresh = pageOf(sections).split(/^(?=## )/m)
    expect(stored.filter((section, at) => section !== fresh[at]).map(section => section.split('\n')[0])).toEqual([])
    expect(stored).toEqual(fresh)
  })

  it('has a picture of each, and no other', () => {
    const names = [...KINDS, ...SCREENS].map(({ name }) => pictureName(name))
    expect(readdirSync(folder).sort()).toEqual(['README.md', ...names].sort())
  })
})

describe('a whole session in Slack', () => {
  const sent = (methods: readonly string[]) => calls.filter(({ method }) => methods.includes(method))

  it('breaks none of the documented limits of messages', () => {
    const found = sent(['chat.postMessage', 'chat.update', 'chat.postEphemeral'])
    expect(found.length).toBeGreaterThan(100)
    for (const { arguments: given } of found) {
      expect(messageBreaches(given['blocks'] as readonly object[])).toEqual([])
      expect(String(given['text']).length).toBeLessThanOrEqual(LIMITS.messageText)
      expect(String(given['text'])).not.toBe('')
    }
  })

  it('breaks none of the documented limits of forms and Home tabs', () => {
    const found = sent(['views.open', 'views.publish'])
    expect(found.length).toBeGreaterThanOrEqual(5)
    for (const { arguments: given } of found) expect(viewBreaches(given['view'] as object)).toEqual([])
  })

  it('begins each notification of a card with risk or state, then what, and the account', () => {
    expect(cards.get('low risk')?.[0]?.text).toMatch(
      /^Low risk: pipeline-deploy was denied iam:PassRole on orders-task in orders-dev\. 1 approval needed\. /,
    )
    expect(cards.get('applied')?.[0]?.text).toMatch(
      /^Allowed now: pipeline-deploy may pass orders-task in orders-dev\. Approved by ada\. /,
    )
    expect(cards.get('break glass, announced')?.[0]?.text).toMatch(
      /^🔴 High risk break-glass in orders-dev: ada \(U0ONCALL1\) approved alone\. Reason: orders are down; nobody else answers\. Through /,
    )
  })
})
