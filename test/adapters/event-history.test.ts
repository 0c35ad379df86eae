import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { eventHistory } from '../../functions/adapters/aws/event-history/event-history.ts'
import type { HistoryAttribute } from '../../functions/ports/event-history.ts'

const PLACE = { accountId: '111122223333', region: 'eu-west-1' }
const ID = '11111111-2222-3333-4444-555555555555'
const other = '99999999-2222-3333-4444-555555555555'

type Page = { Events?: { EventId?: string; EventTime?: Date; CloudTrailEvent?: string }[]; NextToken?: string }

function historyOver(...pages: readonly (Page | Error)[]) {
  const asked: unknown[] = []
  const slept: number[] = []
  let nowMs = 0
  const history = eventHistory({
    client: () =>
      ({
        send: async (command: { input: unknown }) => {
          asked.push(command.input)
          const page = pages[asked.length - 1] ?? {}
          if (page instanceof Error) throw page
          return page
        },
      }) as never,
    sleep: async ms => {
      slept.push(ms)
      nowMs += ms
    },
    clock: () => nowMs,
  })
  const wait = (ms: number): void => {
    nowMs += ms
  }
  return { history, asked, slept, wait }
}

const refusal = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' })

describe('the event history', () => {
  it('gives the record of an event id, as CloudTrail has it', async () => {
    const { history, asked } = historyOver({ Events: [{ EventId: ID, CloudTrailEvent: '{"eventID":"x"}' }] })
    expect(await history.byId(PLACE, ID)).toEqual({ kind: 'found', value: { eventID: 'x' } })
    expect(asked).toMatchObject([{ LookupAttributes: [{ AttributeKey: 'EventId', AttributeValue: ID }] }])
  })

  it.each<[string, Page]>([
    ['nothing', {}],
    ['another event', { Events: [{ EventId: other, CloudTrailEvent: '{}' }] }],
    ['a record that is not JSON', { Events: [{ EventId: ID, CloudTrailEvent: '{' }] }],
  ])('does not know an id for which AWS answers %s', async (_, page) => {
    expect(await historyOver(page).history.byId(PLACE, ID)).toEqual({ kind: 'absent' })
  })

  it('asks nothing for what is no event id', async () => {
    const { history, asked } = historyOver()
    expect(await history.byId(PLACE, 'sha256:abc')).toEqual({ kind: 'absent' })
    expect(asked).toEqual([])
  })

  it('says that it was refused, and lets any other fault through', async () => {
    expect(await historyOver(refusal).history.byId(PLACE, ID)).toMatchObject({ kind: 'unreadable' })
    await expect(historyOver(new Error('throttled')).history.byId(PLACE, ID)).rejects.toThrow('throttled')
  })

  it('reads at most four pages of a call, two requests a second', async () => {
    const page = { Events: [{ EventId: ID, CloudTrailEvent: '{"n":1}' }], NextToken: 'more' }
    const { history, asked, slept } = historyOver(page, page, page, page, page)
    const read = await history.search(PLACE, { eventName: 'RunTask' }, { fromMs: 0, toMs: 60_000 })
    const records = [{ n: 1 }, { n: 1 }, { n: 1 }, { n: 1 }]
    expect(read).toEqual({ known: true, value: { records, complete: false } })
    expect(asked).toHaveLength(4)
    expect(slept).toEqual([500, 500, 500])
  })

  const event = (seconds: number) => ({
    EventId: ID,
    EventTime: new Date(seconds * 1_000),
    CloudTrailEvent: `{"at":${seconds}}`,
  })

  it('gives several denials of one account the same answer for a minute, each for its own window', async () => {
    const { history, asked, wait } = historyOver({ Events: [event(90), event(30)] }, { Events: [event(95)] })
    const search = (fromMs: number, toMs: number) => history.search(PLACE, { resourceName: 'deploy' }, { fromMs, toMs })
    expect(await search(0, 100_000)).toEqual(known({ records: [{ at: 90 }, { at: 30 }], complete: true }))
    expect(await search(60_000, 100_000)).toEqual(known({ records: [{ at: 90 }], complete: true }))
    expect(asked).toHaveLength(1)
    wait(61_000)
    expect(await search(60_000, 100_000)).toEqual(known({ records: [{ at: 95 }], complete: true }))
    expect(asked).toHaveLength(2)
  })

  it.each<[string, { accountId: string; region: string }, HistoryAttribute, number]>([
    ['another account', { ...PLACE, accountId: '444455556666' }, { resourceName: 'deploy' }, 0],
    ['another Region', { ...PLACE, region: 'us-east-1' }, { resourceName: 'deploy' }, 0],
    ['another name', PLACE, { resourceName: 'other' }, 0],
    ['another attribute', PLACE, { userName: 'deploy' }, 0],
    ['an earlier window', PLACE, { resourceName: 'deploy' }, -1],
  ])('asks again for %s', async (_, place, by, fromMs) => {
    const { history, asked } = historyOver({}, {})
    await history.search(PLACE, { resourceName: 'deploy' }, { fromMs: 0, toMs: 1 })
    await history.search(place, by, { fromMs, toMs: 1 })
    expect(asked).toHaveLength(2)
  })

  it('does not take the newest records for all of an earlier time', async () => {
    const page = { Events: [event(90), event(60)], NextToken: 'more' }
    const { history } = historyOver(page, page)
    const search = (fromMs: number) =>
      history.search(PLACE, { resourceName: 'deploy' }, { fromMs, toMs: 100_000 }, { maxRequests: 1 })
    expect(await search(0)).toMatchObject({ value: { complete: false } })
    expect(await search(10_000)).toMatchObject({ value: { complete: false } })
    expect(await search(70_000)).toEqual(known({ records: [{ at: 90 }], complete: true }))
  })

  it('sends nothing that the budget does not allow, and asks it for nothing that is known', async () => {
    const { history, asked } = historyOver({ Events: [event(1)], NextToken: 'more' }, { Events: [event(1)] })
    let left = 1
    const mayRequest = async () => left-- > 0
    const search = () =>
      history.search(PLACE, { userName: 'run-1' }, { fromMs: 0, toMs: 60_000 }, { maxRequests: 1, mayRequest })
    expect(await search()).toMatchObject({ known: true, value: { complete: false } })
    expect(await search()).toMatchObject({ known: true })
    expect([asked.length, left]).toEqual([1, 0])
    expect(await history.search(PLACE, { userName: 'run-2' }, { fromMs: 0, toMs: 1 }, { mayRequest })).toEqual({
      known: false,
      why: 'no request to the event history is left for this denial',
    })
    expect(asked).toHaveLength(1)
  })

  it('says that records among them cannot be read', async () => {
    const { history } = historyOver({ Events: [event(1), { EventId: ID, CloudTrailEvent: '{' }] })
    const read = await history.search(PLACE, { userName: 'run-1' }, { fromMs: 0, toMs: 60_000 })
    expect(read).toEqual(known({ records: [{ at: 1 }], complete: true, isTorn: true }))
  })
})
