/** The costs of requests, by the unit prices of `docs/cost.md`, which has their sources. */

/** US dollars per unit. */
export const PRICES = {
  forwardedEvent: 1.0 / 1e6,
  sqsRequest: 0.4 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  trace: 5.0 / 1e6,
  tableRead: 0.125 / 1e6,
  tableWrite: 0.625 / 1e6,
  bucketPutOrList: 0.005 / 1_000,
  bucketGet: 0.0004 / 1_000,
  kmsRequest: 0.03 / 10_000,
  /** Of an ECC key. */
  kmsSignature: 0.15 / 10_000,
  notice: 0.5 / 1e6,
  httpRequest: 1.0 / 1e6,
  logGigabyte: 0.5,
} as const

export type Bill = { readonly [what: string]: number }

/**
 * X-Ray records one request per second and 5 % of the rest.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
 */
export const traced = (invocations: number, seconds: number): number =>
  Math.min(invocations, seconds) + 0.05 * Math.max(0, invocations - seconds)

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, dollars) => sum + dollars, 0)

/** The row of `docs/cost.md` for this number of denials and proposals. Null: there is none. */
export function documentedCost(page: string, denials: number, proposals: number): number | null {
  const shown = (count: number) => count.toLocaleString('en')
  const row = new RegExp(`^\\| +${shown(denials)} \\| +${shown(proposals)} \\|.*\\*\\*([\\d.]+)\\*\\* \\|$`, 'm')
  const dollars = row.exec(page)?.[1]
  return dollars === undefined ? null : Number(dollars)
}
