import { expect, it } from 'vitest'
import { firstRun } from '../../../functions/domain/stored/markers.ts'
import { chosenPlace } from '../../../functions/workflows/card/card-placement.ts'
import { CONFIG, memoryBot } from '../../fakes/memory-bot.ts'
import { sampleProposal } from '../../fakes/sample-proposal.ts'

it('is the same for two looks that choose it at once, as a storm begins', async () => {
  const bot = memoryBot({ ...CONFIG, digestAfterCards: 1 })
  await bot.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
  const deps = { ...bot, renderer: { ...bot.renderer, list: () => ({ text: 'list', blocks: [] }) } }
  const choose = () => chosenPlace(sampleProposal(), deps)
  const [one, other] = await Promise.all([choose(), choose()])
  expect(one.listKey).toBe(other.listKey)
  expect([one.first, other.first].filter(Boolean)).toHaveLength(1)
})
