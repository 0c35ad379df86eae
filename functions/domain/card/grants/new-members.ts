/** Tells the channel that somebody was added to a group of approvers, and from when they count. */
import {
  HOUR_MS,
  joined,
  own,
  person,
  plural,
  type RichText,
  richText,
  strong,
  time,
} from '../../../../core/base/index.ts'
import { CHAT_NAME } from '../../config/index.ts'
import { type ChatUserId, unnamed } from '../../messages/index.ts'
import { countsFromMs, type MemberSince } from '../../proposal/index.ts'
import type { NoticeCard } from './notice-card.ts'

export type AddedMember = { readonly userId: ChatUserId; readonly sinceMs: MemberSince }

const NAMED = 20

/** `more`: how many were added beside those. */
export function newMembersNotice(
  id: string,
  group: string,
  added: readonly AddedMember[],
  more: number,
  nowMs: number,
): NoticeCard {
  const named = added.slice(0, NAMED)
  const left = added.length - named.length + more
  const waits = named.filter(({ sinceMs }) => (countsFromMs(sinceMs) ?? nowMs + HOUR_MS) > nowMs)
  const known = named.filter(one => !waits.includes(one))
  const last = Math.max(...waits.map(({ sinceMs }) => countsFromMs(sinceMs) ?? 0))
  const from = last > nowMs ? richText`from ${time(last)} on` : richText`24 h after they first press`
  return {
    id,
    tone: 'elevated',
    headline: richText`${plural(added.length + more, 'person was', 'people were')} added to a group of approvers`,
    lines: [
      richText`Group ${[{ kind: 'group', id: group }]}: ${namesOf(named)}${left > 0 ? richText`, and ${left} more` : []}.`,
      ...(waits.length === 0
        ? []
        : [
            richText`${strong('Wait:')} at elevated and high risk, approvals of ${namesOf(waits)} count ${from}. At low risk they count now.`,
          ]),
      ...(known.length === 0 ? [] : [richText`${namesOf(known)} had been in the group before: they count now.`]),
      [own(`If your team did not do this, remove them from the group in ${CHAT_NAME} now.`)],
    ],
    code: null,
    buttons: [],
  }
}

const namesOf = (people: readonly AddedMember[]): RichText =>
  joined(
    people.map(({ userId }) => [person(unnamed(userId))]),
    ', ',
  )
