import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { own, person, richText, strong } from '../../core/base/rich-text.ts'
import { renderHome } from '../../functions/adapters/slack/blocks/home.ts'
import { viewBreaches } from '../../functions/adapters/slack/blocks/limits.ts'
import { closedHome, type Home, type HomeItem } from '../../functions/domain/home/home.ts'
import { homeFault } from '../../simulator/fake-slack/block-kit.ts'
import { NOON } from '../fakes/sample-proposal.ts'

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
              { type: 'text', text: 'Low risk: ', style: { bold: true } },
              { type: 'text', text: 'deployer', style: { bold: true } },
              { type: 'text', text: ' was denied', style: { bold: true } },
              { type: 'text', text: '\n' },
              { type: 'text', text: 'Approved by ' },
              { type: 'user', user_id: 'U0ONCALL2' },
              { type: 'text', text: ': ' },
              { type: 'text', text: 'deployer' },
              { type: 'text', text: '.' },
              { type: 'text', text: ' ' },
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
          fc.oneof(fc.string({ unit: 'binary', maxLength: 900 }), fc.constant('<!channel> *x* `y` '.repeat(60))),
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
