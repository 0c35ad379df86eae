import { describe, expect, it } from 'vitest'
import { html } from '../../functions/domain/messages/html.ts'
import type { StoredMessage } from '../../simulator/fake-slack/fake-slack.ts'
import { buttonsOf } from '../../simulator/slack-requests.ts'
import { changedPolicies } from '../../simulator/web-ui/accounts.ts'
import { renderChannel } from '../../simulator/web-ui/channel.ts'
import { homePage } from '../../simulator/web-ui/home.ts'
import { renderModal } from '../../simulator/web-ui/modal.ts'

function message(over: Partial<StoredMessage>): StoredMessage {
  return {
    channel: 'C0DEPLOYS',
    ts: '1764000000.000100',
    text: 'text',
    blocks: [],
    threadTs: null,
    ephemeralFor: null,
    updatedCount: 0,
    metadata: null,
    ...over,
  }
}

describe('html', () => {
  it('escapes every value that is not already HTML', () => {
    expect(html`<p>${'<b>"&\''}</p>${html`<i>${1}</i>`}`.html).toBe('<p>&lt;b&gt;&quot;&amp;&#39;</p><i>1</i>')
  })
})

describe('the channel', () => {
  it('shows an ephemeral message only to its recipient', () => {
    const postEphemeral = message({ text: 'You are not among the approvers', ephemeralFor: 'U0VISITOR' })
    expect(renderChannel([postEphemeral], 'U0VISITOR').html).toContain('not among the approvers')
    expect(renderChannel([postEphemeral], 'U0ONCALL1').html).not.toContain('not among the approvers')
  })

  it('marks an ephemeral message in a thread too', () => {
    const root = message({ ts: '1795521600.000001', text: 'the list of a storm' })
    const postEphemeral = message({ threadTs: root.ts, text: 'You are not among them', ephemeralFor: 'U0VISITOR' })
    expect(renderChannel([root, postEphemeral], 'U0VISITOR').html).toMatch(
      /Only visible to you.*You are not among them/s,
    )
    expect(renderChannel([root, postEphemeral], 'U0ONCALL1').html).not.toContain('not among them')
  })

  it('shows the newest few ephemeral messages, and repeated ones once', () => {
    const postEphemeral = (second: number, text: string) =>
      message({ ts: `176400000${second}.000100`, text, ephemeralFor: 'U0VISITOR' })
    const ephemerals = ['one', 'not you', 'two', 'not you', 'three', 'four', 'not you'].map((text, at) =>
      postEphemeral(at, text),
    )
    const page = renderChannel([...ephemerals, message({ ts: '1764000009.000100', text: 'a card' })], 'U0VISITOR').html
    expect(page.match(/Only visible to you/g)).toHaveLength(3)
    expect(page.match(/not you/g)).toHaveLength(1)
    for (const kept of ['a card', 'three', 'four']) expect(page).toContain(kept)
    for (const gone of ['>one<', '>two<']) expect(page).not.toContain(gone)
  })

  it('renders the inputs of a form itself, and leaves the rest to the renderer', () => {
    const text = (words: string) => ({ type: 'plain_text', text: words })
    const input = { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: 500 }
    const page = renderModal({
      id: 'V1',
      triggerId: 't',
      view: {
        title: text('Reject'),
        submit: text('Reject'),
        blocks: [
          { type: 'section', text: text('deploy was denied') },
          { type: 'input', block_id: 'reason', label: text('Why? <b>'), element: input },
        ],
      },
    }).html
    expect(page).toContain('deploy was denied')
    expect(page).toMatch(/<label class="field">Why\? &lt;b&gt;<textarea rows="4" maxlength="500" required/)
    expect(page).not.toMatch(/to submit<|Write something|Select an item/)
  })

  it('gives each button its value, and the question that Slack asks before it is sent', () => {
    const plain = (text: string) => ({ type: 'plain_text', text })
    const confirm = {
      title: plain('Undo <this>?'),
      text: { type: 'mrkdwn', text: 'Calls are *denied* then.' },
      confirm: plain('Yes'),
      deny: plain('Cancel'),
    }
    const elements = [
      { type: 'button', action_id: 'details', value: 'p-1', text: plain('Details') },
      { type: 'button', action_id: 'revert', value: 'p-1:"x"', text: plain('Revert'), confirm },
    ]
    const blocks = [{ type: 'actions', block_id: 'row', elements }]
    const page = renderChannel([message({ blocks })], 'U0ONCALL1').html
    expect(page).toContain('<article class="card" id="C0DEPLOYS/p1764000000000100" data-channel="C0DEPLOYS"')
    expect(page).toContain(
      '<template data-action="details" data-nth="0" data-sent="{&quot;type&quot;:&quot;button&quot;,&quot;action_id&quot;:&quot;details&quot;,&quot;block_id&quot;:&quot;row&quot;,&quot;value&quot;:&quot;p-1&quot;}" data-url=""></template>',
    )
    const question = page.slice(page.indexOf('<template data-action="revert"'))
    expect(question).toContain('&quot;value&quot;:&quot;p-1:\\&quot;x\\&quot;&quot;')
    expect(question).toContain('<h2 id="confirm-title">Undo &lt;this&gt;?</h2>')
    expect(question).toMatch(/<button value="no" autofocus>Cancel<\/button>\s*<button value="yes" class="primary">Yes</)
  })

  it('opens the menu of a card, and sends back the option that was chosen', () => {
    const plain = (text: string) => ({ type: 'plain_text', text })
    const options = [
      { text: plain('Approve <this>'), value: '?approve-alone p-1:x' },
      { text: plain('Details'), value: 'details p-1:x' },
    ]
    const blocks = [{ type: 'actions', block_id: 'row', elements: [{ type: 'overflow', action_id: 'more', options }] }]
    const page = renderChannel([message({ blocks })], 'U0ONCALL1').html
    expect(page).toContain('<summary aria-label="More options">⋯</summary>')
    expect(page).toContain('<button type="button" class="choice" id="more-approve-alone">Approve &lt;this&gt;</button>')
    expect(page).toContain(
      'data-action="more-details" data-nth="0" data-sent="{&quot;type&quot;:&quot;overflow&quot;,&quot;action_id&quot;:&quot;more&quot;,&quot;block_id&quot;:&quot;row&quot;,&quot;value&quot;:&quot;details p-1:x&quot;}"',
    )
    const [first, second] = buttonsOf(message({ blocks }), 'approve-alone', 'details')
    expect(first).toMatchObject({ type: 'overflow', action_id: 'more', value: '?approve-alone p-1:x' })
    expect(second).toMatchObject({ value: 'details p-1:x' })
  })

  it('shows the Home tab of the app, or that there is none', () => {
    expect(homePage(null).html).toContain('published nothing here yet')
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'Waits for <you>' } }]
    const home = homePage({ id: 'V1', hash: '1', view: { type: 'home', blocks } }).html
    expect(home.replaceAll('\u2060', '')).toContain('Waits for &lt;you&gt;')
  })

  it('shows markup in plain and in escaped text as plain characters', () => {
    const blocks = [
      { type: 'section', text: { type: 'plain_text', text: 'session <!channel> :tada:' } },
      { type: 'section', text: { type: 'mrkdwn', text: '@here is user &lt;@U0ONCALL1&gt;' } },
      { type: 'header', text: { type: 'plain_text', text: 'for @channel and @everyone' } },
    ]
    const page = renderChannel([message({ blocks })], 'U0ONCALL1').html
    const shown = page.replaceAll('\u2060', '').replace(/<[^>]*>/g, '')
    expect(shown).toContain('&lt;!channel&gt; :tada:')
    expect(shown).toContain('@here is user &lt;@U0ONCALL1&gt;')
    expect(shown).toContain('for @channel and @everyone')
    expect(page).not.toContain('slack_broadcast')
    expect(page).not.toContain('slack_user')
  })
})

describe('the address of a pull request on this machine', () => {
  const shown = (text: string) => {
    const elements = [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }]
    return renderChannel([message({ blocks: [{ type: 'rich_text', elements }] })], 'U0ONCALL1').html
  }

  it.each(['http://127.0.0.1:39577/acme/orders/pull/1', 'http://127.0.0.1:39577/acme/orders/-/merge_requests/12'])(
    'is a link: %s',
    url => {
      expect(shown(`Pull request is open: ${url}`)).toContain(
        `<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`,
      )
    },
  )

  it.each([
    'http://127.0.0.1:39577/',
    'http://127.0.0.1:39577/acme/orders/pull/1/merge',
    'http://127.0.0.1.evil.example/acme/orders/pull/1',
    'http://evil.example:39577/acme/orders/pull/1',
  ])('is nothing else that a text may hold: %s', text => {
    expect(shown(text)).not.toContain('<a ')
  })
})

describe('the accounts', () => {
  it('shows only policies that differ, in every document format', () => {
    const allow = (resource: string) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: resource }],
    })
    const account = (added: object[]) => ({
      RoleDetailList: [
        {
          Arn: 'arn:aws:iam::111122223333:role/deploy',
          RoleName: 'deploy',
          AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(allow('x'))),
          RolePolicyList: [{ PolicyName: 'same', PolicyDocument: allow('y') }, ...added] as never,
        },
      ],
    })
    const added = { PolicyName: 'rolemedic', PolicyDocument: allow('arn:aws:iam::111122223333:role/task') }
    const changed = changedPolicies({ id: '111122223333', original: account([]), current: account([added]) })
    expect(changed.map(({ where }) => where)).toEqual(['role deploy: inline policy rolemedic'])
    expect(changed[0]?.lines.filter(line => line.startsWith('+')).join('\n')).toContain('role/task')
  })
})
