/** Who could approve at this moment, and who could approve alone: kept in each signed decision. */
import type { Config } from '../../domain/config/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import { approverListsOf, membersOf } from './approver-directory.ts'

export type EligiblePeople = { readonly approvers: readonly string[]; readonly breakGlass: readonly string[] }

/** As many as a signed statement holds. Groups of approvers have tens of members. */
const MAX_PEOPLE = 2000

/** A group that cannot be read has nobody: who is in no list cannot have pressed. */
export async function eligiblePeople(
  proposal: Proposal,
  config: Config,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<EligiblePeople> {
  const lists = await Promise.all(approverListsOf(proposal, config).map(list => membersOf(list, chat)))
  const [first, ...others] = lists.map(members => members ?? [])
  const approvers = (first ?? []).filter(id => others.every(members => members.includes(id)))
  const { breakGlass } = config
  const mayBreak = breakGlass === null ? [] : ((await membersOf({ users: [], groups: [breakGlass.group] }, chat)) ?? [])
  return { approvers: bounded(approvers), breakGlass: bounded(mayBreak) }
}

const bounded = (ids: readonly string[]): readonly string[] => [...new Set(ids)].sort().slice(0, MAX_PEOPLE)
