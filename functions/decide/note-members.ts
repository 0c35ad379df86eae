/** Somebody was added to a group of approvers: when they were first seen is recorded, and the channel is told. */

import { newMembersNotice } from '../domain/card/index.ts'
import type { Config } from '../domain/config/index.ts'
import type { ChatRequest } from '../domain/proposal/index.ts'
import type { Chat } from '../ports/chat.ts'
import type { Handled } from '../ports/chat-handler.ts'
import type { Renderer } from '../ports/renderer.ts'
import { approverGroups } from '../workflows/approval/approver-directory.ts'
import { type FirstSeenDeps, firstReading, firstSeen } from './first-seen.ts'

export type NoteMembersDeps = FirstSeenDeps & {
  readonly chat: Pick<Chat, 'groupMembers' | 'post'>
  readonly renderer: Pick<Renderer, 'notice'>
  readonly config: Config & { readonly channel: string }
}

/** Slack waits 3 s. Others are first seen when they press. */
const MAX_KEPT = 20

/** The event of Slack names who was added. Its dates are not read. */
export async function noteMembers(
  { group, added, eventId }: Extract<ChatRequest, { kind: 'members' }>,
  deps: NoteMembersDeps,
): Promise<Handled> {
  const { chat, renderer, config, observer, clock } = deps
  const nothing: Handled = { reply: null, notify: async () => {} }
  const people = [...new Set(added)]
  if (people.length === 0 || !approverGroups(config).includes(group)) return nothing
  try {
    const first = await firstReading(group, people, deps)
    const recorded = people.slice(0, MAX_KEPT)
    const since = await Promise.all(recorded.map(userId => firstSeen(group, userId, first, deps)))
    const members = recorded.map((userId, index) => {
      const seen = since[index]
      return { userId, sinceMs: seen?.known === true ? seen.value : undefined }
    })
    observer.log('warn', 'approvers_added', { group, people: people.length, eventId })
    const key = `members/${group}/${eventId}`
    const notice = newMembersNotice(key, group, members, people.length - recorded.length, clock())
    // The key finds what an earlier delivery of the event has posted.
    await chat.post(config.channel, await renderer.notice(notice), key)
    return nothing
  } catch (error) {
    observer.log('warn', 'approvers_not_noted', { group, error: String(error).slice(0, 300) })
    return { ...nothing, again: true }
  }
}

/** A group is read before anybody is added to it: those who are in it count. */
export async function readGroups(deps: FirstSeenDeps & { readonly config: Config }): Promise<void> {
  for (const group of approverGroups(deps.config)) await firstReading(group, [], deps)
}
