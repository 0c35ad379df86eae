/** What a person does on the page, put into the words that Slack would send, and signed like Slack signs. */
import { createHmac, randomUUID } from 'node:crypto'
import type { Person } from '../functions/domain/base/person.ts'
import type { OpenView, StoredMessage } from './fake-slack/fake-slack.ts'

export const STAND_IN_TEAM = 'T0STANDIN'
export const STAND_IN_APP = 'A0STANDIN'

export type SignedRequest = { readonly headers: { readonly [name: string]: string }; readonly body: string }

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signed(body: string, secret: string, nowMs: number): SignedRequest {
  const timestamp = String(Math.floor(nowMs / 1000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
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
    actions: [{ type: 'button', ...button, action_ts: message.ts }],
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
    view: { ...open.view, id: open.id, team_id: STAND_IN_TEAM, state: { values: Object.fromEntries(state) } },
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
    team_id: STAND_IN_TEAM,
    api_app_id: STAND_IN_APP,
    trigger_id: randomUUID(),
  }).toString()
}

export type Button = { readonly action_id: string; readonly block_id: string; readonly value: string }

/** Every button of a message with its action id, in the order in which they are drawn. */
export function buttonsOf(message: StoredMessage, actionId: string): readonly Button[] {
  return message.blocks.flatMap(block => {
    const { block_id: blockId = '', accessory } = block as { block_id?: string; accessory?: object }
    const elements = [...objects(block, 'elements'), ...(accessory === undefined ? [] : [{ ...accessory }])]
    return elements
      .filter((element: Record<string, unknown>) => element['type'] === 'button' && element['action_id'] === actionId)
      .map((element: Record<string, unknown>) => ({
        action_id: actionId,
        block_id: blockId,
        value: String(element['value'] ?? ''),
      }))
  })
}

function sender(by: Person): object {
  return {
    user: { id: by.id, username: by.name, name: by.name, team_id: STAND_IN_TEAM },
    team: { id: STAND_IN_TEAM, domain: 'stand-in' },
    api_app_id: STAND_IN_APP,
    trigger_id: randomUUID(),
  }
}

const payload = (content: object): string => new URLSearchParams({ payload: JSON.stringify(content) }).toString()

function objects(value: object, key: string): readonly Record<string, unknown>[] {
  const member = (value as Record<string, unknown>)[key]
  return Array.isArray(member) ? member.filter(item => typeof item === 'object' && item !== null) : []
}
