/** Checks the signed approvals of a grant against the current configuration and groups. */

import { type Fact, known, RolemedicError } from '../../../core/base/index.ts'
import type { RequesterClaim } from '../../domain/authority/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import type { Grant, Proposal, Recount } from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import { approverListsOf, isApprover } from './approver-directory.ts'
import { claimingToo, requesterOf } from './requester-identity.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership'>

/**
 * `claim`: who was denied, from the account as it was read just now. Throws if the approvers cannot be read, so that the caller
 * retries.
 */
export async function recountApprovals(
  proposal: Proposal,
  grant: Grant,
  claim: RequesterClaim,
  config: Config,
  chat: People,
): Promise<Recount> {
  const eligible = []
  for (const approval of grant.approvals) {
    const may = await mayStillApprove(approval.by.id, approval.reason !== null, proposal, config, chat)
    if (!may.known) throw unreadable(may.why)
    if (may.value) eligible.push(approval)
  }
  const approvers = grant.decisions.map(({ by }) => ({ userId: by.userId, email: 'email' in by ? by.email : null }))
  const requester = claimingToo(await requesterOf(claim, chat), claim, approvers)
  return { eligible, requester, permanent: config.grants.permanent }
}

/**
 * Before the first write: if the requester was known at approval, a failed look-up of the address is retried, because an
 * unknown requester needs more approvals.
 */
export function peopleOrAgain({ decisions }: Grant, chat: People): People {
  if (decisions.every(({ requester }) => requester.kind === 'unknown')) return chat
  return {
    groupMembers: id => chat.groupMembers(id),
    membership: id => chat.membership(id),
    async userByEmail(email) {
      const user = await chat.userByEmail(email)
      if (!user.known) throw unreadable(user.why)
      return user
    },
  }
}

export async function mayStillApprove(
  userId: ChatUserId,
  breakGlass: boolean,
  proposal: Proposal,
  config: Config,
  chat: People,
): Promise<Fact<boolean>> {
  const membership = await chat.membership(userId)
  if (!membership.known) return membership
  if (membership.value.kind === 'not-a-member') return known(false)
  const lists = breakGlass
    ? config.breakGlass === null
      ? []
      : [{ users: [], groups: [config.breakGlass.group] }]
    : approverListsOf(proposal, config)
  for (const approvers of lists) {
    const fact = await isApprover(approvers, userId, chat)
    if (!fact.known || !fact.value) return fact
  }
  return known(lists.length > 0)
}

const unreadable = (why: string) =>
  new RolemedicError('approvers-unreadable', `it cannot be seen who may approve: ${why}`)
