import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { median } from '../../bench/figures.ts'
import { chainRate } from '../../bench/scale/chain-rate.ts'
import { documentedCost, PRICES, total, traced } from '../../bench/scale/prices.ts'
import { firstLimit, START_MS, simulate } from '../../bench/scale/simulate.ts'
import { accountIds, burst, steady } from '../../bench/scale/workload.ts'

const ACCOUNTS = accountIds(10)
const HOUR = 3_600_000
const few = { accounts: ACCOUNTS, startMs: START_MS, events: 100, withinMs: 10_000, distinct: 20 }

describe('the model of a deployment', () => {
  it('loses nothing: every event is counted once, every denial has a card, every approval is applied', async () => {
    const arrivals = steady({
      accounts: ACCOUNTS,
      startMs: START_MS,
      forMs: 600_000,
      distinct: 10,
      repeats: 5,
      repeatForMs: 60_000,
    })
    const outcome = await simulate({
      accounts: ACCOUNTS,
      arrivals,
      channels: 2,
      forMs: HOUR / 2,
      approvedAfterMs: 120_000,
      isUsed: true,
    })
    expect(outcome).toMatchObject({ distinct: 10, lost: 0, deadLetters: 0, applied: 10 })
    expect(outcome.counts['events']).toBe(50)
    expect(Math.max(...outcome.cards)).toBeLessThan(10_000)
    expect(outcome.decidable).toHaveLength(10)
    expect(Math.min(...outcome.decidable)).toBeGreaterThan(60_000)
    expect(total(outcome.bill)).toBeGreaterThan(0)
  })

  it('can end when all cards are posted, and knows what the functions hold then', async () => {
    const run = { accounts: ACCOUNTS, arrivals: burst({ ...few, distinct: 100 }), channels: 2, forMs: HOUR }
    const outcome = await simulate({ ...run, endsPosted: true })
    expect(outcome).toMatchObject({ distinct: 100, lost: 0, unlisted: 0, deadLetters: 0, mostEntries: 40 })
    expect(outcome.cards).toHaveLength(100)
    expect(outcome.heldBytes).toBeGreaterThan(1e6)
  })

  it('posts later where Slack takes less, and names Slack as what holds it back', async () => {
    const arrivals = burst({ ...few, distinct: 100 })
    const run = { accounts: ACCOUNTS, arrivals, forMs: HOUR }
    const [one, many] = [await simulate({ ...run, channels: 1 }), await simulate({ ...run, channels: 10 })]
    expect([one.lost, many.lost]).toEqual([0, 0])
    // A message a second: a hundred cards take more than a hundred seconds after the settle time.
    expect(Math.max(...one.cards)).toBeGreaterThan(150_000)
    expect(Math.max(...many.cards)).toBeLessThan(Math.max(...one.cards) - 30_000)
    expect(firstLimit(one)).toBe('Slack messages of one channel')
  })

  it('posts later where fewer analyses run at once', async () => {
    // An invocation has ten messages at once.
    const arrivals = burst({ ...few, events: 200, distinct: 200 })
    const run = { accounts: ACCOUNTS, arrivals, channels: 10, forMs: HOUR }
    const slow = await simulate({ ...run, concurrency: { propose: 1 } })
    const quick = await simulate(run)
    expect(median(slow.decidable)).toBeGreaterThan(1.5 * median(quick.decidable))
    expect(firstLimit(slow)).toBe('analyses at once')
  })
})

describe('one audit chain', () => {
  it('takes records one after another, and with as few requests from many writers as from one', async () => {
    const [one, ten] = [await chainRate(1), await chainRate(10)]
    expect(one.perSecond).toBeGreaterThan(5)
    expect(ten.perSecond).toBeLessThan(4 * one.perSecond)
    expect(ten.slowestMs).toBeGreaterThan(one.slowestMs)
    expect(ten.requestsPerRecord).toBeLessThan(1.2 * one.requestsPerRecord)
  })
})

describe('what it costs', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/cost.md'), 'utf8')

  it.each([
    ['DynamoDB: 1,000,000 reads 0.125, writes 0.625', PRICES.tableRead * 1e6, PRICES.tableWrite * 1e6],
    ['S3: 1,000 PUT or LIST 0.005, GET 0.0004', PRICES.bucketPutOrList * 1e3, PRICES.bucketGet * 1e3],
    ['Lambda arm64: GB-second 0.0000133334, request 0.0000002', PRICES.lambdaGbSecond, PRICES.lambdaRequest],
    ['SQS: 1,000,000 requests 0.40', PRICES.sqsRequest * 1e6],
    ['X-Ray: 1,000,000 traces 5.00', PRICES.trace * 1e6],
    ['10,000 requests 0.03', PRICES.kmsRequest * 1e4],
    ['HTTP API: 1,000,000 requests 1.00', PRICES.httpRequest * 1e6],
    ['GB of logs 0.50', PRICES.logGigabyte],
    ['SNS: 1,000,000 publishes 0.50', PRICES.notice * 1e6],
    ['events to another account or Region 1.00', PRICES.forwardedEvent * 1e6],
  ])('has the unit prices of docs/cost.md: %s', (row, ...prices) => {
    expect(page).toContain(row)
    const numbers = [...row.matchAll(/(?<![\d,.])0\.\d+|\d+\.\d+/g)].map(([number]) => Number(number))
    expect(prices.map(price => Number(Number(price).toPrecision(6)))).toEqual(numbers)
  })

  it('reads the documented sum for so many denials and proposals', () => {
    const row = '| 1,000,000 |    10,000 | 5.80 + 10 × 0.34 = **9.20** |'
    expect(documentedCost(`| x |\n${row}\n`, 1_000_000, 10_000)).toBe(9.2)
    expect(documentedCost(row, 1_000_000, 20_000)).toBe(null)
    expect(documentedCost(page, 1_000_000, 10_000)).toBeGreaterThan(0)
  })

  it('traces one request a second and a twentieth of the rest', () => {
    expect(traced(10, 60)).toBe(10)
    expect(traced(160, 60)).toBe(65)
  })
})
