import { describe, expect, it } from 'vitest'
import type { StoredMessage } from '../../simulator/fake-slack/fake-slack.ts'
import { changedPolicies } from '../../simulator/web-ui/accounts.ts'
import { renderChannel, renderModal } from '../../simulator/web-ui/channel.ts'
import { html } from '../../simulator/web-ui/html.ts'

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
