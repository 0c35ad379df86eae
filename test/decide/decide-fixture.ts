/** One open proposal, and what people press. */

import { makeDecide } from '../../functions/decide/decide.ts'
import type { ChatRequest, Click, DecidingAction, Origin } from '../../functions/domain/proposal/click.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { follow, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { CARD, DIGEST, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'

export const ANNA = { id: 'U0ONCALL1', name: 'anna' }
export const BEN = { id: 'U0ONCALL2', name: 'ben' }
export const VISITOR = { id: 'U0VISITOR', name: 'victor' }
export const NOWHERE: Origin = { teamId: null, enterpriseId: null, userTeamId: null, appId: null }
/** The message of the sample proposal. */
export const AT = { ...CARD, cardOf: 'p-1' }

export const click = (action: DecidingAction, by = ANNA, changed: Partial<Click> = {}, origin = FAKE_ORIGIN) => ({
  kind: 'click' as const,
  origin,
  ...AT,
  click: { action, by, proposalId: 'p-1', digest: DIGEST, reason: null, ...changed },
})

export async function botWith(proposal: Proposal = sampleProposal(), bot: MemoryBot = memoryBot()): Promise<MemoryBot> {
  await bot.store.create(proposal)
  bot.setNow(NOON + 5 * MINUTE)
  return bot
}

export async function press(bot: MemoryBot, ...requests: readonly ChatRequest[]): Promise<void> {
  const decide = makeDecide(bot)
  await Promise.all(requests.map(async request => (await decide(request)).notify()))
  await follow(bot)
}
