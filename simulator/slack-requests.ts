/** The requests that Slack would send for a user's action, signed like Slack's. */

import { createHmac, randomUUID } from 'node:crypto'
import type { Workspace } from '../functions/domain/authority/index.ts'
import type { Person } from '../functions/domain/messages/index.ts'
import type { Origin } from '../functions/domain/proposal/index.ts'
import { actionOf, type Button, shownButtons } from './fake-slack/buttons.ts'
import type { HomeView, OpenView, StoredMessage } from './fake-slack/fake-slack.ts'

export const FAKE_TEAM = 'T0FAKE'
export const FAKE_APP = 'A0FAKE'
export const FAKE_WORKSPACE: Workspace = { teamId: FAKE_TEAM, enterpriseId: null }

/** The parsed origin of the requests. */
export const FAKE_ORIGIN: Origin = { teamId: FAKE_TEAM, enterpriseId: null, userTeamId: FAKE_TEAM, appId: FAKE_APP }

export type SignedRequest = { readonly headers: { readonly [name: string]: string }; readonly body: string }

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signRequest(body: string, secret: string, nowMs: number): SignedRequest {
  const timestamp = String(Math.floor(nowMs / 1000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return {
    body,
    headers: {
      // Events are JSON; commands and interactions are forms.
      'content-type': body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    },
  }
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function buttonPress(by: Person, message: StoredMessage, button: Button): string {
  return payload({
    type: 'block_actions',
    ...sender(by),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: message.ephemeralFor !== null,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: message.channel, name: 'deploys' },
    message: { ts: message.ts, text: message.text },
    actions: [{ ...inPayload(button), action_ts: message.ts }],
  })
}

/** A button press in the Home tab: it has a view, but no message or channel. */
export function homeButtonPress(by: Person, home: HomeView, button: Button): string {
  return payload({
    type: 'block_actions',
    ...sender(by),
    container: { type: 'view', view_id: home.id },
    view: { ...home.view, id: home.id, hash: home.hash, team_id: FAKE_TEAM },
    actions: [{ ...inPayload(button), action_ts: home.hash }],
  })
}

/** https://docs.slack.dev/reference/events/app_home_opened. `view` is absent until the app has published one. */
export function homeOpened(by: Person, home: HomeView | null, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
  return JSON.stringify({
    token: 'unused',
    team_id: FAKE_TEAM,
    api_app_id: FAKE_APP,
    event: {
      type: 'app_home_opened',
      user: by.id,
      channel: `D${by.id.slice(1)}`,
      event_ts: `${seconds}.000000`,
      tab: 'home',
      ...(home === null ? {} : { view: { ...home.view, id: home.id, hash: home.hash, team_id: FAKE_TEAM } }),
    },
    type: 'event_callback',
    event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
    event_time: seconds,
    authorizations: [
      {
        enterprise_id: null,
        team_id: FAKE_TEAM,
        user_id: 'U0ROLEMEDIC',
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  })
}

/** https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export function formSubmission(by: Person, open: OpenView, values: readonly string[]): string {
  const inputs = objects(open.view, 'blocks').filter(block => block['type'] === 'input')
  const state = inputs.map((block, index) => {
    const element = block['element'] as { type: string; action_id: string }
    return [String(block['block_id']), { [element.action_id]: { type: element.type, value: values[index] ?? null } }]
  })
  return payload({
    type: 'view_submission',
    ...sender(by),
    view: { ...open.view, id: open.id, team_id: FAKE_TEAM, state: { values: Object.fromEntries(state) } },
  })
}

/** https://docs.slack.dev/interactivity/implementing-slash-commands */
export function slashCommand(by: Person, channel: string, text: string): string {
  return new URLSearchParams({
    command: '/rolemedic',
    text,
    user_id: by.id,
    user_name: by.name,
    channel_id: channel,
    team_id: FAKE_TEAM,
    api_app_id: FAKE_APP,
    trigger_id: randomUUID(),
  }).toString()
}

/** The buttons of a message with one of these action ids, and the options of its menu with one of these actions, in display order. */
export const buttonsOf = (message: Pick<StoredMessage, 'blocks'>, ...actionIds: readonly string[]): readonly Button[] =>
  shownButtons(message.blocks)
    .filter(({ type, action_id, value }) => actionIds.includes(type === 'overflow' ? actionOf(value) : action_id))
    .map(({ type, action_id, block_id, value }) => ({ type, action_id, block_id, value }))

const inPayload = ({ type, action_id, block_id, value }: Button): object =>
  type === 'button'
    ? { type, action_id, block_id, value }
    : { type, action_id, block_id, selected_option: { text: { type: 'plain_text', text: value }, value } }

function sender(by: Person): object {
  return {
    user: { id: by.id, username: by.name, name: by.name, team_id: FAKE_TEAM },
    team: { id: FAKE_TEAM, domain: 'fake' },
    api_app_id: FAKE_APP,
    trigger_id: randomUUID(),
  }
}

const payload = (content: object): string => new URLSearchParams({ payload: JSON.stringify(content) }).toString()

function objects(value: object, key: string): readonly Record<string, unknown>[] {
  const member = (value as Record<string, unknown>)[key]
  return Array.isArray(member) ? member.filter(item => typeof item === 'object' && item !== null) : []
}
