import { describe, expect, it } from 'vitest'
import { eventHistory } from '../../functions/adapters/aws/event-history/event-history.ts'

const PLACE = { accountId: '111122223333', region: 'eu-west-1' }
const ID = '11111111-2222-3333-4444-555555555555'
const other = '99999999-2222-3333-4444-555555555555'

type Page = { Events?: { EventId?: string; CloudTrailEvent?: string }[]; NextToken?: string }

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
  return { history, asked, slept }
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
})
