import { expect, it } from 'vitest'
import type { DeployState } from '../../../functions/domain/deploy/deploy.ts'
import { rejected } from '../../../functions/domain/proposal/transitions.ts'
import { refreshCard } from '../../../functions/workflows/card/refresh-card.ts'
import { changeDeploy, listDeploy } from '../../../functions/workflows/deploy/deploy-store.ts'
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
      return true
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

it('draws a card that shares a deploy again, when that changed meanwhile', async () => {
  const bot = memoryBot()
  const key = '0123456789abcdef'
  const run = { key, name: 'the run of pipeline orders', isSure: true, link: 'https://console.aws.amazon.com/' }
  const deploy = { key: 'k', title: run.name, failed: [run, { ...run, key: 'fedcba9876543210', name: 'another' }] }
  const card = (message: string) => ({ conversation: 'C0DEPLOYS', message })
  await bot.store.create(sampleProposal({ id: 'p-1', fingerprint: 'f-1', deploy, card: card('1') } as never))
  await bot.store.create(sampleProposal({ id: 'p-2', fingerprint: 'f-2', deploy, card: card('2') } as never))
  const causes = ['f-1', 'f-2'].map(fingerprint => ({ fingerprint, confidence: 'caused by' as const }))
  const state: DeployState = {
    ...{ key, round: 1, attempts: [{ id: 'e-1', atMs: NOON }], causes },
    deploy: {
      ...{ kind: 'codepipeline', accountId: '111122223333', region: 'eu-west-1', target: 'orders', name: 'orders' },
      ...{ attempt: 'e-1', status: 'FAILED', failedAtMs: NOON, reasons: [], log: null },
    },
    correlation: {
      ...{ requests: [], roles: [], sessions: [], via: null, ownRoles: [] },
      ...{ fromMs: NOON, untilMs: NOON, explained: false },
    },
    ...{ noticedAtMs: NOON, noticingUntilMs: 0, alert: null, postingUntilMs: Number.MAX_SAFE_INTEGER },
  }
  await changeDeploy(key, bot.store, () => state)
  await listDeploy(state, bot.store)
  const occurrence = async (fingerprint: string) =>
    ({ fingerprint, proposalId: fingerprint.replace('f', 'p') }) as never
  const sent: string[] = []
  const chat = {
    ...bot.chat,
    async update({ message }: { message: string }, { text }: { text: string }) {
      if (message !== '2') return true
      sent.push(text)
      if (sent.length > 1) return true
      const open = inStatus(await bot.store.get('p-2'), 'open')
      await bot.store.replace(open, rejected(open, { id: 'U0ONCALL2', name: 'ben' }, 'no', NOON))
      return true
    },
  }
  await refreshCard('p-1', { ...bot, chat, store: { ...bot.store, occurrence } })
  expect(sent).toEqual(['open', 'rejected'])
})
