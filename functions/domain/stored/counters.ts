/** Counters of the table, by the prefix of their names. */
export const COUNTERS = {
  /** Cards per channel and window. */
  cards: 'cards/',
  /** Changes per principal and day. */
  changes: 'changes/',
  /** Cards that ask whether a grant is still needed, per channel and day. */
  questions: 'grant-questions/',
  /** Analyses asked for, per denial and minute. */
  look: 'look/',
  /** Analyses of a card that shows a finding already, per proposal and hour. */
  lookAgain: 'look-again/',
  /** Requests for the records behind a session, per denial and asker. */
  chain: 'chain/',
  /** Requests to CloudTrail's event history, per proposal. */
  lookups: 'lookups/',
  /** Repeats shown on a card, per proposal and window. */
  repeats: 'repeats/',
  /** Lost work sent again, per denial. */
  resend: 'resend/',
} as const
