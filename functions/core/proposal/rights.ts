import type { Config } from '../config/config.ts'
import type { Denial } from '../denial/denial.ts'
import { type Fact, known, unknown } from '../fact.ts'
import { matchesGlob } from '../policy/wildcard.ts'
import type { Chat } from '../ports.ts'
import { never } from '../result.ts'
import { approvalsNeeded, type DeniedHuman, isOwnRequest, notOver, type Rights } from './approval.ts'
import type { Proposal } from './proposal.ts'

type People = Pick<Chat, 'groupMembers' | 'userByEmail'>
type Approvers = { readonly users: readonly string[]; readonly groups: readonly string[] }

/** Accounts whose policies the proposal would change; a person must be an approver in each. */
function accountsOf(proposal: Proposal): readonly string[] {
  const changed = (proposal.patch?.changes ?? []).map(change => change.target.accountId)
  return changed.length > 0 ? [...new Set(changed)] : [proposal.denial.accountId ?? '']
}

export function approversIn(config: Config, accountId: string): Approvers {
  const own = Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.approvers : undefined
  return own ?? config.approvers
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
  const given = givenBy(proposal.approvals)
  const members = given.length === 0 ? [] : await Promise.all(perAccount.map(approvers => membersOf(approvers, chat)))
  return given.filter(id => !isIn(members, id))
}

const givenBy = (approvals: Proposal['approvals']): readonly string[] => [...new Set(approvals.map(({ by }) => by.id))]

/** In every account, as far as can be seen: taken off a list, whoever approved does not count any more. */
const isIn = (perAccount: readonly Members[], id: string): boolean =>
  perAccount.every(members => members === null || members.includes(id))

export async function rightsOf(proposal: Proposal, userId: string, config: Config, chat: People): Promise<Rights> {
  const perAccount = accountsOf(proposal).map(account => approversIn(config, account))
  const [approvers, lapsed, breakGlass, deniedHuman] = await Promise.all([
    Promise.all(perAccount.map(approvers => isApprover(approvers, userId, chat))),
    lapsedOf(proposal, perAccount, chat),
    config.breakGlass === null
      ? known(false)
      : isApprover({ users: [], groups: [config.breakGlass.group] }, userId, chat),
    deniedHumanOf(proposal.denial, chat, config.machineUsers),
  ])
  return { approver: all(approvers), breakGlass, deniedHuman, lapsed, limitedGrantHours: config.limitedGrantHours }
}

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

type Members = readonly string[] | null

/** Null: a group cannot be read. */
async function membersOf({ users, groups }: Approvers, chat: People): Promise<Members> {
  const members = await Promise.all(groups.map(group => chat.groupMembers(group)))
  const read = members.map(each => (each.known ? each.value : null))
  return read.includes(null) ? null : [...users, ...read.flatMap(each => each ?? [])]
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

/**
 * The person behind the denied request. Identity Center and people's sessions carry an e-mail address as the session
 * name; an IAM user may. A role session with another name is a machine's, and so is a user that the configuration
 * calls one. Whoever should be a person and cannot be matched is `unknown`.
 */
export async function deniedHumanOf(
  denial: Denial,
  chat: People,
  machineUsers: readonly string[] = [],
): Promise<DeniedHuman> {
  const { arn, kind, name, sessionName } = denial.principal
  if (kind === 'user' && arn !== null && machineUsers.some(glob => matchesGlob(glob, arn))) return { kind: 'nobody' }
  const handle = sessionName ?? name
  switch (kind) {
    case 'web-identity':
    case 'service':
    case 'service-linked-role':
      return { kind: 'nobody' }
    case 'role':
      return handle?.includes('@') && sessionName !== null ? personBehind(handle, chat) : { kind: 'nobody' }
    case 'sso-role':
    case 'user':
    case 'saml':
    case 'federated-user':
    case 'root':
    case 'unknown':
      return handle?.includes('@')
        ? personBehind(handle, chat)
        : { kind: 'unknown', why: 'the event carries no e-mail address' }
    default:
      return never(kind)
  }
}

async function personBehind(email: string, chat: People): Promise<DeniedHuman> {
  const user = await chat.userByEmail(email)
  if (!user.known) return { kind: 'unknown', why: user.why }
  if (user.value === null) return { kind: 'unknown', why: 'nobody in the chat has that e-mail address' }
  return { kind: 'person', userId: user.value }
}
