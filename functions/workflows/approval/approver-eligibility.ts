/** Whether one person may decide on a proposal. How many have to, and who may: `approval-summary.ts`. */

import { type Fact, known } from '../../domain/base/fact.ts'
import type { Config } from '../../domain/config/config.ts'
import type { Eligibility } from '../../domain/proposal/approval-policy.ts'
import { approvalsOf, type Proposal } from '../../domain/proposal/proposal.ts'
import type { Chat } from '../../ports/chat.ts'
import { type Approvers, approverListsOf, givenBy, isApprover, isIn, membersOf } from './approver-directory.ts'
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
    requesterOf(proposal.requester, chat),
  ])
  return { approver: all(approvers), breakGlass, requester, lapsed, limitedGrantHours: config.limitedGrantHours }
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
