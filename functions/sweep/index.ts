/** What is due or stuck? */

export { lastHeard } from './check-members.ts'
export { makeSweep, type SweepDeps } from './sweep.ts'
