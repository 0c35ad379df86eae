/** What is said about deciding: how many have to, who may, who has. */

import type { Config } from '../../domain/config/config.ts'
import { approvalsNeeded, type DeniedHuman, isOwnRequest, notOver } from '../../domain/proposal/approval-policy.ts'
import type { Deciding } from '../../domain/proposal/approval-summary.ts'
import type { Proposal } from '../../domain/proposal/proposal.ts'
import type { Chat } from '../../ports/chat.ts'
import { type Approvers, accountsOf, approversIn, givenBy, isIn, membersOf } from './approver-directory.ts'
import { deniedHumanOf } from './requester-identity.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail'>

/** Ids of the users and groups who may approve: those to call. */
export function approversFor(proposal: Proposal, config: Config, human: DeniedHuman): readonly string[] {
  const perAccount = accountsOf(proposal).map(account => approversIn(config, account))
  const ids = new Set(perAccount.flatMap(({ users, groups }) => [...users, ...groups]))
  return [...ids].filter(id => !isOwnRequest(human, id))
}

export async function decidersOf(proposal: Proposal, config: Config, chat: People, nowMs: number): Promise<Deciding> {
  const human = await deniedHumanOf(proposal.denial, chat, config.machineUsers)
  const perAccount = accountsOf(proposal).map(account => approversIn(config, account))
  const needed = approvalsNeeded(proposal, human)
  const unnamed = human.kind === 'unknown' && needed > approvalsNeeded(proposal, { kind: 'nobody' })
  const given = givenBy(notOver(proposal.approvals, nowMs))
  const able = await ableTo(proposal, given, perAccount, needed, human, chat)
  return {
    needed,
    because: unnamed ? `it cannot be seen who was denied, as ${human.why}` : null,
    mayApprove: [...new Set(perAccount.map(approvers => inWords(approvers, human)))].join('; and '),
    had: able.had,
    leftOut: able.leftOut,
    tooFew: able.people !== null && able.people < needed ? able.people : null,
    human,
  }
}

type Able = { readonly people: number | null; readonly leftOut: string | null; readonly had: readonly string[] }

/** Counted only while it matters. Groups are asked for where the lists alone do not settle it. */
async function ableTo(
  proposal: Proposal,
  given: readonly string[],
  perAccount: readonly Approvers[],
  needed: number,
  human: DeniedHuman,
  chat: People,
): Promise<Able> {
  const decidable = proposal.patch !== null && (proposal.status === 'drafted' || proposal.status === 'open')
  if (!decidable) return { people: null, leftOut: null, had: given }
  const listed = perAccount.map(({ users }) => users)
  const short = peopleIn(listed, human).length < needed
  const all =
    short || human.kind === 'person' || !given.every(id => isIn(listed, id))
      ? await Promise.all(perAccount.map(approvers => membersOf(approvers, chat)))
      : listed
  const seen = all.map(members => members ?? [])
  const own = human.kind === 'person' && seen.every(members => members.includes(human.userId)) ? human.userId : null
  const had = given.filter(id => isIn(all, id) && !isOwnRequest(human, id))
  return { people: all.includes(null) ? null : peopleIn(seen, human).length, leftOut: own, had }
}

/** In every account an approver. */
function peopleIn(perAccount: readonly (readonly string[])[], human: DeniedHuman): readonly string[] {
  const [first = [], ...rest] = perAccount
  return [...new Set(first)].filter(id => isIn(rest, id) && !isOwnRequest(human, id))
}

function inWords({ users, groups }: Approvers, human: DeniedHuman): string {
  const left = users.filter(id => !isOwnRequest(human, id))
  const names = [...left, ...groups.map(group => `group ${group}`)]
  if (names.length > 0) return names.join(', ')
  return left.length < users.length ? 'nobody else' : 'nobody (no approvers are configured)'
}
