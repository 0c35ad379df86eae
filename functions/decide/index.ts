/** May this person approve this, now? */

export { makeDecide, makeNotifyFailed } from './decide.ts'
export { approvalPage, approveWithPasskey } from './passkey-page.ts'
