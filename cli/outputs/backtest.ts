import * as z from 'zod'

const text = z.string()
const count = z.int()
const counts = z.record(text, count)
const answer = z.enum(['allowed', 'denied'])

const calibration = z.object({
  allowedCalls: count.describe('successful calls that assumed or passed a role'),
  evaluatedAllowed: count.describe('of these, the evaluator allows this many'),
  deniedCalls: count.describe('denied ones'),
  evaluatedDenied: count.describe('of these, the evaluator denies this many'),
  unknown: count.describe('the snapshot lacks the caller, the role or what decides: no disagreement'),
  disagreements: z
    .array(z.object({ eventId: text, aws: answer, rolemedic: answer, why: text }))
    .describe('up to 100; their number is the calls less the four other counts'),
})

export const backtest = z.object({
  schema: z.literal('rolemedic.backtest/1'),
  records: count.describe('records, each event id once'),
  unreadable: count.describe('files that could not be read to their end, or that are one page of more'),
  notRead: z
    .array(z.object({ file: text, why: text }))
    .describe('every file that was not read: torn ones, and those that hold no CloudTrail record; up to 1,000'),
  from: text.describe('UTC time of the first record; empty without a record'),
  to: text,
  denials: count,
  distinct: count.describe('caller (sessions folded), action and role'),
  solvedThemselves: count.describe('denials whose call succeeded later without a change of the answer: no card'),
  cards: count.describe('cards that would have been sent, if nobody had answered any'),
  cardsOnBusiestDay: count,
  stormLists: count.describe('lists that hold the cards of a storm in their thread'),
  byDay: z.array(z.object({ day: text, denials: count, cards: count })).describe('UTC days with a denial or a card'),
  byCause: counts.describe('distinct denials'),
  byVerdict: counts.describe('distinct denials'),
  byRisk: counts.describe('distinct denials for which a change was drafted'),
  topPrincipals: z.array(z.object({ arn: text, denials: count })).describe('up to ten'),
  topRoles: z.array(z.object({ arn: text, denials: count })).describe('up to ten'),
  calibration: z.nullable(calibration).describe('null without accounts'),
})

export type BacktestOutput = z.infer<typeof backtest>
