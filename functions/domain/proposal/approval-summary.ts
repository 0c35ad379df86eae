/** What is said about deciding: how many have to, who may, who has. */

import type { Chat } from '../../ports/ports.ts'
import {
  type Approvers,
  accountsOf,
  approversIn,
  givenBy,
  isIn,
  membersOf,
} from '../../workflows/approver-directory.ts'
import { deniedHumanOf } from '../../workflows/requester-identity.ts'
import type { Config } from '../config/config.ts'
import { approvalsNeeded, type DeniedHuman, isOwnRequest, notOver } from './approval-policy.ts'
import type { Proposal } from './proposal.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail'>

/** Ids of the users and groups who may approve: those to call. */
export function approversFor(proposal: Proposal, config: Config, human: DeniedHuman): readonly string[] {
  const perAccount = accountsOf(proposal).map(account => approversIn(config, account))
  const ids = new Set(perAccount.flatMap(({ users, groups }) => [...users, ...groups]))
  return [...ids].filter(id => !isOwnRequest(human, id))
}

/** What a card says about deciding. */
export type Deciding = {
  readonly needed: number
  /** Why more are needed than the risk asks for; null: they are not. */
  readonly because: string | null
  readonly mayApprove: string
  /** Ids of those whose approvals count. Not in it: who is an approver no more, whose time is over, and the person who was denied. */
  readonly had: readonly string[]
  /** An approver who may not approve this one, as it is their own request; null: none. */
  readonly leftOut: string | null
  /** How many people may approve, those who have done so among them; null: it cannot be seen, or it is enough. */
  readonly tooFew: number | null
  readonly human: DeniedHuman
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

/** Where approvals can never be enough; null: they can, or it cannot be seen. */
export function tooFewInWords({ needed, tooFew }: Pick<Deciding, 'needed' | 'tooFew'>): string | null {
  if (tooFew === null) return null
  const who = tooFew === 0 ? 'Nobody may approve this' : `Only ${tooFew} of the ${needed} people needed may approve`
  return `${who}: add approvers in rolemedic.config.json.`
}

function inWords({ users, groups }: Approvers, human: DeniedHuman): string {
  const left = users.filter(id => !isOwnRequest(human, id))
  const names = [...left, ...groups.map(group => `group ${group}`)]
  if (names.length > 0) return names.join(', ')
  return left.length < users.length ? 'nobody else' : 'nobody (no approvers are configured)'
}
