/**
 * `/rolemedic doctor`: whether `decide` may do what its work needs, tried now with its own role. It reads, asks KMS whether it could sign,
 * and sends itself the request by which Slack checks an address. Nothing is stored, posted or signed that a check accepts.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { BotConfig } from '../domain/config/index.ts'
import type { LinkedLine, Person } from '../domain/messages/index.ts'
import { approverMarker } from '../domain/stored/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Keys } from '../ports/signer.ts'
import type { ObjectLedger } from '../ports/writing/object-ledger.ts'
import { approverGroups } from '../workflows/approval/approver-directory.ts'

/** What the ports do not show: whether the function may sign, and whether its address takes what Slack signs. Each rejects with the reason. */
export type OwnTrials = {
  readonly maySign: () => Promise<void>
  readonly takesSigned: () => Promise<void>
}

export type SelfTestDeps = {
  readonly store: Pick<ProposalStore, 'get' | 'open' | 'standing' | 'getMarker'>
  readonly keys: Keys
  readonly audit: Pick<AuditLog, 'latest'>
  readonly ledger: Pick<ObjectLedger, 'versions'>
  readonly chat: Pick<Chat, 'membership' | 'groupMembers'>
  readonly deploymentId: string
  readonly config: BotConfig
  readonly trials: OwnTrials
}

/** All run at once: Slack waits 3 s for the whole answer. */
const AT_MOST_MS = 1_600

type Trial = readonly [what: string, run: () => Promise<unknown>]

export async function selfTest(by: Person, deps: SelfTestDeps): Promise<readonly LinkedLine[]> {
  const answers = await Promise.all(
    trialsOf(by, deps).map(async ([what, run]) => ({ what, why: await failureOf(run) })),
  )
  const failed = answers.filter(({ why }) => why !== null)
  const head =
    failed.length === 0
      ? `rolemedic-decide may do all of ${answers.length} things that its work needs.`
      : `rolemedic-decide fails in ${failed.length} of ${answers.length} things that its work needs:`
  const lines = failed.length === 0 ? answers : failed
  return [
    head,
    ...lines.map(({ what, why }) => (why === null ? `✓ ${what}` : `✗ ${what}: ${why}`)),
    'The other functions: rolemedic doctor --live, and rolemedic canary.',
  ].map(text => ({ text, link: null }))
}

function trialsOf(
  by: Person,
  { store, keys, audit, ledger, chat, config, deploymentId, trials }: SelfTestDeps,
): readonly Trial[] {
  return [
    ['reads a proposal', () => store.get('p-doctor')],
    ['finds open proposals, by their index', () => store.open(1)],
    ['finds standing grants, by their index', () => store.standing(1)],
    ['reads what somebody approved', () => store.getMarker(approverMarker(by.id))],
    ['reads the public keys', () => keys.ring()],
    ['may sign a decision', trials.maySign],
    ['reads the audit log', () => audit.latest()[Symbol.asyncIterator]().next()],
    ['reads since when somebody is an approver', () => ledger.versions(`members/${deploymentId}/doctor`)],
    ['reads users of Slack', async () => asKnown(await chat.membership(by.id))],
    ...approverGroups(config).map(
      (group): Trial => [`reads the group ${group}`, async () => asKnown(await chat.groupMembers(group))],
    ),
    ['its address takes what Slack signs', trials.takesSigned],
  ]
}

function asKnown(fact: { readonly known: true } | { readonly known: false; readonly why: string }): void {
  if (!fact.known) throw new Error(fact.why)
}

const MAX_WHY_CHARS = 200

async function failureOf(run: () => Promise<unknown>): Promise<string | null> {
  const timer = new AbortController()
  const timeUp = delay(AT_MOST_MS, `no answer within ${AT_MOST_MS} ms`, { signal: timer.signal }).catch(() => null)
  try {
    return await Promise.race([run().then(() => null), timeUp])
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return why.slice(0, MAX_WHY_CHARS)
  } finally {
    timer.abort()
  }
}
