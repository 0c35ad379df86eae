/** Whether one person may decide on a proposal. For the number of approvers, see `approval-summary.ts`. */

import { type Fact, known } from '../../../core/base/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import { approvalsOf, type Eligibility, type Proposal } from '../../domain/proposal/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import { decidingMode, withoutFaults } from './account-mode.ts'
import { type Approvers, approverListsOf, givenBy, isApprover, isIn, membersOf } from './approver-directory.ts'
import { membersAmong } from './membership.ts'
import { requesterOf } from './requester-identity.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership'>

export async function eligibilityOf(
  proposal: Proposal,
  userId: ChatUserId,
  config: Config,
  chat: People,
  units: AccountUnits,
): Promise<Eligibility> {
  const perAccount = approverListsOf(proposal, config)
  const [membership, approvers, lapsed, breakGlass, requester, mode] = await Promise.all([
    chat.membership(userId),
    Promise.all(perAccount.map(approvers => isApprover(approvers, userId, chat))),
    lapsedOf(proposal, perAccount, chat),
    config.breakGlass === null
      ? known(false)
      : isApprover({ users: [], groups: [config.breakGlass.group] }, userId, chat),
    requesterOf(proposal.requester, chat),
    decidingMode(proposal, { config, units: withoutFaults(units) }),
  ])
  const { limitedGrantHours, bridgeHours, grants } = config
  return {
    membership,
    approver: all(approvers),
    breakGlass,
    requester,
    lapsed,
    limitedGrantHours,
    bridgeHours,
    mode,
    permanent: grants.permanent,
  }
}

function all(facts: readonly Fact<boolean>[]): Fact<boolean> {
  if (facts.some(fact => fact.known && !fact.value)) return known(false)
  return facts.find(fact => !fact.known) ?? known(facts.length > 0)
}

async function lapsedOf(
  proposal: Proposal,
  perAccount: readonly Approvers[],
  chat: People,
): Promise<readonly ChatUserId[]> {
  const given = givenBy(approvalsOf(proposal))
  if (given.length === 0) return []
  const [ofWorkspace, ...members] = await Promise.all([
    membersAmong(given, chat),
    ...perAccount.map(approvers => membersOf(approvers, chat)),
  ])
  return given.filter(id => !isIn(members, id) || !ofWorkspace.includes(id))
}
