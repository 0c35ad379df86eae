/** 25 denials in every form: the same reading. `gestures.slow.test.ts` has every gesture, and the answers. */
import { describe, expect, it } from 'vitest'
import { plainBytes } from '../../cli/files/plain-bytes.ts'
import { matchEvents } from '../../cli/use-cases/match/match.ts'
import { denialsInText } from '../../core/denial/any-text/denials-in-text.ts'
import { parseRecord } from '../../core/denial/parse-denial.ts'
import { eventsOfText } from '../../simulator/sample-records.ts'
import { DENIALS } from './denials.ts'
import { WRAPPINGS } from './wrappings.ts'

/** Reads like the command line reads a file or standard input. */
async function textOf(given: string | Buffer): Promise<string> {
  if (typeof given === 'string') return given
  async function* whole() {
    yield given as Buffer
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of plainBytes(whole())) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

describe('the denials of the table', () => {
  it('are 25, and have 30 forms and more', () => {
    expect(DENIALS).toHaveLength(25)
    expect(WRAPPINGS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(WRAPPINGS.map(({ name }) => name)).size).toBe(WRAPPINGS.length)
  })
})

describe.each(WRAPPINGS.map(one => [one.name, one] as const))('%s', (_, { of, wrap }) => {
  it.each(DENIALS.map(one => [one.name, one] as const))('%s', async (__, one) => {
    const { found } = denialsInText(await textOf(wrap(one)))
    const read = found.flatMap(each => (each.kind === 'denial' ? [each.denial] : []))
    const { action, principal, resource, reason } = one.expect
    expect(
      read.map(denial => ({
        ...{ action: denial.action, principal: denial.principal.arn, resource: denial.resource, reason: denial.reason },
      })),
    ).toEqual([{ action, principal, resource, reason }])
    if (of === 'sentence') return
    // The other commands that take a record read it in the same forms.
    const text = await textOf(wrap(one))
    const events = matchEvents({ name: null, text }).found.map(({ event }) => event as { detail: { eventID: string } })
    expect(events.map(({ detail }) => detail.eventID)).toContain(one.expectRecord.id)
    const fed = eventsOfText('given', text, 0).flatMap(event => ('record' in event ? [event.record] : []))
    expect(fed.map(parseRecord).filter(({ kind }) => kind === 'denial')).toHaveLength(1)
    expect(
      read.map(({ id, timeMs, region, accountId, call }) => ({
        ...{ id, time: timeMs === null ? null : new Date(timeMs).toISOString(), region, accountId },
        call: call.eventName,
      })),
    ).toEqual([one.expectRecord])
  })
})
