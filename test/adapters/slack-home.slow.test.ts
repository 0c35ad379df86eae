import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { own, person, richText, strong } from '../../core/base/rich-text.ts'
import { renderHome, renderLists } from '../../functions/adapters/slack/blocks/home.ts'
import { messageBreaches, viewBreaches } from '../../functions/adapters/slack/blocks/limits.ts'
import { closedHome, type Home, type HomeItem } from '../../functions/domain/home/home.ts'
import { waitingItem } from '../../functions/domain/home/waiting.ts'
import { homeFault } from '../../simulator/fake-slack/block-kit.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { ANY_CHAR } from '../fixtures/any-char.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 200)
const LINK = 'https://acme.slack.com/archives/C0DEPLOYS/p1795521600000100?thread_ts=1795521600.000050&cid=C0DEPLOYS'
const item = (name: string, link: string | null = LINK): HomeItem => ({
  title: richText`${own('Low risk: ')}${name} was denied`,
  detail: richText`Approved by ${person({ id: 'U0ONCALL2', name })}: ${name}.`,
  link,
})
const home = (items: readonly HomeItem[]): Home => ({
  notices: [],
  sections: ['Waiting for you', 'What you approved', 'What still stands'].map(title => ({
    title,
    items,
    notes: [richText`7 more: ${strong('/rolemedic open')}`],
  })),
  atMs: NOON,
})
const accepted = (view: object) => [viewBreaches(view), homeFault(view)]

describe('the view of a Home tab', () => {
  it('has a heading for each list, an item with a link, and the time', () => {
    const view = renderHome(home([item('deployer')])) as { type: string; blocks: readonly object[] }
    expect(view.type).toBe('home')
    expect(view.blocks.slice(0, 4)).toEqual([
      { type: 'header', text: { type: 'plain_text', text: 'Waiting for you', emoji: false } },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'Low risk: deployer was denied', style: { bold: true } },
              { type: 'text', text: '\nApproved by ' },
              { type: 'user', user_id: 'U0ONCALL2' },
              { type: 'text', text: ': deployer. ' },
              { type: 'link', url: LINK, text: 'Open the card' },
            ],
          },
        ],
      },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: '7 more: ' },
              { type: 'text', text: '/rolemedic open', style: { bold: true } },
            ],
          },
        ],
      },
      { type: 'divider' },
    ])
    expect(JSON.stringify(view.blocks.at(-1))).toContain('"As of "')
    expect(accepted(view)).toEqual([[], null])
  })

  it('of who may not look has the reason alone', () => {
    const view = renderHome(closedHome('Only approvers may ask this.', NOON)) as { blocks: readonly object[] }
    expect(view.blocks).toHaveLength(2)
    expect(accepted(view)).toEqual([[], null])
  })

  it('has no link where there is none, or where it is no plain address', () => {
    const view = JSON.stringify(renderHome(home([item('a', null), item('b', 'javascript:alert(1)')])))
    expect(view).not.toContain('"link"')
    expect(view).not.toContain('javascript')
  })

  it('is within the limits of Slack, whatever the names are and however many items there are', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string({ unit: ANY_CHAR, maxLength: 900 }), fc.constant('<!channel> *x* `y` '.repeat(60))),
        ),
        fc.integer({ min: 0, max: 20 }),
        (names, times) => {
          const items = Array.from({ length: times }, (_, n) => item(names[n % names.length] ?? 'x'))
          const view = renderHome(home(items)) as { blocks: readonly object[] }
          expect(accepted(view)).toEqual([[], null])
          expect(view.blocks.length).toBeLessThanOrEqual(100)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('with more items than a view can hold is shown without them', () => {
    const view = renderHome(home(Array.from({ length: 60 }, () => item('x')))) as { blocks: readonly object[] }
    expect(accepted(view)).toEqual([[], null])
    expect(JSON.stringify(view)).toContain('/rolemedic open')
  })
})

describe('the lists of a Home tab as a message', () => {
  it('hold twelve ordinary cards', () => {
    const waits = { ...waitingItem(sampleProposal(), { needed: 1, had: [] }, null, NOON), link: LINK }
    const { blocks } = renderLists(home(Array.from({ length: 4 }, () => waits)))
    expect(JSON.stringify(blocks)).not.toContain('did not fit')
  })

  it('have a heading and a link for each item, no button, and a notification that counts', () => {
    const { text, blocks } = renderLists(home([item('deployer')]))
    expect(text).toBe('Waiting for you: 1. What you approved: 1. What still stands: 1.')
    const view = renderHome(home([item('deployer')])) as { blocks: readonly object[] }
    expect(blocks.slice(0, -1)).toEqual(view.blocks.slice(0, -1))
    expect(JSON.stringify(blocks)).not.toMatch(/"(button|actions)"/)
    expect(JSON.stringify(blocks.at(-1))).toContain('"As of "')
  })

  it.each([0, 1, 4, 5, 20, 60])(
    'of %i items each are within the limits of a message, and count what did not fit',
    count => {
      fc.assert(
        fc.property(
          fc.array(
            fc.oneof(fc.string({ unit: ANY_CHAR, maxLength: 900 }), fc.constant('<!channel> *x* `y` '.repeat(60))),
            {
              minLength: 1,
              maxLength: 3,
            },
          ),
          names => {
            const items = Array.from({ length: count }, (_, n) => item(names[n % names.length] ?? 'x'))
            const { text, blocks } = renderLists(home(items))
            expect(messageBreaches(blocks)).toEqual([])
            expect(text.length).toBeLessThanOrEqual(4000)
            const shown = JSON.stringify(blocks).split('Open the card').length - 1
            const cut = Number(/(\d+) more cards? did not fit/.exec(JSON.stringify(blocks))?.[1] ?? 0)
            expect(shown + cut).toBe(count * 3)
          },
        ),
        { numRuns: Math.ceil(RUNS / 20) },
      )
    },
  )
})
