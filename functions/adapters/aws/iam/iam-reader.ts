/** Reads IAM and Organizations live: only what one denial needs, in parallel, at most three requests deep. */

import { GetInstanceProfileCommand } from '@aws-sdk/client-iam'
import { ABSENT, type Fact, found, known, type Read, unknown, unreadable } from '../../../../core/base/index.ts'
import { type ListedRole, parseArn } from '../../../../core/iam/index.ts'
import type { AccessReader } from '../../../ports/access-reader.ts'
import type { Clock } from '../../../ports/clock.ts'
import { answerCache } from '../clients/answer-cache.ts'
import type { OrganizationReader } from '../organizations/organizations.ts'
import type { AccountAccess } from './account-access.ts'
import { iamLists } from './iam-lists.ts'
import type { AccountReads } from './iam-policies.ts'
import { readRole } from './iam-role.ts'
import { readUser } from './iam-user.ts'
import type { VersionCache } from './managed-policies.ts'
import type { Ask, Meter } from './read-calls.ts'
import { meter } from './read-calls.ts'

export type LiveReaderDeps = {
  readonly access: (accountId: string) => AccountAccess
  readonly organizations: OrganizationReader
  /** Shared by all readers of a process. */
  readonly versions?: VersionCache
  readonly meter?: Meter
  readonly clock: Clock
}

const KEEP_MS = 5 * 60_000
/** Each takes about five requests, and IAM throttles an account at some tens of requests per second. */
const MAX_SURROUNDINGS = 60

/**
 * Caches nothing that a change is drafted from. Caches for minutes: the organization, and the list of an account's roles, which
 * only affects the risk.
 */
export function liveReader(deps: LiveReaderDeps): AccessReader {
  const { access, organizations, versions = new Map(), meter: calls = meter(), clock } = deps
  const lists = answerCache<Fact<readonly ListedRole[]>>(clock, KEEP_MS)
  const at = (accountId: string) => accountReads(access(accountId), accountId, calls.ask, versions)
  return {
    identity: ({ accountId, kind, name }) =>
      kind === 'role' ? readRole(at(accountId), name, 'whole') : readUser(at(accountId), name),
    role: ({ accountId, name }, scope = 'whole') => readRole(at(accountId), name, scope),
    async roles(accountId) {
      const list = await lists(accountId, () => rolesOf(access(accountId), at(accountId)))
      if (!list.known) lists.forget(accountId)
      return list
    },
    maxSurroundings: MAX_SURROUNDINGS,
    instanceProfileRole: ({ accountId, name }) => instanceProfileRole(at(accountId), name),
    organization: () => organizations.organization(calls.ask),
    serviceControlPolicies: accountId => organizations.levels(accountId, 'scp', calls.ask),
    resourceControlPolicies: accountId => organizations.levels(accountId, 'rcp', calls.ask),
  }
}

function accountReads(access: AccountAccess, accountId: string, ask: Ask, versions: VersionCache): AccountReads {
  return {
    accountId,
    iam: access.iam,
    ask,
    versions,
    first: access.depth + 1,
    async ours(read, arnOf) {
      const seen = (answer: Awaited<typeof read>) => (answer.kind === 'found' ? accountOf(arnOf(answer.value)) : null)
      // A fault is reported only to the caller that awaits the read itself.
      access.saw(read.then(seen, () => null))
      const answer = await read
      if (answer.kind === 'unreadable') return answer
      const from = answer.kind === 'found' ? accountOf(arnOf(answer.value)) : await access.accountId(ask)
      return from === accountId ? answer : unreadable(wrongAccount(from, accountId))
    },
  }
}

async function rolesOf(access: AccountAccess, account: AccountReads): Promise<Fact<readonly ListedRole[]>> {
  const { iam, ask, first, accountId } = account
  const roles = await iamLists(iam, ask).everyRole(first)
  if (roles.kind !== 'found') return unknown(roles.kind === 'absent' ? 'iam:ListRoles gave no list' : roles.why)
  const from = accountOf(roles.value[0]?.arn) ?? (await access.accountId(ask))
  return from === accountId ? known(roles.value) : unknown(wrongAccount(from, accountId))
}

async function instanceProfileRole(account: AccountReads, name: string): Promise<Read<string>> {
  const { iam, ask, first } = account
  const answer = await account.ours(
    ask(first, 'iam:GetInstanceProfile', () => iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }))),
    profile => profile.InstanceProfile?.Arn,
  )
  if (answer.kind !== 'found') return answer
  const arn = answer.value.InstanceProfile?.Roles?.[0]?.Arn
  return arn === undefined ? ABSENT : found(arn)
}

const accountOf = (arn: string | undefined) => parseArn(arn ?? '')?.accountId ?? null

function wrongAccount(from: string | null, wanted: string): string {
  return `these credentials read account ${from ?? 'that they do not name'}, not ${wanted}`
}
