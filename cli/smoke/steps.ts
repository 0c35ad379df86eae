/** The steps of the smoke test, in order. They change only the two test roles. */
import { RolemedicError } from '../../core/base/index.ts'
import { agoInWords, SILENT_AFTER_MS } from '../../functions/domain/members/index.ts'
import { type Proposal, postedCardOf, type Status } from '../../functions/domain/proposal/index.ts'
import type { ProposalStore } from '../../functions/ports/index.ts'

export type TestRoles = {
  readonly callerArn: string
  /** Tries to assume the target role as the caller. */
  tryAssume(): Promise<'allowed' | 'denied'>
}

/** Evidence that each part between a member and the hub works. */
export type MemberPath = {
  readonly accountId: string
  readonly region: string
  /** When the hub last heard from this account and Region. Null: never. */
  heardAtMs(): Promise<number | null>
  /** The source identity of the writer role's session, from CloudTrail of the member. Null: not recorded yet. */
  writerSourceIdentity(sinceMs: number): Promise<string | null>
  /** The kinds of the audit records about a proposal. Null: the log is not read. */
  auditKinds: ((proposalId: string) => Promise<readonly string[]>) | null
}

export type SmokeDeps = {
  readonly roles: TestRoles
  /** Absent: the account of the bot itself. */
  readonly path?: MemberPath
  readonly store: Pick<ProposalStore, 'open' | 'get'>
  readonly print: (line: string) => void
  readonly sleep: (ms: number) => Promise<unknown>
  readonly nowMs: () => number
}

const MINUTE_MS = 60_000
/** CloudTrail delivers most events within five minutes, without guarantee. */
const CARD_MS = 20 * MINUTE_MS
const PERSON_MS = 15 * MINUTE_MS
/** IAM changes take effect within seconds, sometimes a minute. */
const SETTLE_MS = 3 * MINUTE_MS
/** The event history has a call within 15 minutes, usually five. */
const HISTORY_MS = 20 * MINUTE_MS
const AUDIT_MS = 2 * MINUTE_MS
const POLL_EVERY_MS = 5_000
const MAX_OPEN = 100

const AUDITED = ['proposed', 'approved', 'applied', 'reverted'] as const

export async function smoke(deps: SmokeDeps): Promise<void> {
  const { roles, store, print, path } = deps
  if (path !== undefined) await requireHeard(path, deps)
  const sinceMs = deps.nowMs()
  print('1. causing a denial: the caller cannot assume the target')
  await pollUntil('a denial', SETTLE_MS, async () => (await roles.tryAssume()) === 'denied' || null, deps)

  print('2. waiting for the proposal (CloudTrail usually takes up to five minutes)')
  const proposal = await pollUntil('a proposal', CARD_MS, () => proposed(deps), deps)
  if (proposal.patch === null)
    throw failed(`the bot has no proposal: ${proposal.refusal?.message ?? proposal.diagnosis.summary}`)
  print(`   ${proposal.id}: ${proposal.diagnosis.summary}`)
  if (path !== undefined) print('   forwarded to the hub, read with the reader role of the member, and posted in Slack')

  const status = (wanted: readonly Status[], ms: number) =>
    pollUntil(`status ${wanted.join(' or ')}`, ms, () => reached(store, proposal.id, wanted), deps)
  print('3. press Approve on its card in Slack; the card says whether it needs a second person')
  await status(['applied', 'confirmed'], PERSON_MS)
  print('4. applied; checking that the denial is lifted')
  await pollUntil('the granted access', SETTLE_MS, async () => (await roles.tryAssume()) === 'allowed' || null, deps)

  print('5. press Revert on the same card')
  await status(['reverted'], PERSON_MS)
  print('6. reverted; checking that the denial is back')
  await pollUntil('a denial', SETTLE_MS, async () => (await roles.tryAssume()) === 'denied' || null, deps)
  if (path !== undefined) await requireTraces(path, proposal.id, sinceMs, deps)
}

/** A member without heartbeats forwards no denials either, so this fails early instead of after 20 minutes. */
async function requireHeard(path: MemberPath, { print, nowMs }: SmokeDeps): Promise<void> {
  const heardAtMs = await path.heardAtMs()
  const where = `${path.accountId} ${path.region}`
  if (heardAtMs === null) throw failed(`the hub never heard ${where}: is rolemedic-member deployed there?`)
  const age = nowMs() - heardAtMs
  if (age >= SILENT_AFTER_MS) throw failed(`the hub heard ${where} ${agoInWords(age)} ago: rolemedic doctor --live`)
  print(`0. the hub heard ${where} ${agoInWords(age)} ago`)
}

async function requireTraces(path: MemberPath, proposalId: string, sinceMs: number, deps: SmokeDeps): Promise<void> {
  const { auditKinds } = path
  if (auditKinds === null) deps.print('7. the audit log is not read: give --audit s3://BUCKET/PREFIX')
  else {
    deps.print('7. reading the audit log')
    await pollUntil(
      `records of ${AUDITED.join(', ')} in the audit log`,
      AUDIT_MS,
      async () => {
        const kinds = await auditKinds(proposalId)
        return AUDITED.every(kind => kinds.includes(kind)) || null
      },
      deps,
    )
  }
  deps.print('8. waiting for the write in CloudTrail, which says who approved it (up to 15 minutes)')
  const person = await pollUntil(
    'a write of rolemedic-writer with a source identity',
    HISTORY_MS,
    () => path.writerSourceIdentity(sinceMs),
    deps,
  )
  deps.print(`   written for ${person}`)
}

async function proposed({ store, roles, path }: SmokeDeps): Promise<Proposal | null> {
  const open = await store.open(MAX_OPEN)
  const isHere = ({ denial }: Proposal) =>
    path === undefined || (denial.accountId === path.accountId && denial.region === path.region)
  return (
    open.find(one => one.denial.principal.roleArn === roles.callerArn && isHere(one) && postedCardOf(one) !== null) ??
    null
  )
}

async function reached(store: SmokeDeps['store'], id: string, wanted: readonly Status[]): Promise<Proposal | null> {
  const proposal = await store.get(id)
  if (proposal === null) throw failed(`proposal ${id} no longer exists`)
  if (wanted.includes(proposal.status)) return proposal
  const ended: readonly Status[] = ['failed', 'rejected', 'expired', 'stale', 'closed', 'reverted']
  if (ended.includes(proposal.status)) throw failed(`proposal ${id} is ${proposal.status}`)
  return null
}

/** Polls until there is a result. */
async function pollUntil<T>(what: string, forMs: number, check: () => Promise<T | null>, deps: SmokeDeps): Promise<T> {
  const giveUpMs = deps.nowMs() + forMs
  for (;;) {
    const found = await check()
    if (found !== null) return found
    if (deps.nowMs() >= giveUpMs) throw failed(`waited ${forMs / MINUTE_MS} minutes for ${what}`)
    await deps.sleep(POLL_EVERY_MS)
  }
}

const failed = (why: string) => new RolemedicError('smoke', why)
