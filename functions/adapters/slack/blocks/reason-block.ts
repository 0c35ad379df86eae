/** The block of a form that asks for a reason: where Slack shows what is wrong with it. */
export const REASON_BLOCK = 'reason'
export const LONGEST_REASON_CHARS = 500
