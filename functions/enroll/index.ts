/** Whose device is this? */

export { type EnrollAnswer, type ListedPasskey, makeEnroll } from './enroll.ts'
