import type { Config } from '../config/config.ts'
import type { Denial } from '../denial/denial.ts'
import { type Fact, known, unknown } from '../fact.ts'
import { matchesGlob } from '../policy/wildcard.ts'
import type { Chat } from '../ports.ts'
import { never } from '../result.ts'
import { approvalsNeeded, type DeniedHuman, type Rights } from './approval.ts'
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

export async function rightsOf(proposal: Proposal, userId: string, config: Config, chat: People): Promise<Rights> {
  const [approvers, breakGlass, deniedHuman] = await Promise.all([
    Promise.all(accountsOf(proposal).map(account => isApprover(approversIn(config, account), userId, chat))),
    config.breakGlass === null
      ? known(false)
      : isApprover({ users: [], groups: [config.breakGlass.group] }, userId, chat),
    deniedHumanOf(proposal.denial, chat, config.machineUsers),
  ])
  return { approver: all(approvers), breakGlass, deniedHuman, limitedGrantHours: config.limitedGrantHours }
}

/** Ids of the users and groups who may decide: those to call. */
export function approversFor(proposal: Proposal, config: Config): readonly string[] {
  const perAccount = accountsOf(proposal).map(account => approversIn(config, account))
  return [...new Set(perAccount.flatMap(({ users, groups }) => [...users, ...groups]))]
}

/** What a card says about deciding. */
export async function decidersOf(
  proposal: Proposal,
  config: Config,
  chat: People,
): Promise<{ readonly needed: number; readonly because: string | null; readonly mayApprove: string }> {
  const human = await deniedHumanOf(proposal.denial, chat, config.machineUsers)
  const perAccount = accountsOf(proposal).map(account => approversIn(config, account))
  const needed = approvalsNeeded(proposal, human)
  const unnamed = human.kind === 'unknown' && needed > approvalsNeeded(proposal, { kind: 'nobody' })
  return {
    needed,
    because: unnamed ? `it cannot be seen who was denied, as ${human.why}` : null,
    mayApprove: [...new Set(perAccount.map(inWords))].join('; and '),
  }
}

function inWords({ users, groups }: Approvers): string {
  const names = [...users, ...groups.map(group => `group ${group}`)]
  return names.length === 0 ? 'nobody (no approvers are configured)' : names.join(', ')
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
