/** The steps of the smoke test, in order, with what they wait for. They change nothing but two roles of their own. */
import { RolemedicError } from '../../functions/domain/base/errors.ts'
import type { Proposal, Status } from '../../functions/domain/proposal/proposal.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'

export type TestRoles = {
  readonly callerArn: string
  /** Tries to assume the target as the caller. */
  tryOut(): Promise<'allowed' | 'denied'>
}

export type SmokeDeps = {
  readonly roles: TestRoles
  readonly store: Pick<ProposalStore, 'open' | 'get'>
  readonly say: (line: string) => void
  readonly sleep: (ms: number) => Promise<unknown>
  readonly nowMs: () => number
}

const MINUTE_MS = 60_000
/** CloudTrail brings most events within five minutes, and promises nothing. */
const CARD_MS = 20 * MINUTE_MS
const PERSON_MS = 15 * MINUTE_MS
/** IAM changes take seconds, at times a minute. */
const SETTLE_MS = 3 * MINUTE_MS
const LOOK_EVERY_MS = 5_000
const MAX_OPEN = 100

export async function smoke(deps: SmokeDeps): Promise<void> {
  const { roles, store, say } = deps
  say('1. making a denial: the caller may not assume the target')
  await until('a denial', SETTLE_MS, async () => (await roles.tryOut()) === 'denied' || null, deps)

  say('2. waiting for the proposal (CloudTrail usually takes up to five minutes)')
  const proposal = await until('a proposal', CARD_MS, () => proposed(deps), deps)
  if (proposal.patch === null)
    throw failed(`the bot proposes nothing: ${proposal.refusal?.message ?? proposal.diagnosis.summary}`)
  say(`   ${proposal.id}: ${proposal.diagnosis.summary}`)

  const status = (wanted: readonly Status[], ms: number) =>
    until(wanted.join(' or '), ms, () => reached(store, proposal.id, wanted), deps)
  say('3. press Approve on its card in Slack')
  await status(['applied', 'confirmed'], PERSON_MS)
  say('4. applied; checking that the denial is lifted')
  await until('the access that was granted', SETTLE_MS, async () => (await roles.tryOut()) === 'allowed' || null, deps)

  say('5. press Revert on the same card')
  await status(['reverted'], PERSON_MS)
  say('6. reverted; checking that the denial is back')
  await until('the denial', SETTLE_MS, async () => (await roles.tryOut()) === 'denied' || null, deps)
}

async function proposed({ store, roles }: SmokeDeps): Promise<Proposal | null> {
  const open = await store.open(MAX_OPEN)
  return open.find(({ denial, card }) => denial.principal.roleArn === roles.callerArn && card !== null) ?? null
}

async function reached(store: SmokeDeps['store'], id: string, wanted: readonly Status[]): Promise<Proposal | null> {
  const proposal = await store.get(id)
  if (proposal === null) throw failed(`proposal ${id} is gone`)
  if (wanted.includes(proposal.status)) return proposal
  const ended: readonly Status[] = ['failed', 'rejected', 'expired', 'stale', 'closed', 'reverted']
  if (ended.includes(proposal.status)) throw failed(`proposal ${id} is ${proposal.status}`)
  return null
}

/** Looks again and again until there is something. */
async function until<T>(what: string, forMs: number, look: () => Promise<T | null>, deps: SmokeDeps): Promise<T> {
  const giveUpMs = deps.nowMs() + forMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (deps.nowMs() >= giveUpMs) throw failed(`waited ${forMs / MINUTE_MS} minutes for ${what}, in vain`)
    await deps.sleep(LOOK_EVERY_MS)
  }
}

const failed = (why: string) => new RolemedicError('smoke', why)
