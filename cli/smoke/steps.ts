/** The steps of the smoke test, in order. They change only the two test roles. */
import { RolemedicError } from '../../functions/domain/base/errors.ts'
import { type Proposal, postedCardOf, type Status } from '../../functions/domain/proposal/proposal.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'

export type TestRoles = {
  readonly callerArn: string
  /** Tries to assume the target role as the caller. */
  tryAssume(): Promise<'allowed' | 'denied'>
}

export type SmokeDeps = {
  readonly roles: TestRoles
  readonly store: Pick<ProposalStore, 'open' | 'get'>
  readonly print: (line: string) => void
  readonly sleep: (ms: number) => Promise<unknown>
  readonly nowMs: () => number
}

const MINUTE_MS = 60_000
/** CloudTrail delivers most events within five minutes, without a guarantee. */
const CARD_MS = 20 * MINUTE_MS
const PERSON_MS = 15 * MINUTE_MS
/** IAM changes take effect after seconds, sometimes after a minute. */
const SETTLE_MS = 3 * MINUTE_MS
const POLL_EVERY_MS = 5_000
const MAX_OPEN = 100

export async function smoke(deps: SmokeDeps): Promise<void> {
  const { roles, store, print } = deps
  print('1. causing a denial: the caller cannot assume the target')
  await pollUntil('a denial', SETTLE_MS, async () => (await roles.tryAssume()) === 'denied' || null, deps)

  print('2. waiting for the proposal (CloudTrail usually takes up to five minutes)')
  const proposal = await pollUntil('a proposal', CARD_MS, () => proposed(deps), deps)
  if (proposal.patch === null)
    throw failed(`the bot has no proposal: ${proposal.refusal?.message ?? proposal.diagnosis.summary}`)
  print(`   ${proposal.id}: ${proposal.diagnosis.summary}`)

  const status = (wanted: readonly Status[], ms: number) =>
    pollUntil(`status ${wanted.join(' or ')}`, ms, () => reached(store, proposal.id, wanted), deps)
  print('3. press Approve on its card in Slack')
  await status(['applied', 'confirmed'], PERSON_MS)
  print('4. applied; checking that the denial is lifted')
  await pollUntil('the granted access', SETTLE_MS, async () => (await roles.tryAssume()) === 'allowed' || null, deps)

  print('5. press Revert on the same card')
  await status(['reverted'], PERSON_MS)
  print('6. reverted; checking that the denial is back')
  await pollUntil('a denial', SETTLE_MS, async () => (await roles.tryAssume()) === 'denied' || null, deps)
}

async function proposed({ store, roles }: SmokeDeps): Promise<Proposal | null> {
  const open = await store.open(MAX_OPEN)
  return open.find(one => one.denial.principal.roleArn === roles.callerArn && postedCardOf(one) !== null) ?? null
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
