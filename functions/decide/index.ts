/** May this person approve this, now? */

export { makeDecide } from './decide.ts'
