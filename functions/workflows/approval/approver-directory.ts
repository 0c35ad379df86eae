/** Who may approve in an account, by the configuration and the groups that it names. */
import { type Fact, known, unknown } from '../../../core/base/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import type { Approval, Proposal } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'

export type Approvers = { readonly users: readonly string[]; readonly groups: readonly string[] }

/**
 * The approver lists of the proposal. A person must be in every one. Each changed account has its own list or the common one. A
 * permission set affects every account that it is assigned in, so for it the common list always applies.
 */
export function approverListsOf(proposal: Proposal, config: Config): readonly Approvers[] {
  const changes = proposal.patch?.changes ?? []
  if (changes.length === 0) return [approversIn(config, proposal.denial.accountId ?? '')]
  const lists = changes.map(({ target }) =>
    target.kind === 'permission-set-inline-policy' ? config.approvers : approversIn(config, target.accountId),
  )
  return [...new Set(lists)]
}

/** The settings that contain these lists. */
export function approverSettingsOf(proposal: Proposal, config: Config): readonly string[] {
  const lists = approverListsOf(proposal, config)
  const own = Object.entries(config.accounts).flatMap(([accountId, { approvers }]) =>
    approvers !== undefined && lists.includes(approvers) ? [`accounts.${accountId}.approvers`] : [],
  )
  return lists.includes(config.approvers) ? ['approvers', ...own] : own
}

function approversIn(config: Config, accountId: string): Approvers {
  const own = Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.approvers : undefined
  return own ?? config.approvers
}

type Members = readonly string[] | null

/** Null: a group cannot be read. */
export async function membersOf({ users, groups }: Approvers, chat: Pick<Chat, 'groupMembers'>): Promise<Members> {
  const members = await Promise.all(groups.map(group => chat.groupMembers(group)))
  const read = members.map(each => (each.known ? each.value : null))
  return read.includes(null) ? null : [...users, ...read.flatMap(each => each ?? [])]
}

export const givenBy = (approvals: readonly Approval[]): readonly string[] => [
  ...new Set(approvals.map(({ by }) => by.id)),
]

/** True for a member of every list, as far as it can be read. A person who was removed from a list does not count any more. */
export const isIn = (perAccount: readonly Members[], id: string): boolean =>
  perAccount.every(members => members === null || members.includes(id))

/** True for an approver of any account. */
export function isAnyApprover(
  config: Config,
  userId: ChatUserId,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<Fact<boolean>> {
  return isApprover(joinApprovers(everyApproverList(config)), userId, chat)
}

/**
 * Whether one person may say whose device another person's is: an approver of the common list for everybody, others for those who approve
 * nothing that they do not. A list that cannot be read counts against it.
 */
export async function mayVouchFor(
  other: ChatUserId,
  userId: ChatUserId,
  config: Config,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<boolean> {
  const isIn = async (list: Approvers, id: ChatUserId, unread: boolean) => {
    const is = await isApprover(list, id, chat)
    return is.known ? is.value : unread
  }
  if (await isIn(config.approvers, userId, false)) return true
  const breakGlass = config.breakGlass === null ? [] : [{ users: [], groups: [config.breakGlass.group] }]
  const lists = [...everyApproverList(config), ...breakGlass]
  const needed = await Promise.all(lists.map(async list => ((await isIn(list, other, true)) ? [list] : [])))
  const given = await Promise.all(needed.flat().map(list => isIn(list, userId, false)))
  return given.length > 0 && given.every(Boolean)
}

/** The accounts with approvers of their own among whom this person is, as far as the groups can be read. */
export async function accountsApprovedBy(
  userId: ChatUserId,
  config: Config,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<readonly string[]> {
  const accounts = Object.entries(config.accounts).map(async ([accountId, { approvers }]) => {
    const is = approvers === undefined ? known(false) : await isApprover(approvers, userId, chat)
    return is.known && is.value ? [accountId] : []
  })
  return (await Promise.all(accounts)).flat()
}

export const everyApproverList = (config: Config): readonly Approvers[] => [
  config.approvers,
  ...Object.values(config.accounts).flatMap(({ approvers }) => approvers ?? []),
]

export const joinApprovers = (lists: readonly Approvers[]): Approvers => ({
  users: lists.flatMap(({ users }) => users),
  groups: [...new Set(lists.flatMap(({ groups }) => groups))],
})

/** Those whose members approve, alone or together. */
export function approverGroups(config: Config): readonly string[] {
  const { groups } = joinApprovers(everyApproverList(config))
  return [...new Set([...groups, ...(config.breakGlass === null ? [] : [config.breakGlass.group])])]
}

/** Reads a group only if the users in the configuration do not decide. */
export async function isApprover(
  approvers: Approvers,
  userId: ChatUserId,
  chat: Pick<Chat, 'groupMembers'>,
): Promise<Fact<boolean>> {
  if (approvers.users.includes(userId)) return known(true)
  const groups = await Promise.all(approvers.groups.map(group => chat.groupMembers(group)))
  if (groups.some(members => members.known && members.value.includes(userId))) return known(true)
  const unread = groups.find(members => !members.known)
  return unread === undefined || unread.known ? known(false) : unknown(unread.why)
}
