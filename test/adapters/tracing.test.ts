import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { xrayTracing } from '../../functions/adapters/aws/observability/tracing.ts'

const ROOT = '1-6a170000-0123456789abcdef01234567'
const SAMPLED = `Root=${ROOT};Parent=00f067aa0ba902b7;Sampled=1;Lineage=1:a1b2c3d4:0`

let daemon: Socket
let address: string

beforeAll(async () => {
  daemon = createSocket('udp4').bind(0, '127.0.0.1')
  await once(daemon, 'listening')
  address = `127.0.0.1:${daemon.address().port}`
})
afterAll(() => daemon.close())

const tracing = (trace: string | undefined = SAMPLED) =>
  xrayTracing('rolemedic apply', { _X_AMZN_TRACE_ID: trace, AWS_XRAY_DAEMON_ADDRESS: address })

async function written(): Promise<Record<string, unknown>> {
  const [datagram] = await once(daemon, 'message')
  const [header, body = ''] = String(datagram).split('\n')
  expect(JSON.parse(header ?? '')).toEqual({ format: 'json', version: 1 })
  return JSON.parse(body)
}

describe('a sampled trace', () => {
  it('gets a subsegment with the ids that were received meanwhile', async () => {
    const { traced, annotate } = tracing()
    const datagram = written()
    const before = Date.now() / 1_000
    const result = await traced(async () => {
      annotate({ proposalId: 'p-1', outcome: 'applied', by: 'U0ONCALL1' })
      annotate({ kind: 'apply', code: null })
      return 7
    })
    expect(result).toBe(7)
    const { start_time, end_time, ...rest } = await datagram
    expect(rest).toEqual({
      name: 'rolemedic apply',
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      trace_id: ROOT,
      parent_id: '00f067aa0ba902b7',
      type: 'subsegment',
      annotations: { proposalId: 'p-1', outcome: 'applied', kind: 'apply' },
    })
    expect(start_time).toBeGreaterThanOrEqual(before)
    expect(end_time).toBeGreaterThanOrEqual(start_time as number)
  })

  it('says which kind of error ended the work, not its words, and passes it on', async () => {
    const datagram = written()
    const failing = tracing().traced(async () => {
      throw new TypeError('external id 4711 is wrong')
    })
    await expect(failing).rejects.toThrow('external id 4711')
    const subsegment = await datagram
    expect(subsegment).toMatchObject({ fault: true, cause: { exceptions: [{ type: 'TypeError' }] } })
    expect(JSON.stringify(subsegment)).not.toContain('4711')
  })

  it('keeps the ids of pieces of work that run side by side apart', async () => {
    const { traced, annotate } = tracing()
    const received: unknown[] = []
    const both = new Promise<void>(resolve => {
      daemon.on('message', function take(datagram) {
        received.push(JSON.parse(String(datagram).split('\n')[1] ?? '').annotations)
        if (received.length < 2) return
        daemon.off('message', take)
        resolve()
      })
    })
    const work = (proposalId: string, until: Promise<unknown>) =>
      traced(async () => {
        await until
        annotate({ proposalId })
      })
    const other = Promise.withResolvers<void>()
    const first = work('p-1', other.promise)
    await work('p-2', Promise.resolve())
    other.resolve()
    await Promise.all([first, both])
    expect(received).toEqual([{ proposalId: 'p-2' }, { proposalId: 'p-1' }])
  })
})

describe('work goes on as if nothing were traced', () => {
  it.each([
    ['a trace that is not sampled', `Root=${ROOT};Parent=00f067aa0ba902b7;Sampled=0`],
    ['a trace without a parent', `Root=${ROOT};Sampled=1`],
    ['no trace', undefined],
    ['text that is no trace', ';;='],
  ])('with %s', async (_, trace) => {
    let datagrams = 0
    const count = () => {
      datagrams += 1
    }
    daemon.on('message', count)
    expect(
      await xrayTracing('x', { _X_AMZN_TRACE_ID: trace, AWS_XRAY_DAEMON_ADDRESS: address }).traced(async () => 1),
    ).toBe(1)
    await new Promise(resolve => setTimeout(resolve, 20))
    daemon.off('message', count)
    expect(datagrams).toBe(0)
  })

  it.each(['127.0.0.1:9', 'no address', '[::', ''])('with a daemon at "%s"', async where => {
    const { traced } = xrayTracing('x', { _X_AMZN_TRACE_ID: SAMPLED, AWS_XRAY_DAEMON_ADDRESS: where })
    expect(await traced(async () => 1)).toBe(1)
    await new Promise(resolve => setTimeout(resolve, 20))
  })

  it('with ids that are received while nothing is under way', () => {
    expect(() => tracing().annotate({ proposalId: 'p-1' })).not.toThrow()
  })
})
