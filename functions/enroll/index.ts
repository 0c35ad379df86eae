/** Whose device is this? */

export { type EnrollAsk, type EnrollDeps, makeEnroll } from './enroll.ts'
