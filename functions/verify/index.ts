/** Is the approved change still right? Then it asks `write`, and brings its answers home. */

export { makeBridge } from './bridge.ts'
export { makeBringHome } from './bring-home.ts'
export { makeCheckpoint, signEnd } from './checkpoint.ts'
export { makeEnds } from './ends.ts'
export { makeLookForRecord, makeMissingRecords } from './look-for-record.ts'
export { isEnded, openSpent, readSpent } from './read-ledger.ts'
export { makeRevert } from './revert.ts'
export { makeVerify } from './verify.ts'
