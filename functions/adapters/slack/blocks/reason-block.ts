/** The block of a form that asks for a reason. Slack shows validation errors there. */
export const REASON_BLOCK = 'reason'
export const LONGEST_REASON_CHARS = 500
