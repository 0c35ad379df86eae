/** The approval part of a card: how many people must approve, who may, and who has. */

import { asPlainText, joined, own, type RichText } from '../../../core/base/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { ChatUserId } from '../../domain/messages/index.ts'
import {
  type ApprovalSummary,
  approvalsNeeded,
  approvalsNeededWith,
  approvalsOf,
  freezeRefusal,
  isOwnRequest,
  notOver,
  type Open,
  type Proposal,
  permanentNeeded,
  type Requester,
  riskOf,
  whoseRequest,
  youthOf,
} from '../../domain/proposal/index.ts'
import type { Chat } from '../../ports/chat.ts'
import { decidingMode, type ModeDeps, withoutFaults } from './account-mode.ts'
import { type Approvers, approverListsOf, approverSettingsOf, givenBy, isIn, membersOf } from './approver-directory.ts'
import { onCallGroupOf, onCallNow } from './eligible-people.ts'
import { membersAmong } from './membership.ts'
import { requesterOf } from './requester-identity.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership'>

/** Who is on call for the account, or else everybody who may approve. */
export async function mentionedFor(
  proposal: Proposal,
  config: Config,
  requester: Requester,
  chat: Pick<People, 'groupMembers'>,
): Promise<readonly string[]> {
  const group = onCallGroupOf(proposal, config)
  const isSomebody = group !== null && (await onCallNow(proposal, config, chat)).length > 0
  return isSomebody ? [group] : approversFor(proposal, config, requester)
}

/** Whom to mention when a card can be decided. Nobody where nobody can decide it. */
export async function calledFor(
  proposal: Open,
  { config, units, chat }: ModeDeps & { readonly chat: Pick<People, 'groupMembers' | 'userByEmail'> },
): Promise<readonly string[]> {
  const mode = await decidingMode(proposal, { config, units: withoutFaults(units) })
  if (mode.mode !== 'approve' || freezeRefusal(mode, proposal.updatedAtMs) !== null) return []
  return mentionedFor(proposal, config, await requesterOf(proposal.requester, chat), chat)
}

/** Ids of the users and groups who may approve, to mention them. */
export function approversFor(proposal: Proposal, config: Config, requester: Requester): readonly string[] {
  const perAccount = approverListsOf(proposal, config)
  const ids = new Set(perAccount.flatMap(({ users, groups }) => [...users, ...groups]))
  return [...ids].filter(id => !isOwnRequest(requester, id))
}

export async function approvalSummaryOf(
  proposal: Proposal,
  config: Config,
  chat: People,
  nowMs: number,
): Promise<ApprovalSummary> {
  const requester = await requesterOf(proposal.requester, chat)
  const perAccount = approverListsOf(proposal, config)
  const inTime = notOver(approvalsOf(proposal), nowMs)
  const needed = approvalsNeededWith(proposal, requester, inTime)
  const given = givenBy(inTime.filter(approval => youthOf(approval, riskOf(proposal)) === null))
  const endless = permanentNeeded(config.grants.permanent, requester)
  const able = await ableTo(proposal, given, perAccount, Math.max(needed, endless ?? 0), requester, chat)
  return {
    needed,
    because: needed < 2 ? null : becauseOf(proposal, requester),
    mayApprove: joined(differentOf(perAccount.map(approvers => named(approvers, requester))), '; and '),
    had: able.had,
    leftOut: able.leftOut,
    tooFew: able.people !== null && able.people < needed ? able.people : null,
    mayBeEndless: endless !== null && (able.people === null || able.people >= endless),
    settings: approverSettingsOf(proposal, config),
    emptyGroups: able.emptyGroups,
    requester,
  }
}

/** Reasons other than the risk that require a second person. */
function becauseOf({ verification, diagnosis }: Proposal, requester: Requester): string | null {
  if (approvalsNeeded({ verification, diagnosis }, requester) < 2) return 'a grant without end takes two'
  if ((verification?.approvers ?? 2) > 1 && diagnosis.unconfirmed !== true) return null
  if (requester.kind === 'unknown') return `it cannot be seen who was denied, as ${requester.why}`
  return diagnosis.unconfirmed === true
    ? 'only a text of the failed deploy reports the denial, until the record of CloudTrail itself comes'
    : null
}

type Able = {
  readonly people: number | null
  readonly leftOut: ChatUserId | null
  readonly had: readonly ChatUserId[]
  readonly emptyGroups: readonly string[]
}

/** Counts the people who are able to approve, while that matters. Reads groups only if the lists alone do not decide. */
async function ableTo(
  proposal: Proposal,
  given: readonly ChatUserId[],
  perAccount: readonly Approvers[],
  needed: number,
  requester: Requester,
  chat: People,
): Promise<Able> {
  const decidable = proposal.patch !== null && (proposal.status === 'drafted' || proposal.status === 'open')
  if (!decidable) return { people: null, leftOut: null, had: given, emptyGroups: [] }
  const denied = whoseRequest(requester)
  const listed = perAccount.map(({ users }) => users)
  const short = peopleIn(listed, requester).length < needed
  const all =
    short || denied.length > 0 || !given.every(id => isIn(listed, id))
      ? await Promise.all(perAccount.map(approvers => membersOf(approvers, chat)))
      : listed
  const seen = all.map(members => members ?? [])
  const own = denied.find(person => seen.every(members => members.includes(person))) ?? null
  const ofWorkspace = await membersAmong(given, chat)
  const had = given.filter(id => ofWorkspace.includes(id) && isIn(all, id) && !isOwnRequest(requester, id))
  const people = all.includes(null) ? null : peopleIn(seen, requester).length
  const emptyGroups = people !== null && people < needed ? await emptyAmong(perAccount, chat) : []
  return { people, leftOut: own, had, emptyGroups }
}

async function emptyAmong(perAccount: readonly Approvers[], chat: People): Promise<readonly string[]> {
  const groups = [...new Set(perAccount.flatMap(approvers => approvers.groups))]
  const members = await Promise.all(groups.map(group => chat.groupMembers(group)))
  return groups.filter((_, index) => {
    const fact = members[index]
    return fact?.known === true && fact.value.length === 0
  })
}

/** The people who are approvers in every account. */
function peopleIn(perAccount: readonly (readonly string[])[], requester: Requester): readonly string[] {
  const [first = [], ...rest] = perAccount
  return [...new Set(first)].filter(id => isIn(rest, id) && !isOwnRequest(requester, id))
}

function named({ users, groups }: Approvers, requester: Requester): RichText {
  const left = users.filter(id => !isOwnRequest(requester, id))
  const names: readonly RichText[] = [
    ...left.map((id): RichText => [{ kind: 'person', id, name: null }]),
    ...groups.map((id): RichText => [own('group '), { kind: 'group', id }]),
  ]
  if (names.length > 0) return joined(names, ', ')
  return [own(left.length < users.length ? 'nobody else' : 'nobody (no approvers are configured)')]
}

const differentOf = (lists: readonly RichText[]): readonly RichText[] => [
  ...new Map(lists.map(list => [asPlainText(list), list])).values(),
]
