import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'

const running: FakeSlack[] = []

async function start(options: Parameters<typeof startFakeSlack>[0] = {}): Promise<FakeSlack> {
  const slack = await startFakeSlack(options)
  running.push(slack)
  return slack
}

async function call(slack: FakeSlack, method: string, body: object): Promise<{ [field: string]: unknown }> {
  const response = await fetch(`${slack.url}${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: 'Bearer xoxb-local' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { [field: string]: unknown }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(slack => slack.close()))
})

describe('the fake Slack', () => {
  it('stores a posted message and updates it in place', async () => {
    const slack = await start({ now: () => 1_795_000_000_000 })
    const posted = await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'one' })
    expect(posted).toMatchObject({ ok: true, channel: 'C0DEPLOYS', ts: '1795000000.000000' })
    await call(slack, 'chat.update', { channel: 'C0DEPLOYS', ts: posted['ts'], text: 'two' })
    expect(slack.messages()).toMatchObject([{ text: 'two', updatedCount: 1, threadTs: null, ephemeralFor: null }])
  })

  it('assigns increasing timestamps to messages within one millisecond', async () => {
    const slack = await start({ now: () => 1_795_000_000_000 })
    for (const text of ['a', 'b', 'c']) await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text })
    expect(slack.messages().map(message => message.ts)).toEqual([
      '1795000000.000000',
      '1795000000.000001',
      '1795000000.000002',
    ])
  })

  it('accepts the form encoding that the Slack client sends', async () => {
    const slack = await start()
    const body = new URLSearchParams({ channel: 'C0DEPLOYS', text: 'x', blocks: '[{"type":"divider"}]' })
    await fetch(`${slack.url}chat.postMessage`, { method: 'POST', headers: { authorization: 'Bearer x' }, body })
    expect(slack.messages()[0]?.blocks).toEqual([{ type: 'divider' }])
  })

  it('keeps the channel across a restart if it has a file', async () => {
    const statePath = join(mkdtempSync(join(tmpdir(), 'slack-')), 'state', 'slack.json')
    const first = await start({ statePath })
    await call(first, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'before' })
    await first.close()
    const second = await start({ statePath, now: () => 0 })
    await call(second, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'after' })
    const stamps = second.messages().map(message => Number(message.ts))
    expect(second.messages().map(message => message.text)).toEqual(['before', 'after'])
    expect(stamps[1]).toBeGreaterThan(stamps[0] ?? Number.POSITIVE_INFINITY)
  })

  it('separates threads from the channel, and hides ephemeral messages from others', async () => {
    const slack = await start()
    const root = await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'root' })
    await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'reply', thread_ts: root['ts'] })
    await call(slack, 'chat.postEphemeral', { channel: 'C0DEPLOYS', text: 'psst', user: 'U0ONCALL1' })
    const history = await call(slack, 'conversations.history', { channel: 'C0DEPLOYS' })
    const thread = await call(slack, 'conversations.replies', { channel: 'C0DEPLOYS', ts: root['ts'] })
    const texts = (answer: { [field: string]: unknown }) => (answer['messages'] as { text: string }[]).map(m => m.text)
    expect(texts(history)).toEqual(['root'])
    expect(texts(thread)).toEqual(['root', 'reply'])
  })

  it('opens a modal once per trigger', async () => {
    const slack = await start()
    const view = { type: 'modal', title: { type: 'plain_text', text: 'Details' }, blocks: [] }
    expect(await call(slack, 'views.open', { trigger_id: '1.2', view })).toMatchObject({ ok: true })
    expect(await call(slack, 'views.open', { trigger_id: '1.2', view })).toMatchObject({
      error: 'exchanged_trigger_id',
    })
    expect(slack.views()).toHaveLength(1)
  })

  it('keeps one Home view for each user, and refuses an outdated hash', async () => {
    const slack = await start()
    const view = (text: string) => ({
      type: 'home',
      blocks: [{ type: 'header', text: { type: 'plain_text', text } }],
    })
    const first = await call(slack, 'views.publish', { user_id: 'U0ONCALL1', view: view('one') })
    const { id, hash } = first['view'] as { id: string; hash: string }
    const second = await call(slack, 'views.publish', { user_id: 'U0ONCALL1', view: view('two'), hash })
    expect(second).toMatchObject({ ok: true, view: { id } })
    expect(await call(slack, 'views.publish', { user_id: 'U0ONCALL1', view: view('three'), hash })).toMatchObject({
      error: 'hash_conflict',
    })
    await call(slack, 'views.publish', { user_id: 'U0VISITOR', view: view('visitor') })
    expect(slack.home('U0ONCALL1')?.view).toEqual(view('two'))
    expect(slack.home('U0VISITOR')?.view).toEqual(view('visitor'))
    expect(slack.home('U0ONCALL2')).toBeNull()
  })

  it('takes no modal as a Home view, no Home view as a modal, and no view of nobody', async () => {
    const slack = await start()
    const home = { type: 'home', blocks: [] }
    const modal = { type: 'modal', title: { type: 'plain_text', text: 'Details' }, blocks: [] }
    for (const [method, args] of [
      ['views.publish', { user_id: 'U0ONCALL1', view: modal }],
      ['views.publish', { user_id: 'C0DEPLOYS', view: home }],
      ['views.open', { trigger_id: '1', view: home }],
    ] as const)
      expect(await call(slack, method, args)).toMatchObject({ ok: false, error: 'invalid_arguments' })
  })

  it('gives a permalink to a message, with the thread of a reply, and none to an ephemeral one', async () => {
    const slack = await start({ now: () => 1_795_000_000_000 })
    const channel = 'C0DEPLOYS'
    await call(slack, 'chat.postMessage', { channel, text: 'root' })
    await call(slack, 'chat.postMessage', { channel, text: 'reply', thread_ts: '1795000000.000000' })
    await call(slack, 'chat.postEphemeral', { channel, text: 'psst', user: 'U0ONCALL1' })
    const permalink = (ts: string, of = channel) => call(slack, 'chat.getPermalink', { channel: of, message_ts: ts })
    expect(await permalink('1795000000.000000')).toEqual({
      ok: true,
      channel,
      permalink: 'https://workspace.example/archives/C0DEPLOYS/p1795000000000000',
    })
    expect(await permalink('1795000000.000001')).toMatchObject({
      permalink:
        'https://workspace.example/archives/C0DEPLOYS/p1795000000000001?thread_ts=1795000000.000000&cid=C0DEPLOYS',
    })
    expect(await permalink('1795000000.000002')).toMatchObject({ error: 'message_not_found' })
    expect(await permalink('1795000000.000000', 'C0OTHER')).toMatchObject({ error: 'message_not_found' })
    expect(await permalink('1795000000.000000', 'nowhere')).toMatchObject({ error: 'channel_not_found' })
  })

  const plain = { type: 'plain_text', text: 'Approve' }
  const button = { type: 'button', action_id: 'approve', text: plain }
  it.each([
    ['a field that Slack does not know', [{ type: 'header', text: plain, colour: 'red' }]],
    ['a field that only another text has', [{ type: 'section', text: { type: 'mrkdwn', text: 'a', emoji: false } }]],
    ['two buttons of one row with one id', [{ type: 'actions', elements: [button, { ...button, value: 'b' }] }]],
    ['two blocks with one id', ['a', 'a'].map(block_id => ({ type: 'divider', block_id }))],
    ['half a character', [{ type: 'header', text: { ...plain, text: '\ud83d…' } }]],
    ['a colour that buttons do not have', [{ type: 'actions', elements: [{ ...button, style: 'green' }] }]],
    ['a row without a button', [{ type: 'actions', elements: [] }]],
    [
      'a mention in code',
      [
        {
          type: 'rich_text',
          elements: [
            { type: 'rich_text_section', elements: [{ type: 'user', user_id: 'U0ONCALL1', style: { code: true } }] },
          ],
        },
      ],
    ],
  ])('rejects blocks with %s', async (_, blocks) => {
    const slack = await start()
    expect(await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'a', blocks })).toMatchObject({
      error: 'invalid_blocks',
    })
    expect(slack.messages()).toEqual([])
  })

  it('rejects a form without a submit button', async () => {
    const slack = await start()
    const element = { type: 'plain_text_input', action_id: 'reason' }
    const view = { type: 'modal', title: plain, blocks: [{ type: 'input', label: plain, element }] }
    expect(await call(slack, 'views.open', { trigger_id: '1', view })).toMatchObject({ error: 'invalid_arguments' })
    expect(await call(slack, 'views.open', { trigger_id: '2', view: { ...view, submit: plain } })).toMatchObject({
      ok: true,
    })
  })

  it('answers from its directory, and refuses unknown users and groups', async () => {
    const slack = await start()
    slack.setDirectory({ groups: { S0ONCALL: ['U0ONCALL1'] }, users: { 'ada@example.com': 'U0ONCALL1' } })
    expect(await call(slack, 'usergroups.users.list', { usergroup: 'S0ONCALL' })).toMatchObject({
      users: ['U0ONCALL1'],
    })
    expect(await call(slack, 'usergroups.users.list', { usergroup: 'S0OTHER' })).toMatchObject({
      error: 'no_such_subteam',
    })
    expect(await call(slack, 'users.lookupByEmail', { email: 'Ada@Example.com' })).toMatchObject({
      user: { id: 'U0ONCALL1' },
    })
    expect(await call(slack, 'users.lookupByEmail', { email: 'eve@example.com' })).toMatchObject({
      error: 'users_not_found',
    })
  })

  it('injects a fault into the next call, and only that one', async () => {
    const slack = await start()
    slack.addFault({ kind: 'refused', error: 'is_archived', method: 'chat.postMessage' })
    expect(await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'lost' })).toMatchObject({
      error: 'is_archived',
    })
    slack.addFault({ kind: 'reset', when: 'after' })
    await expect(call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'kept, unanswered' })).rejects.toThrow()
    expect(await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'kept' })).toMatchObject({ ok: true })
    expect(slack.messages().map(message => message.text)).toEqual(['kept, unanswered', 'kept'])
  })

  it('notifies its listeners of changes until they unsubscribe', async () => {
    const slack = await start()
    let heard = 0
    const stop = slack.onChange(() => {
      heard += 1
    })
    await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'one' })
    stop()
    await call(slack, 'chat.postMessage', { channel: 'C0DEPLOYS', text: 'two' })
    expect(heard).toBe(1)
  })
})
