import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSlackBody } from '../../functions/adapters/slack/endpoint/payload.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'
import { DIGEST } from '../fakes/sample-proposal.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 300)
const SECRET = '0123456789abcdef0123456789abcdef'

/** Only a verified body can be parsed, so each of these is signed first. */
function parse(body: string) {
  const digest = createHmac('sha256', SECRET).update('v0:1795521600:').update(body).digest('hex')
  const verified = slackVerifier({ secrets: [SECRET], clock: () => 1_795_521_600_000 })({
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': '1795521600',
      'x-slack-signature': `v0=${digest}`,
    },
    body,
    isBase64Encoded: false,
  })
  if (!verified.ok) throw new Error('the body was not signed')
  return parseSlackBody(verified.value)
}
const interaction = (payload: object) => parse(new URLSearchParams({ payload: JSON.stringify(payload) }).toString())

const SENDER = {
  user: { id: 'U0ONCALL1', username: 'anna', name: 'Anna', team_id: 'T0OURS' },
  team: { id: 'T0OURS', domain: 'ours' },
  api_app_id: 'A0OURS',
  trigger_id: '123.456.abc',
}
const ORIGIN = { teamId: 'T0OURS', enterpriseId: null, userTeamId: 'T0OURS', appId: 'A0OURS' }
const pressed = (action_id: string, value: string | undefined = `p-1:${DIGEST}`) =>
  interaction({
    type: 'block_actions',
    ...SENDER,
    channel: { id: 'C0DEPLOYS', name: 'deploys' },
    actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: '1.2' }],
  })

describe('the time that a person saw', () => {
  const hoursIn = (parsed: ReturnType<typeof parse>) =>
    parsed.ok && parsed.value.kind === 'click' ? parsed.value.click.hours : parsed

  it('comes with the press of a button, of the menu and of a form', () => {
    expect(hoursIn(pressed('approve-limited', `p-1:${DIGEST}@8`))).toBe(8)
    expect(hoursIn(pressed('approve', `p-1:${DIGEST}`))).toBe(undefined)
    const chosen = { type: 'overflow', action_id: 'more', selected_option: { value: `approve-alone p-1:${DIGEST}@0` } }
    expect(hoursIn(interaction({ type: 'block_actions', ...SENDER, actions: [chosen] }))).toBe(null)
    const view = {
      ...{ callback_id: 'approve-limited', private_metadata: `p-1:${DIGEST}@8 C0DEPLOYS 1795521600.000100` },
      state: { values: {} },
    }
    expect(hoursIn(interaction({ type: 'view_submission', ...SENDER, view }))).toBe(8)
  })
})

describe('a button', () => {
  it('becomes a click that carries the proposal and the digest', () => {
    expect(pressed('approve-limited')).toEqual({
      ok: true,
      value: {
        kind: 'click',
        origin: ORIGIN,
        conversation: 'C0DEPLOYS',
        message: null,
        cardOf: 'p-1',
        click: {
          action: 'approve-limited',
          by: { id: 'U0ONCALL1', name: 'anna' },
          proposalId: 'p-1',
          digest: DIGEST,
          reason: null,
        },
        triggerId: '123.456.abc',
      },
    })
  })

  const inThread = (message_ts: string, thread_ts: string, action_id: string) =>
    interaction({
      type: 'block_actions',
      ...SENDER,
      container: { type: 'message', message_ts, channel_id: 'C0DEPLOYS', is_ephemeral: false, thread_ts },
      channel: { id: 'C0DEPLOYS', name: 'deploys' },
      actions: [{ type: 'button', action_id, block_id: 'b', value: `p-1:${DIGEST}`, action_ts: '1.2' }],
    })

  it.each(['approve', 'reject'])('of a card in a thread says which thread: %s', action => {
    expect(inThread('1795521600.000200', '1795521600.000100', action)).toMatchObject({
      ok: true,
      value: { conversation: 'C0DEPLOYS', message: '1795521600.000200', thread: '1795521600.000100' },
    })
  })

  it('of a card that is the root of a thread is in the channel', () => {
    const parsed = inThread('1795521600.000100', '1795521600.000100', 'approve')
    expect(parsed.ok && parsed.value).not.toHaveProperty('thread')
  })

  it.each(['details', 'reject', 'break-glass'])('that needs a form asks for it: %s', form => {
    expect(pressed(form)).toMatchObject({ ok: true, value: { kind: 'form', form, triggerId: '123.456.abc' } })
  })

  it('of another kind does nothing', () => {
    expect(pressed('open-console')).toEqual({ ok: true, value: { kind: 'nothing', origin: ORIGIN } })
  })

  it.each([
    '',
    'p-1',
    `p-1:${DIGEST} `,
    `p-1:sha256:${'A'.repeat(64)}`,
    `:${DIGEST}`,
    `../p:${DIGEST}`,
    `p-1:${DIGEST}:`,
    `p-1:${DIGEST}:p-2:p-3`,
    `p-1:${DIGEST}:../p`,
    `${'p'.repeat(65)}:${DIGEST}`,
  ])('with the value %j is unreadable', value => {
    expect(pressed('approve', value).ok).toBe(false)
  })

  it('can be on the card of another proposal, which it names', () => {
    expect(pressed('revert', `p-1:${DIGEST}:p-2`)).toMatchObject({
      value: { cardOf: 'p-2', click: { action: 'revert', proposalId: 'p-1' } },
    })
  })

  it.each(['not-a-time', '', 7])('of a message %j says nothing of where it was pressed', message_ts => {
    const parsed = interaction({
      type: 'block_actions',
      ...SENDER,
      container: { type: 'message', message_ts, channel_id: 'C0DEPLOYS' },
      channel: { id: 'C0DEPLOYS' },
      actions: [{ action_id: 'approve', value: `p-1:${DIGEST}` }],
    })
    expect(parsed).toMatchObject({ ok: true, value: { message: message_ts === 'not-a-time' ? 'not-a-time' : null } })
  })

  describe('of an option of the menu', () => {
    const chosen = (value: string) =>
      interaction({
        type: 'block_actions',
        ...SENDER,
        trigger_id: 't-1',
        channel: { id: 'C0DEPLOYS' },
        container: { message_ts: '1795521600.000100' },
        actions: [{ type: 'overflow', action_id: 'more', selected_option: { value } }],
      })

    it('that needs no more decides', () => {
      expect(chosen(`pull-only p-1:${DIGEST}`)).toMatchObject({
        value: { kind: 'click', click: { action: 'pull-only', proposalId: 'p-1', digest: DIGEST, reason: null } },
      })
    })

    it.each([
      ['details', 'details'],
      ['break-glass', 'break-glass'],
      ['?approve-alone', 'approve-alone'],
      ['?approve', 'approve'],
    ])('%s opens a form first', (option, form) => {
      expect(chosen(`${option} p-1:${DIGEST}`)).toMatchObject({ value: { kind: 'form', form, triggerId: 't-1' } })
    })

    it('that is not ours does nothing', () => {
      for (const value of ['', 'approve', 'nothing p-1:x', ` p-1:${DIGEST}`, `approve p-1:${DIGEST} x`])
        expect(chosen(value)).toMatchObject({ value: { kind: 'nothing' } })
      expect(chosen('approve p-1:x').ok).toBe(false)
    })
  })

  it('says which organization it comes from', () => {
    const from = (changed: object) =>
      interaction({
        type: 'block_actions',
        ...SENDER,
        ...changed,
        actions: [{ action_id: 'approve', value: `p-1:${DIGEST}` }],
      })
    expect(from({ team: null, enterprise: { id: 'E0GRID', name: 'Grid' } })).toMatchObject({
      value: { origin: { teamId: null, enterpriseId: 'E0GRID' } },
    })
    expect(from({ team: { id: 'T0OURS', enterprise_id: 'E0GRID' } })).toMatchObject({
      value: { origin: { teamId: 'T0OURS', enterpriseId: 'E0GRID' } },
    })
  })

  it.each(['rolemedic', 'u0oncall1', '29:1abc', 'S0ONCALL', `U${'0'.repeat(64)}`])(
    'of %s, which is no user of Slack, is unreadable',
    id => {
      const payload = {
        type: 'block_actions',
        ...SENDER,
        user: { id },
        actions: [{ action_id: 'approve', value: `p-1:${DIGEST}` }],
      }
      expect(interaction(payload).ok).toBe(false)
    },
  )

  it('whose person has a hostile name keeps that name short and harmless', () => {
    const payload = {
      type: 'block_actions',
      ...SENDER,
      user: { id: 'U0ONCALL1', username: `evil\u202e\n\u0000${'x'.repeat(500)}` },
      actions: [{ action_id: 'approve', value: `p-1:${DIGEST}` }],
    }
    const result = interaction(payload)
    if (!result.ok || result.value.kind !== 'click') throw new Error('it is not a click')
    expect(result.value.click.by.name).toMatch(/^evil x+$/)
    expect(result.value.click.by.name.length).toBeLessThanOrEqual(80)
  })
})

describe('a sent form', () => {
  const AT = { conversation: 'C0DEPLOYS', message: '1795521600.000100' }
  const FORM = `p-1:${DIGEST} ${AT.conversation} ${AT.message}`
  const sent = (callback_id: string, private_metadata: string, value: string | null) =>
    interaction({
      type: 'view_submission',
      ...SENDER,
      view: { callback_id, private_metadata, state: { values: { reason: { reason: { type: 'plain', value } } } } },
    })

  it('becomes a click with its reason', () => {
    expect(sent('reject', FORM, ' wrong\nrole ')).toMatchObject({
      ok: true,
      value: { kind: 'click', ...AT, cardOf: 'p-1', click: { action: 'reject', reason: 'wrong role', digest: DIGEST } },
    })
    expect(sent('break-glass', FORM, null)).toMatchObject({
      value: { click: { action: 'break-glass', reason: '' } },
    })
  })

  it('that confirms an approval approves what it showed, without a reason', () => {
    const confirmed = interaction({
      type: 'view_submission',
      ...SENDER,
      view: { callback_id: 'approve-alone', private_metadata: FORM, state: { values: {} } },
    })
    expect(confirmed).toMatchObject({
      value: { kind: 'click', click: { action: 'approve-alone', proposalId: 'p-1', digest: DIGEST, reason: null } },
    })
  })

  it('of another name can never approve', () => {
    for (const name of ['keep', 'ratify', 'revert', 'details', 'more', 'anything'])
      expect(sent(name, `p-1:${DIGEST}`, 'x')).toMatchObject({ ok: true, value: { kind: 'nothing' } })
  })

  it('without its proposal or its card is unreadable', () => {
    for (const metadata of [
      '',
      `p-1:${DIGEST}`,
      `${FORM} 1.2 3.4`,
      `p-1:${DIGEST} x 1.2`,
      `p-1:${DIGEST} C0DEPLOYS now`,
    ])
      expect(sent('reject', metadata, 'x').ok).toBe(false)
  })
})

describe('a slash command', () => {
  it('keeps its text, its person and where it was typed', () => {
    const body =
      'command=%2Frolemedic&text=show+p-1&user_id=U0VISITOR&user_name=victor&team_id=T0OURS&api_app_id=A0OURS&channel_id=C0DEPLOYS'
    expect(parse(body)).toEqual({
      ok: true,
      value: {
        kind: 'command',
        origin: { teamId: 'T0OURS', enterpriseId: null, userTeamId: null, appId: 'A0OURS' },
        by: { id: 'U0VISITOR', name: 'victor' },
        text: 'show p-1',
        conversation: 'C0DEPLOYS',
      },
    })
  })
})

describe('anything that Slack signed', () => {
  it('is answered without an exception', () => {
    expect(parse('ssl_check=1&token=x')).toMatchObject({ ok: true, value: { kind: 'nothing' } })
    expect(parse('payload=%7Bnot+json').ok).toBe(false)
    expect(parse('payload=null').ok).toBe(false)
    expect(interaction({ type: 'view_closed', ...SENDER })).toMatchObject({ ok: true, value: { kind: 'nothing' } })
    expect(interaction({ type: 'block_actions', ...SENDER, actions: [] }).ok).toBe(false)
  })

  it('never throws, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (json, text) => {
        expect(typeof parse(new URLSearchParams({ payload: JSON.stringify(json) }).toString()).ok).toBe('boolean')
        expect(typeof parse(`text=${text}`).ok).toBe('boolean')
      }),
      { numRuns: RUNS },
    )
  })
})
