export { lastHeard } from './check-members.ts'
export { makeSweep, type SweepDeps } from './sweep.ts'
