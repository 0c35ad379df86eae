/** Which denial broke this deploy? */

export { makeAlert } from './alert.ts'
