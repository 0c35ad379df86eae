import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSlackBody } from '../../functions/adapters/slack/endpoint/payload.ts'
import { slackVerifier } from '../../functions/adapters/slack/endpoint/verify-request.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 300)
const SECRET = '0123456789abcdef0123456789abcdef'

function parse(body: string, type = 'application/json') {
  const digest = createHmac('sha256', SECRET).update('v0:1795521600:').update(body).digest('hex')
  const verified = slackVerifier({ secrets: [SECRET], clock: () => 1_795_521_600_000 })({
    headers: { 'content-type': type, 'x-slack-request-timestamp': '1795521600', 'x-slack-signature': `v0=${digest}` },
    body,
    isBase64Encoded: false,
  })
  if (!verified.ok) throw new Error(verified.error.message)
  return parseSlackBody(verified.value)
}

/** The example of https://docs.slack.dev/reference/events/app_home_opened, in the envelope of the Events API. */
const OPENED = {
  token: 'one-long-verification-token',
  team_id: 'T0OURS',
  api_app_id: 'A0OURS',
  event: { type: 'app_home_opened', user: 'U0ONCALL1', channel: 'D0HOME', event_ts: '1515449522000016', tab: 'home' },
  type: 'event_callback',
  event_id: 'Ev0PV52K21',
  event_time: 1_515_449_522,
  authorizations: [{ enterprise_id: null, team_id: 'T0OURS', user_id: 'U0BOT', is_bot: true }],
}
const ORIGIN = { teamId: 'T0OURS', enterpriseId: null, userTeamId: null, appId: 'A0OURS' }
const parsed = (body: object) => parse(JSON.stringify(body))
const UNREADABLE = { ok: false, error: { code: 'slack-payload' } }

describe('an event', () => {
  it('of an opened Home tab names the person, the workspace and the app', () => {
    expect(parsed(OPENED)).toEqual({ ok: true, value: { kind: 'home', origin: ORIGIN, userId: 'U0ONCALL1' } })
  })

  it.each<[string, object]>([
    ['enterprise_id', { enterprise_id: 'E0GRID' }],
    ['context_enterprise_id', { context_enterprise_id: 'E0GRID' }],
    ['its authorization', { authorizations: [{ enterprise_id: 'E0GRID', team_id: 'T0OURS' }] }],
  ])('of an Enterprise Grid names the organization by %s', (_, grid) => {
    expect(parsed({ ...OPENED, ...grid })).toMatchObject({ value: { origin: { ...ORIGIN, enterpriseId: 'E0GRID' } } })
  })

  it.each<[string, object]>([
    ['another tab', { ...OPENED.event, tab: 'messages' }],
    ['no tab', { ...OPENED.event, tab: undefined }],
    ['a message', { type: 'message', user: 'U0ONCALL1', text: 'hello' }],
  ])('of %s leads nowhere, and says what it was', (_, event) => {
    const { type } = event as { type: string }
    expect(parsed({ ...OPENED, event })).toEqual({ ok: true, value: { kind: 'nothing', origin: ORIGIN, event: type } })
  })

  /** The example of https://docs.slack.dev/reference/events/subteam_members_changed */
  const CHANGED = {
    ...OPENED,
    event: {
      type: 'subteam_members_changed',
      subteam_id: 'S123ABC456',
      team_id: 'T060RNRCH',
      date_previous_update: 1446670362,
      date_update: 1492906952,
      added_users: ['U060RNRCZ', 'U060ULRC0', 'U061309JM'],
      added_users_count: '3',
      removed_users: ['U06129G2V'],
      removed_users_count: '1',
    },
  }

  it('of a changed user group names the group and who was added, and no time', () => {
    expect(parsed(CHANGED)).toEqual({
      ok: true,
      value: {
        kind: 'members',
        origin: ORIGIN,
        group: 'S123ABC456',
        added: ['U060RNRCZ', 'U060ULRC0', 'U061309JM'],
        eventId: 'Ev0PV52K21',
      },
    })
    const { added_users: _, ...removed } = CHANGED.event
    expect(parsed({ ...CHANGED, event: removed })).toMatchObject({ value: { kind: 'members', added: [] } })
  })

  it.each<[string, object]>([
    ['a group that is none', { subteam_id: '../first' }],
    ['a person who is none', { added_users: ['U060RNRCZ', 'first'] }],
    ['people that are no list', { added_users: 'U060RNRCZ' }],
  ])('of a changed user group with %s leads nowhere', (_, changes) => {
    const event = { ...CHANGED.event, ...changes }
    expect(parsed({ ...CHANGED, event })).toMatchObject({ value: { kind: 'nothing', event: event.type } })
  })

  it('about the app itself leads nowhere', () => {
    const limited = { type: 'app_rate_limited', team_id: 'T0OURS', api_app_id: 'A0OURS', minute_rate_limited: 1 }
    expect(parsed(limited)).toEqual({ ok: true, value: { kind: 'nothing', origin: ORIGIN, event: 'app_rate_limited' } })
  })

  it.each<[string, string]>([
    ['no JSON', '{"type":"event_callback"'],
    ['no type', '{}'],
    ['no event', JSON.stringify({ ...OPENED, event: undefined })],
    ['no challenge', JSON.stringify({ type: 'url_verification' })],
    ['a very long challenge', JSON.stringify({ type: 'url_verification', challenge: 'x'.repeat(1_001) })],
  ])('with %s is unreadable', (_, body) => {
    expect(parse(body)).toMatchObject(UNREADABLE)
  })

  it('whose user is no id leads nowhere', () => {
    const event = { ...OPENED.event, user: { id: 'U0ONCALL1' } }
    expect(parsed({ ...OPENED, event })).toMatchObject({ value: { kind: 'nothing', event: 'app_home_opened' } })
  })
})

describe('the signed bytes', () => {
  /** Headers are not signed, so the holder of a signed event must not be able to have it read as a button press. */
  it('say whether it is an event, and the header has to agree', () => {
    const press = encodeURIComponent(JSON.stringify({ type: 'block_actions', user: { id: 'U0EVIL' } }))
    const event = JSON.stringify({ ...OPENED, note: `&payload=${press}&command=/rolemedic&user_id=U0EVIL` })
    const command = 'command=%2Frolemedic&text=open&user_id=U0ONCALL1'
    expect(parse(event)).toMatchObject({ value: { kind: 'home', userId: 'U0ONCALL1' } })
    expect(parse(command, 'application/x-www-form-urlencoded')).toMatchObject({ value: { kind: 'command' } })
    expect(() => parse(event, 'application/x-www-form-urlencoded')).toThrow('the body is not what its header says')
    expect(() => parse(command)).toThrow('the body is not what its header says')
  })

  it('that are any JSON never throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, type) => {
        parse(JSON.stringify({ ...OPENED, type, event: value }))
        parse(`{${JSON.stringify(value)}`)
      }),
      { numRuns: RUNS },
    )
  })
})
