import { describe, expect, it } from 'vitest'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import { everySecond } from '../crash-points.ts'
import { alertBench, FILES, MINUTE } from './alert-fixture.ts'

class Killed extends Error {}

/**
 * Feeds failure and denial while the process dies once, at the n-th moment around a port call. Then delivers the interrupted message again.
 */
async function killedAt(moment: number, order: readonly ('deploy' | 'denial')[]) {
  let moments = 0
  const bot = alertBench(FILES, () => {
    moments += 1
    if (moments === moment) throw new Killed()
  })
  const again = async (job: () => Promise<unknown>) => {
    try {
      await job()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      bot.clock.nowMs += MINUTE
      await job()
    }
  }
  for (const what of order) {
    await again(() =>
      what === 'deploy' ? bot.alert('deploys/stack-rollback') : bot.record('cloudformation-create-function'),
    )
    await again(() => bot.settle())
  }
  // Like `sweep`: posts and renders cards again.
  bot.clock.nowMs += MINUTE
  for (const proposal of await bot.proposals()) {
    if (proposal.status === 'drafted') await postCard(proposal, bot.deps)
    await refreshCard(proposal.id, bot.deps)
  }
  return { bot, moments }
}

describe.each([
  { order: ['deploy'] as const, count: 1 },
  { order: ['deploy', 'denial'] as const, count: 1 },
  { order: ['denial', 'deploy'] as const, count: 1 },
])('$order, with a process that dies', ({ order, count }) => {
  it('ends as it would have, wherever it dies', async () => {
    const { moments } = await killedAt(Number.POSITIVE_INFINITY, order)
    expect(moments).toBeGreaterThan(40)
    for (const moment of everySecond(Array.from({ length: moments }, (_, at) => at + 1))) {
      const { bot } = await killedAt(moment, order)
      const proposals = await bot.proposals()
      const alerts = bot.alerts()
      const notified = bot.deployNotices().length
      expect({
        moment,
        proposals: proposals.map(({ deploy, repeats }) => [deploy?.title, repeats.count]),
        alerts: alerts.map(alert => alert?.split('\n')[0]),
        // A crash between publishing and recording publishes once more.
        notified: notified === 1 || notified === 2,
      }).toEqual({
        moment,
        proposals: [['the deploy of stack orders', count]],
        alerts: ['🚨 The deploy of stack orders failed.'],
        notified: true,
      })
    }
  })
})
