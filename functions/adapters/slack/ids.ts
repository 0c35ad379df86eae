/** The forms of Slack's ids. What has another one is shown as text, and is no place and no person. */

export const isSlackUser = (id: string): boolean => /^[UW][A-Z0-9]{2,62}$/.test(id)
export const isSlackGroup = (id: string): boolean => /^S[A-Z0-9]{2,62}$/.test(id)
export const isSlackChannel = (id: string): boolean => /^[CGD][A-Z0-9]{2,62}$/.test(id)
/** A message in its channel. */
export const isSlackTimestamp = (id: string): boolean => /^\d{1,16}\.\d{1,9}$/.test(id)
