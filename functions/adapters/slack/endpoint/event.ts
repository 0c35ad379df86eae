/**
 * Requests of the Events API: JSON, with the same signature.
 * https://docs.slack.dev/apis/events-api
 */

import * as z from 'zod'
import { fail, ok, type Refusal, type Result } from '../../../../core/base/index.ts'
import { MAX_CHAT_ID_CHARS } from '../../../domain/messages/index.ts'
import type { ChatRequest, Origin } from '../../../domain/proposal/index.ts'
import { isSlackGroup, isSlackUser } from '../ids.ts'

/** Slack sends this when somebody saves the app's URL. It names neither app nor workspace and expects its challenge in return. */
export type UrlVerification = { readonly kind: 'url-verification'; readonly challenge: string }

const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most))
const id = text(MAX_CHAT_ID_CHARS)

const urlVerification = z.object({ type: z.literal('url_verification'), challenge: text(1_000) })

/** In an Enterprise Grid, Slack names the organization in one of three members. */
const common = {
  team_id: z.nullish(id),
  enterprise_id: z.nullish(id),
  context_enterprise_id: z.nullish(id),
  api_app_id: z.optional(id),
  authorizations: z.catch(z.optional(z.array(z.object({ enterprise_id: z.nullish(id) }))), undefined),
}

/** https://docs.slack.dev/reference/events/app_home_opened */
const homeOpened = z.object({
  ...common,
  type: z.literal('event_callback'),
  event: z.object({
    type: z.literal('app_home_opened'),
    tab: z.literal('home'),
    user: id.check(z.refine(isSlackUser, 'not a user of Slack')),
  }),
})
/**
 * Its dates are not read: when somebody was first seen is when this is handled.
 * https://docs.slack.dev/reference/events/subteam_members_changed
 */
const membersChanged = z.object({
  ...common,
  type: z.literal('event_callback'),
  event_id: text(100),
  event: z.object({
    type: z.literal('subteam_members_changed'),
    subteam_id: id.check(z.refine(isSlackGroup, 'not a user group of Slack')),
    added_users: z._default(z.array(id.check(z.refine(isSlackUser, 'not a user of Slack'))), []),
  }),
})
const otherEvent = z.object({
  ...common,
  type: z.literal('event_callback'),
  event: z.object({ type: text(100) }),
})
/** Such as `app_rate_limited`. */
const otherRequest = z.object({ ...common, type: text(100) })

export function parseEvent(body: string): Result<ChatRequest | UrlVerification, Refusal> {
  const json = jsonOf(body)
  if (!json.ok) return json
  const asked = urlVerification.safeParse(json.value)
  if (asked.success) return ok({ kind: 'url-verification', challenge: asked.data.challenge })
  const opened = homeOpened.safeParse(json.value)
  if (opened.success) return ok({ kind: 'home', origin: originOf(opened.data), userId: opened.data.event.user })
  const changed = membersChanged.safeParse(json.value)
  if (changed.success) {
    const { event, event_id: eventId } = changed.data
    return ok({
      ...{ kind: 'members', origin: originOf(changed.data), group: event.subteam_id },
      ...{ added: event.added_users, eventId },
    })
  }
  const other = otherEvent.safeParse(json.value)
  if (other.success) return ok({ kind: 'nothing', origin: originOf(other.data), event: other.data.event.type })
  const rest = otherRequest.safeParse(json.value)
  const isOdd = !rest.success || rest.data.type === 'event_callback' || rest.data.type === 'url_verification'
  if (isOdd) return unreadable('an event of unknown form')
  return ok({ kind: 'nothing', origin: originOf(rest.data), event: rest.data.type })
}

function originOf(given: z.infer<typeof otherRequest>): Origin {
  const { team_id, enterprise_id, context_enterprise_id, api_app_id, authorizations } = given
  return {
    teamId: team_id ?? null,
    enterpriseId: enterprise_id ?? context_enterprise_id ?? authorizations?.[0]?.enterprise_id ?? null,
    userTeamId: null,
    appId: api_app_id ?? null,
  }
}

function jsonOf(body: string): Result<unknown, Refusal> {
  try {
    return ok(JSON.parse(body) as unknown)
  } catch {
    return unreadable('an event that is not JSON')
  }
}

const unreadable = (message: string) => fail({ code: 'slack-payload', message, owner: null })
