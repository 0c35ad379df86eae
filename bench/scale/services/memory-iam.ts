/** The accounts of an organization in memory, read and written like IAM, with the requests, round trips and throttling that this takes. */
import { ABSENT, found, known, unreadable } from '../../../core/base/fact.ts'
import { fail, ok } from '../../../core/base/result.ts'
import { parsePolicy } from '../../../core/iam/policy/parse-policy.ts'
import type { Target } from '../../../core/patch/patch.ts'
import { snapshotReader } from '../../../functions/adapters/files/account-snapshot.ts'
import type { AccessReader } from '../../../functions/ports/access-reader.ts'
import type { PolicyWriter } from '../../../functions/ports/writing/policy-writer.ts'
import { ACCOUNT, pairedAccount } from '../../engine/generated-account.ts'
import type { EventQueue } from '../event-queue.ts'
import type { RateLimit } from './limits.ts'

export type IamUse = { requests: number; sessions: number }

/**
 * Requests and sequential rounds of each read, as `npm run bench -- calls` counts them for the typical role: 11 requests to
 * gather, 16 including the permissions of the passed role.
 */
const READS = {
  identity: { requests: 10, rounds: 3 },
  trust: { requests: 1, rounds: 1 },
  whole: { requests: 5, rounds: 3 },
  list: { requests: 4, rounds: 4 },
  profile: { requests: 1, rounds: 1 },
  write: { requests: 1, rounds: 1 },
} as const

type RoleDetail = { RoleName: string; Arn: string; RolePolicyList: { PolicyName: string; PolicyDocument: unknown }[] }
type Details = { RoleDetailList: RoleDetail[] }
/** `written`: null until somebody changes it, because parsed details take several times as much memory as the reader. */
type Account = { written: Details | null; reader: AccessReader | null }

export type MemoryIam = {
  /** A reader for one process, which assumes the role of each account once. */
  reader(): AccessReader
  writer(): PolicyWriter
  readonly use: IamUse
}

export function memoryIam(
  events: EventQueue,
  options: {
    readonly accounts: readonly string[]
    readonly pairs: number
    readonly roundMs: number
    readonly limit: RateLimit
  },
): MemoryIam {
  const { roundMs, limit } = options
  const template = pairedAccount(options.pairs)
  const accounts = new Map<string, Account>()
  const given = new Set(options.accounts)
  const use: IamUse = { requests: 0, sessions: 0 }

  function accountOf(id: string): Account | null {
    const present = accounts.get(id)
    if (present !== undefined) return present
    if (!given.has(id)) return null
    const account: Account = { written: null, reader: null }
    accounts.set(id, account)
    return account
  }

  const textOf = (id: string): string => template.replaceAll(ACCOUNT, id)

  function detailsOf(id: string): Details | null {
    const account = accountOf(id)
    if (account === null) return null
    account.written ??= JSON.parse(textOf(id)) as Details
    return account.written
  }

  function readerOf(id: string): AccessReader {
    const account = accountOf(id)
    if (account === null) return snapshotReader({ files: [] })
    account.reader ??= snapshotReader({
      files: [{ name: id, text: account.written === null ? textOf(id) : JSON.stringify(account.written) }],
    })
    return account.reader
  }

  /** Behaves like the SDK's adaptive retries: throttled requests wait until they may be sent. */
  async function ask(accountId: string, { requests, rounds }: { readonly requests: number; readonly rounds: number }) {
    use.requests += requests
    for (let sent = 0; sent < requests; sent += 1) {
      for (let wait = limit.take(accountId, events.now()); wait > 0; wait = limit.take(accountId, events.now()))
        await events.sleep(wait)
    }
    await events.sleep(rounds * roundMs)
  }

  function sessions(): (accountId: string) => Promise<void> {
    const assumed = new Set<string>()
    return async accountId => {
      if (assumed.has(accountId)) return
      assumed.add(accountId)
      use.sessions += 1
      await events.sleep(roundMs)
    }
  }

  return {
    use,
    reader() {
      const assume = sessions()
      const read = async <T>(
        accountId: string,
        what: keyof typeof READS,
        answer: (one: AccessReader) => Promise<T>,
      ) => {
        await assume(accountId)
        await ask(accountId, READS[what])
        return answer(readerOf(accountId))
      }
      return {
        identity: entity => read(entity.accountId, 'identity', one => one.identity(entity)),
        role: (entity, scope) =>
          read(entity.accountId, scope === 'trust' ? 'trust' : 'whole', one => one.role(entity, scope)),
        roles: accountId => read(accountId, 'list', one => one.roles(accountId)),
        instanceProfileRole: entity => read(entity.accountId, 'profile', one => one.instanceProfileRole(entity)),
        // Each process caches it for minutes.
        organization: () => readerOf('').organization(),
        serviceControlPolicies: async () => known([]),
        resourceControlPolicies: async () => known([]),
      }
    },
    writer() {
      const assume = sessions()
      const policiesOf = ({ accountId, arn }: Target) =>
        detailsOf(accountId)?.RoleDetailList.find(({ Arn }) => Arn === arn)?.RolePolicyList
      return {
        async read(target) {
          await assume(target.accountId)
          await ask(target.accountId, READS.write)
          const value = policiesOf(target)?.find(({ PolicyName }) => PolicyName === target.policyName)?.PolicyDocument
          if (value === undefined) return ABSENT
          const document = parsePolicy(value)
          return document.ok ? found(document.value) : unreadable(document.error)
        },
        async write(target, document) {
          await ask(target.accountId, READS.write)
          const [account, policies] = [accountOf(target.accountId), policiesOf(target)]
          if (account === null || policies === undefined || target.kind !== 'role-inline-policy')
            return fail({ code: 'NoSuchEntity', message: `${target.arn} does not exist`, retry: false })
          const at = policies.findIndex(({ PolicyName }) => PolicyName === target.policyName)
          const entry =
            document === null ? [] : [{ PolicyName: target.policyName ?? '', PolicyDocument: document as unknown }]
          policies.splice(at === -1 ? policies.length : at, at === -1 ? 0 : 1, ...entry)
          account.reader = null
          return ok({ requestIds: [] })
        },
      }
    },
  }
}
