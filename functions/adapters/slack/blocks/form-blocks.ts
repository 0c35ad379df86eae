/** The inputs of a form. Slack shows validation errors at them. */
export const REASON_BLOCK = 'reason'
export const TICKET_BLOCK = 'ticket'
export const LONGEST_REASON_CHARS = 500
