import { expect, it } from 'vitest'
import { canariesMade, HEARD_ACCOUNTS, heardFrom } from '../../functions/domain/stored/markers.ts'
import { makeCanaries } from '../../functions/workflows/make-canaries.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const [HUB, MEMBER, GONE] = ['111122223333', '444455556666', '777788889999'] as const

it('are made in each account and Region that sends heartbeats, and what could not be made is not expected to arrive', async () => {
  const store = memoryStore()
  const beat = { atMs: NOON, version: '0.1.0' }
  await store.putMarker(HEARD_ACCOUNTS, 0, [HUB, MEMBER, GONE])
  await store.putMarker(heardFrom(HUB), 0, { 'eu-west-1': beat })
  await store.putMarker(heardFrom(MEMBER), 0, { 'eu-west-1': beat, 'us-east-1': beat })
  await store.putMarker(heardFrom(GONE), 0, { 'eu-west-1': beat })
  await store.putMarker(canariesMade(MEMBER), 0, { 'eu-west-1': NOON - 1, 'eu-west-3': NOON - 2 })
  const denied: string[] = []
  const logged: string[] = []
  await makeCanaries({
    store,
    clock: () => NOON,
    observer: { log: (_level, name) => void logged.push(name), count: () => {} },
    deny: async ({ accountId, region }) => {
      if (accountId === GONE) throw new Error('the reader role cannot be assumed')
      denied.push(`${accountId} ${region}`)
    },
  })()
  expect(denied.toSorted()).toEqual([`${HUB} eu-west-1`, `${MEMBER} eu-west-1`, `${MEMBER} us-east-1`])
  const made = async (account: string) => (await store.getMarker(canariesMade(account)))?.value ?? null
  expect(await made(HUB)).toEqual({ 'eu-west-1': NOON })
  expect(await made(MEMBER)).toEqual({ 'eu-west-1': NOON, 'us-east-1': NOON, 'eu-west-3': NOON - 2 })
  expect(await made(GONE)).toBe(null)
  expect(logged).toEqual(['canary_not_made'])
})
