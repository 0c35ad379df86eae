import { expect, it } from 'vitest'
import { rejected } from '../../../functions/domain/proposal/transitions.ts'
import { refreshCard } from '../../../functions/workflows/card/refresh-card.ts'
import { memoryBot } from '../../fakes/memory-bot.ts'
import { inStatus, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

it('draws a card again when what it drew was already old as it arrived', async () => {
  const bot = memoryBot()
  await bot.store.create(sampleProposal())
  const sent: string[] = []
  let arrive = (): void => {}
  const arrived = new Promise<void>(resolve => {
    arrive = resolve
  })
  // The first update is slow: meanwhile the proposal changes, and another worker renders it.
  const slow = {
    ...bot.chat,
    async update(_card: object, message: { text: string }) {
      if (sent.length === 0) await arrived
      sent.push(message.text)
    },
  }
  const refreshing = refreshCard('p-1', { ...bot, chat: slow })
  const current = await bot.store.get('p-1')
  const open = inStatus(current, 'open')
  await bot.store.replace(open, rejected(open, { id: 'U0ONCALL2', name: 'ben' }, 'no', NOON))
  await refreshCard('p-1', bot)
  arrive()
  await refreshing
  expect(sent).toEqual(['open', 'rejected'])
})

it('draws nothing for a proposal that has no card yet', async () => {
  const bot = memoryBot()
  await bot.store.create(sampleProposal({ status: 'drafted' }))
  await refreshCard('p-1', bot)
  await refreshCard('p-2', bot)
  expect(bot.chat.cards.size).toBe(0)
})
