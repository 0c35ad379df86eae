/** Who could approve at this moment, who could approve alone, and who was on call: kept in each signed decision. */
import type { Config } from '../../domain/config/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import { approverListsOf, membersOf } from './approver-directory.ts'

export type EligiblePeople = {
  readonly approvers: readonly string[]
  readonly breakGlass: readonly string[]
  /** Absent: no group of them is configured. */
  readonly onCall?: readonly string[]
}

/** As many as a signed statement holds. Groups of approvers have tens of members. */
const MAX_PEOPLE = 2000

/** A group that cannot be read has nobody: who is in no list cannot have pressed. */
export async function eligiblePeople(
  proposal: Proposal,
  config: Config,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<EligiblePeople> {
  const [lists, onCall] = await Promise.all([
    Promise.all(approverListsOf(proposal, config).map(list => membersOf(list, chat))),
    onCallNow(proposal, config, chat),
  ])
  const [first, ...others] = lists.map(members => members ?? [])
  const approvers = (first ?? []).filter(id => others.every(members => members.includes(id)))
  const { breakGlass } = config
  const mayBreak = breakGlass === null ? [] : ((await membersOf({ users: [], groups: [breakGlass.group] }, chat)) ?? [])
  return {
    approvers: bounded(approvers),
    breakGlass: bounded(mayBreak),
    ...(onCallGroupOf(proposal, config) === null ? {} : { onCall: bounded(onCall) }),
  }
}

/** Of the denied account. Null: none is configured. */
export function onCallGroupOf({ denial: { accountId } }: Pick<Proposal, 'denial'>, config: Config): string | null {
  const own = accountId !== null && Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId] : undefined
  return own?.onCallGroup === undefined ? config.onCallGroup : own.onCallGroup
}

/** A group that cannot be read has nobody. */
export async function onCallNow(
  proposal: Pick<Proposal, 'denial'>,
  config: Config,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<readonly string[]> {
  const group = onCallGroupOf(proposal, config)
  return group === null ? [] : ((await membersOf({ users: [], groups: [group] }, chat)) ?? [])
}

const bounded = (ids: readonly string[]): readonly string[] => [...new Set(ids)].sort().slice(0, MAX_PEOPLE)
