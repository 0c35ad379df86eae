import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventHistory } from '../../functions/adapters/aws/event-history/event-history.ts'
import { type FakeEventHistory, startFakeEventHistory } from './fake-event-history.ts'

const HOME = '111122223333'
const AWAY = '444455556666'
const PLACE = { accountId: HOME, region: 'us-east-1' }
const NOON = Date.parse('2026-11-24T12:00:00Z')
const DAY = { fromMs: NOON - 86_400_000, toMs: NOON }

let fake: FakeEventHistory
/** Passes only while somebody waits. */
let nowMs = NOON
beforeAll(async () => {
  const accountOf = async (accessKeyId: string) => (accessKeyId === 'HOME' ? HOME : AWAY)
  fake = await startFakeEventHistory(accountOf, 2, () => nowMs)
  for (let at = 0; at < 60; at += 1)
    fake.add(write(at, { roleName: 'deploy', policyArn: `arn:aws:iam::${HOME}:policy/p` }))
  fake.add(write(70, { roleName: 'deploy' }, { recipientAccountId: AWAY }))
  fake.add(write(71, { roleName: 'deploy' }, { awsRegion: 'eu-west-1' }))
  fake.add(write(72, { userName: 'ann' }, { userIdentity: { arn: `arn:aws:sts::${HOME}:assumed-role/ci/run-9` } }))
  fake.add(write(-5_000, { userName: 'ann' }))
})
afterAll(() => fake?.close())

/** `at` seconds before noon. */
const write = (at: number, requestParameters: object, more: object = {}) => ({
  ...{ eventID: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`, eventName: 'PutRolePolicy' },
  ...{ eventTime: new Date(NOON - at * 1_000).toISOString(), eventSource: 'iam.amazonaws.com' },
  ...{ awsRegion: 'us-east-1', recipientAccountId: HOME, userIdentity: { userName: 'ada' } },
  ...{ requestParameters, ...more },
})

const sleep = async (ms: number) => {
  nowMs += ms
}
const asking = (accessKeyId = 'HOME', wait = sleep) =>
  eventHistory({
    client: ({ region }) =>
      new CloudTrailClient({
        region,
        endpoint: fake.url,
        credentials: { accessKeyId, secretAccessKey: 'any' },
        maxAttempts: 1,
      }),
    sleep: wait,
    clock: () => nowMs,
  })

const timesIn = (found: Awaited<ReturnType<ReturnType<typeof asking>['search']>>) =>
  found.known
    ? found.value.records.map(one => (NOON - Date.parse((one as { eventTime: string }).eventTime)) / 1_000)
    : found.why

describe('a search of the event history', () => {
  it('gives the newest 50 of a name in one request, and the others with the next one', async () => {
    const home = asking()
    const one = await home.search(PLACE, { resourceName: 'deploy' }, DAY, { maxRequests: 1 })
    expect(timesIn(one)).toEqual(Array.from({ length: 50 }, (_, at) => at))
    expect(one).toMatchObject({ value: { complete: false } })
    const all = await home.search(PLACE, { resourceName: `arn:aws:iam::${HOME}:policy/p` }, DAY)
    expect(timesIn(all)).toHaveLength(60)
    expect(all).toMatchObject({ value: { complete: true } })
  })

  it('by a user or session finds its calls in the window, in its account and Region', async () => {
    const home = asking()
    await sleep(1_000)
    expect(timesIn(await home.search(PLACE, { userName: 'run-9' }, DAY))).toEqual([72])
    expect(timesIn(await home.search(PLACE, { resourceName: 'ann' }, DAY))).toEqual([72])
    expect(timesIn(await asking('AWAY').search(PLACE, { resourceName: 'deploy' }, DAY))).toEqual([70])
    const elsewhere = { ...PLACE, region: 'eu-west-1' }
    expect(timesIn(await home.search(elsewhere, { resourceName: 'deploy' }, DAY))).toEqual([71])
  })

  it('is throttled where more than two a second are sent', async () => {
    const hurried = asking('HOME', async () => {})
    const region = { ...PLACE, region: 'eu-west-2' }
    const searched = (userName: string) => hurried.search(region, { userName }, DAY)
    await Promise.all(['a', 'b'].map(searched))
    await expect(searched('c')).rejects.toMatchObject({ name: 'ThrottlingException' })
    const paced = asking()
    const later = { ...PLACE, region: 'eu-west-3' }
    for (const userName of ['a', 'b', 'c', 'd'])
      expect(timesIn(await paced.search(later, { userName }, DAY))).toEqual([])
  })
})
