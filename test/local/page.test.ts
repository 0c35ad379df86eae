import { describe, expect, it } from 'vitest'
import { changedPolicies } from '../../local/page/accounts.ts'
import { renderChannel } from '../../local/page/channel.ts'
import { html } from '../../local/page/html.ts'
import type { StoredMessage } from '../../local/slack-stand-in.ts'

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
  it('escapes every value, and keeps what is HTML already', () => {
    expect(html`<p>${'<b>"&\''}</p>${html`<i>${1}</i>`}`.html).toBe('<p>&lt;b&gt;&quot;&amp;&#39;</p><i>1</i>')
  })
})

describe('the channel', () => {
  it('shows a whisper to its reader alone', () => {
    const whisper = message({ text: 'You are not among the approvers', ephemeralFor: 'U0VISITOR' })
    expect(renderChannel([whisper], 'U0VISITOR').html).toContain('not among the approvers')
    expect(renderChannel([whisper], 'U0ONCALL1').html).not.toContain('not among the approvers')
  })

  it('shows mark-up in plain and in escaped text as the characters it is', () => {
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
  it('shows only policies that differ, whatever form their documents have', () => {
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
