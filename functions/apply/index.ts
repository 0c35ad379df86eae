/** Is the approved change still right? Then it writes it, or reverts it. */

export { makeApply } from './apply.ts'
export { makeBridge } from './bridge.ts'
export { makeCheckpoint, signEnd } from './checkpoint.ts'
export { makeRevert } from './revert.ts'
