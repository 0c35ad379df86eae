/** Whose device is this? */

export { askDigest, type EnrollAnswer, type ListedPasskey, makeEnroll, type UnsignedAsk } from './enroll.ts'
