/** Whether one person may decide on a proposal. How many have to, and who may: `approval-summary.ts`. */

import { type Fact, known, unknown } from '../../domain/base/fact.ts'
import type { Config } from '../../domain/config/config.ts'
import type { Eligibility } from '../../domain/proposal/approval-policy.ts'
import { approvalsOf, type Proposal } from '../../domain/proposal/proposal.ts'
import type { Chat } from '../../ports/chat.ts'
import { type Approvers, approverListsOf, givenBy, isIn, membersOf } from './approver-directory.ts'
import { requesterOf } from './requester-identity.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail'>

export async function eligibilityOf(
  proposal: Proposal,
  userId: string,
  config: Config,
  chat: People,
): Promise<Eligibility> {
  const perAccount = approverListsOf(proposal, config)
  const [approvers, lapsed, breakGlass, requester] = await Promise.all([
    Promise.all(perAccount.map(approvers => isApprover(approvers, userId, chat))),
    lapsedOf(proposal, perAccount, chat),
    config.breakGlass === null
      ? known(false)
      : isApprover({ users: [], groups: [config.breakGlass.group] }, userId, chat),
    requesterOf(proposal.denial, chat, config.machineUsers),
  ])
  return { approver: all(approvers), breakGlass, requester, lapsed, limitedGrantHours: config.limitedGrantHours }
}

/** A list that the configuration names is enough; a group is asked only when the list does not settle it. */
async function isApprover(approvers: Approvers, userId: string, chat: People): Promise<Fact<boolean>> {
  if (approvers.users.includes(userId)) return known(true)
  const groups = await Promise.all(approvers.groups.map(group => chat.groupMembers(group)))
  if (groups.some(members => members.known && members.value.includes(userId))) return known(true)
  const unread = groups.find(members => !members.known)
  return unread === undefined || unread.known ? known(false) : unknown(unread.why)
}

function all(facts: readonly Fact<boolean>[]): Fact<boolean> {
  if (facts.some(fact => fact.known && !fact.value)) return known(false)
  return facts.find(fact => !fact.known) ?? known(facts.length > 0)
}

async function lapsedOf(
  proposal: Proposal,
  perAccount: readonly Approvers[],
  chat: People,
): Promise<readonly string[]> {
  const given = givenBy(approvalsOf(proposal))
  const members = given.length === 0 ? [] : await Promise.all(perAccount.map(approvers => membersOf(approvers, chat)))
  return given.filter(id => !isIn(members, id))
}
