/** 25 denials in every form: the same answer. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { plainBytes } from '../../cli/files/plain-bytes.ts'
import { denialsInText } from '../../core/denial/any-text/denials-in-text.ts'
import { WRAPPINGS } from './wrappings.ts'

const denials = z
  .strictObject({
    about: z.string(),
    denials: z.array(
      z.strictObject({
        name: z.string(),
        record: z.record(z.string(), z.unknown()),
        sentence: z.string(),
        expect: z.strictObject({
          ...{ action: z.string(), principal: z.string(), resource: z.string(), reason: z.string() },
          ...{ cause: z.string(), verdict: z.string() },
        }),
        expectRecord: z.strictObject({
          ...{ id: z.string(), time: z.string(), region: z.string(), accountId: z.string(), call: z.string() },
        }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('denials.json', import.meta.url), 'utf8'))).denials

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
    expect(denials).toHaveLength(25)
    expect(WRAPPINGS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(WRAPPINGS.map(({ name }) => name)).size).toBe(WRAPPINGS.length)
  })
})

describe.each(WRAPPINGS.map(one => [one.name, one] as const))('%s', (_, { of, wrap }) => {
  it.each(denials.map(one => [one.name, one] as const))('%s', async (__, one) => {
    const { found } = denialsInText(await textOf(wrap(one)))
    const read = found.flatMap(each => (each.kind === 'denial' ? [each.denial] : []))
    const { action, principal, resource, reason } = one.expect
    expect(
      read.map(denial => ({
        ...{ action: denial.action, principal: denial.principal.arn, resource: denial.resource, reason: denial.reason },
      })),
    ).toEqual([{ action, principal, resource, reason }])
    if (of === 'sentence') return
    expect(
      read.map(({ id, timeMs, region, accountId, call }) => ({
        ...{ id, time: timeMs === null ? null : new Date(timeMs).toISOString(), region, accountId },
        call: call.eventName,
      })),
    ).toEqual([one.expectRecord])
  })
})
