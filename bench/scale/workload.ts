/** Denials of many accounts as CloudTrail records, with their times of arrival. */
import { ACCOUNT, deniedRegistration } from '../engine/generated-account.ts'
import { seededRandom, shuffle } from '../figures.ts'

export type Arrival = { readonly atMs: number; readonly body: string; readonly denial: number }

export const accountIds = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => String(200_000_000_000 + at))

/** The record of the denial with this number. The accounts take turns. */
function record(denial: number, accounts: readonly string[], id: string, atMs: number): string {
  const account = accounts[denial % accounts.length] ?? ''
  const pair = Math.floor(denial / accounts.length)
  const time = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const detail = deniedRegistration({ id, caller: `deployer-${pair}`, target: `task-${pair}`, time })
  const event = { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ecs', account: ACCOUNT, detail }
  return JSON.stringify(event).replaceAll(ACCOUNT, account)
}

/** As long as CloudTrail's ids, because an occurrence stores the last ones. */
const eventId = (denial: number, at: number): string =>
  `${denial.toString(16).padStart(8, '0')}-0000-4000-8000-${at.toString(16).padStart(12, '0')}`

/** Many denials at once: spread evenly over the time, in random order, a tenth delivered twice. */
export function burst(options: {
  readonly accounts: readonly string[]
  readonly startMs: number
  readonly events: number
  readonly withinMs: number
  readonly distinct: number
}): readonly Arrival[] {
  const { accounts, startMs, events, withinMs, distinct } = options
  const random = seededRandom(20_261_126)
  const order = shuffle(
    Array.from({ length: events }, (_, at) => at),
    random,
  )
  const arrivals = order.map((at, place): Arrival => {
    const atMs = startMs + (place * withinMs) / events
    const denial = at % distinct
    return { atMs, denial, body: record(denial, accounts, eventId(0, at), atMs) }
  })
  const again = arrivals.slice(0, events / 10).map(one => ({ ...one, atMs: one.atMs + 1_000 }))
  return [...arrivals, ...again]
}

/** Ordinary load: each denial is new once, and its caller retries for some minutes. */
export function steady(options: {
  readonly accounts: readonly string[]
  readonly startMs: number
  readonly forMs: number
  readonly distinct: number
  readonly repeats: number
  readonly repeatForMs: number
}): readonly Arrival[] {
  const { accounts, startMs, forMs, distinct, repeats, repeatForMs } = options
  const random = seededRandom(20_261_127)
  return Array.from({ length: distinct }, (_, denial) => {
    const firstMs = startMs + ((denial + random()) * forMs) / distinct
    return Array.from({ length: repeats }, (_, at): Arrival => {
      const atMs = Math.floor(firstMs + (at * repeatForMs) / repeats)
      return { atMs, denial, body: record(denial, accounts, eventId(denial, at), atMs) }
    })
  }).flat()
}
