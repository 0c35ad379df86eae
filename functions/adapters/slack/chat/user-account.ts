/**
 * Parses the result of `users.info`.
 * https://docs.slack.dev/reference/objects/user-object
 */

import * as z from 'zod'
import type { SlackAccount } from './membership.ts'

const flag = z._default(z.boolean(), false)
const common = {
  id: z.string(),
  team_id: z.optional(z.string()),
  is_stranger: flag,
  is_workflow_bot: flag,
  enterprise_user: z.optional(z.object({ enterprise_id: z.string(), teams: z._default(z.array(z.string()), []) })),
}
/** For a deactivated user, Slack omits the other members. For every other user all three are required. */
const deactivated = z.object({ ...common, deleted: z.literal(true) })
const active = z.object({
  ...common,
  deleted: z._default(z.literal(false), false),
  is_bot: z.boolean(),
  is_restricted: z.boolean(),
  is_ultra_restricted: z.boolean(),
})
const answer = z.object({ user: z.union([deactivated, active]) })

/** Slackbot is not marked as a bot. */
const SLACKBOT = 'USLACKBOT'

/** Throws if the answer concerns another user or lacks a required member. */
export function userAccount(userId: string, given: unknown): SlackAccount {
  const { user } = answer.parse(given)
  if (user.id !== userId) throw new Error(`users.info answered about another user than ${userId}`)
  const { team_id: team, enterprise_user: grid } = user
  return {
    isDeactivated: user.deleted,
    isBot: userId === SLACKBOT || user.is_workflow_bot || (!user.deleted && user.is_bot),
    isGuest: !user.deleted && (user.is_restricted || user.is_ultra_restricted),
    isStranger: user.is_stranger,
    teams: [...new Set([...(team === undefined ? [] : [team]), ...(grid?.teams ?? [])])],
    enterpriseId: grid?.enterprise_id ?? null,
  }
}

const verified = z.object({
  user: z.object({
    is_email_confirmed: flag,
    profile: z.optional(z.object({ email: z.optional(z.string()) })),
  }),
})

/** Null: the user has not confirmed the address, or the app may not see it. */
export function verifiedEmail(given: unknown): string | null {
  const { user } = verified.parse(given)
  return user.is_email_confirmed ? (user.profile?.email ?? null) : null
}
