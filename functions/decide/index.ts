/** May this person approve this, now? */

export { makeDecide, makeNotifyFailed } from './decide.ts'
