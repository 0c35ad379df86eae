/** Parses a verified body into a person's request. */

import * as z from 'zod'
import { fail, neutralText, ok, type Refusal, type Result } from '../../../../core/base/index.ts'
import { MAX_TICKET_CHARS } from '../../../domain/config/index.ts'
import { MAX_CHAT_ID_CHARS, type Person, type PressedAt } from '../../../domain/messages/index.ts'
import {
  type ChatRequest,
  DECIDING_ACTIONS,
  FORMS,
  GRANTING_ACTIONS,
  type Origin,
  parseButtonValue,
} from '../../../domain/proposal/index.ts'
import { LONGEST_REASON_CHARS, TICKET_BLOCK } from '../blocks/form-blocks.ts'
import { parseFormOrigin } from '../form-origin.ts'
import { isSlackUser } from '../ids.ts'
import { MENU_ACTION, type MenuChoice, parseMenuValue } from '../menu-value.ts'
import { parseEvent, type UrlVerification } from './event.ts'
import { isJsonObject, type VerifiedBody } from './verify-request.ts'

const text = (most: number) => z.string().check(z.maxLength(most))
const id = text(MAX_CHAT_ID_CHARS).check(z.minLength(1))
const userId = id.check(z.refine(isSlackUser, 'not a user of Slack'))
const user = z.object({
  id: userId,
  username: z.optional(z.string()),
  name: z.optional(z.string()),
  team_id: z.optional(id),
})
const common = {
  user,
  team: z.nullish(z.object({ id, enterprise_id: z.nullish(id) })),
  enterprise: z.nullish(z.object({ id })),
  api_app_id: z.optional(id),
}

const buttons = z.object({
  ...common,
  type: z.literal('block_actions'),
  trigger_id: z.optional(text(256)),
  channel: z.optional(z.object({ id })),
  // If the message of a button press cannot be read, the press does not come from the card.
  container: z.catch(z.optional(z.object({ message_ts: z.optional(id), thread_ts: z.optional(id) })), undefined),
  actions: z
    .array(
      z.object({
        action_id: text(255),
        value: z.optional(text(2000)),
        /** https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
        selected_option: z.optional(z.object({ value: text(150) })),
      }),
    )
    .check(z.minLength(1), z.maxLength(25)),
})

const sentForm = z.object({
  ...common,
  type: z.literal('view_submission'),
  view: z.object({
    callback_id: text(255),
    private_metadata: text(3000),
    state: z.object({
      values: z.record(z.string(), z.record(z.string(), z.object({ value: z.nullish(text(3000)) }))),
    }),
  }),
})

const other = z.object({ ...common, type: z.string() })

const command = z.object({
  command: z.string().check(z.startsWith('/')),
  text: z._default(text(4000), ''),
  user_id: userId,
  user_name: z._default(z.string(), ''),
  team_id: z.optional(id),
  enterprise_id: z.optional(id),
  api_app_id: z.optional(id),
  channel_id: z.optional(id),
})

const FORMS_WITH_REASON = ['reject', 'break-glass', 'not-ratify', ...GRANTING_ACTIONS] as const
const LONGEST_NAME = 80

export function parseSlackBody(body: VerifiedBody): Result<ChatRequest | UrlVerification, Refusal> {
  const text = body.toString('utf8')
  return isJsonObject(body) ? parseEvent(text) : parseForm(text)
}

function parseForm(body: string): Result<ChatRequest, Refusal> {
  const fields = new URLSearchParams(body)
  const payload = fields.get('payload')
  if (payload !== null) return interaction(payload)
  if (fields.get('ssl_check') === '1') return ok({ kind: 'nothing', origin: NO_ORIGIN })
  const parsed = command.safeParse(Object.fromEntries(fields))
  if (!parsed.success) return unreadable('neither a command nor an interaction')
  const { user_id, user_name, text, team_id, enterprise_id, api_app_id, channel_id } = parsed.data
  const appId = api_app_id ?? null
  const origin = { teamId: team_id ?? null, enterpriseId: enterprise_id ?? null, userTeamId: null, appId }
  const by = person({ id: user_id, name: user_name })
  return ok({ kind: 'command', origin, by, text, conversation: channel_id ?? null })
}

function interaction(payload: string): Result<ChatRequest, Refusal> {
  const json = jsonOf(payload)
  if (!json.ok) return json
  const pressed = buttons.safeParse(json.value)
  if (pressed.success) return button(pressed.data)
  const sent = sentForm.safeParse(json.value)
  if (sent.success) return form(sent.data)
  const rest = other.safeParse(json.value)
  if (!rest.success || rest.data.type === 'block_actions' || rest.data.type === 'view_submission')
    return unreadable('an interaction of unknown form')
  return ok({ kind: 'nothing', origin: originOf(rest.data) })
}

function button(data: z.infer<typeof buttons>): Result<ChatRequest, Refusal> {
  const origin = originOf(data)
  const by = person(data.user)
  const at = pressedAt(data)
  const pressed = chosenIn(data.actions[0])
  const asksFor =
    FORMS.find(name => name === pressed?.action) ??
    (pressed?.asksFirst === true ? GRANTING_ACTIONS.find(name => name === pressed.action) : undefined)
  const decides = DECIDING_ACTIONS.find(name => name === pressed?.action)
  if (asksFor === undefined && decides === undefined) return ok({ kind: 'nothing', origin })
  const target = parseButtonValue(pressed?.value ?? '')
  if (target === null) return unreadable('a button without a proposal and a digest')
  const { proposalId, digest, cardOf, hours } = target
  if (asksFor === undefined && decides !== undefined)
    return ok({
      kind: 'click',
      origin,
      ...at,
      cardOf,
      click: { action: decides, by, proposalId, digest, reason: null, ...(hours === undefined ? {} : { hours }) },
      ...(data.trigger_id === undefined ? {} : { triggerId: data.trigger_id }),
    })
  if (asksFor === undefined || data.trigger_id === undefined) return unreadable('a button without a trigger')
  return ok({ kind: 'form', origin, form: asksFor, by, proposalId, digest, cardOf, triggerId: data.trigger_id, ...at })
}

/** The button, or the option of the menu. Null: an option of unknown form. */
function chosenIn(pressed: z.infer<typeof buttons>['actions'][number] | undefined): MenuChoice | null {
  const { action_id: action = '', value = '', selected_option: option } = pressed ?? {}
  return action === MENU_ACTION ? parseMenuValue(option?.value ?? '') : { action, asksFirst: false, value }
}

/** A message without a thread is its own root. */
function pressedAt({ channel, container }: z.infer<typeof buttons>): PressedAt {
  const { message_ts, thread_ts } = container ?? {}
  const inThread = thread_ts === undefined || thread_ts === message_ts ? {} : { thread: thread_ts }
  return { conversation: channel?.id ?? null, message: message_ts ?? null, ...inThread }
}

function form(data: z.infer<typeof sentForm>): Result<ChatRequest, Refusal> {
  const { callback_id, private_metadata, state } = data.view
  const origin = originOf(data)
  const action = FORMS_WITH_REASON.find(name => name === callback_id)
  if (action === undefined) return ok({ kind: 'nothing', origin })
  const opened = parseFormOrigin(private_metadata)
  if (opened === null) return unreadable('a form without a proposal, a digest and a card')
  const { [TICKET_BLOCK]: asked, ...others } = state.values
  // A form that only confirms has no inputs.
  const reason = Object.keys(state.values).length === 0 ? null : neutralText(inputs(others), LONGEST_REASON_CHARS)
  const ticket = asked === undefined ? {} : { ticket: neutralText(inputs({ asked }), MAX_TICKET_CHARS).trim() }
  const { at, cardOf, proposalId, digest, hours } = opened
  const time = hours === undefined ? {} : { hours }
  return ok({
    kind: 'click',
    origin,
    ...at,
    cardOf,
    click: { action, by: person(data.user), proposalId, digest, reason, ...time, ...ticket },
  })
}

const inputs = (blocks: z.infer<typeof sentForm>['view']['state']['values']): string =>
  Object.values(blocks)
    .flatMap(block => Object.values(block).map(input => input.value ?? ''))
    .join(' ')

function originOf(data: z.infer<typeof other>): Origin {
  return {
    teamId: data.team?.id ?? null,
    enterpriseId: data.enterprise?.id ?? data.team?.enterprise_id ?? null,
    userTeamId: data.user.team_id ?? null,
    appId: data.api_app_id ?? null,
  }
}

function person(from: z.infer<typeof user>): Person {
  const name = [from.username, from.name].find(each => each !== undefined && each !== '') ?? from.id
  return { id: from.id, name: neutralText(name, LONGEST_NAME) }
}

function jsonOf(text: string): Result<unknown, Refusal> {
  try {
    return ok(JSON.parse(text) as unknown)
  } catch {
    return unreadable('an interaction that is not JSON')
  }
}

const NO_ORIGIN: Origin = { teamId: null, enterpriseId: null, userTeamId: null, appId: null }
const unreadable = (message: string) => fail({ code: 'slack-payload', message, owner: null })
