/** Do two signatures cover exactly this? Then it writes it, or takes it away. */

export { policiesIn } from './iam.ts'
export { targetsOf } from './targets.ts'
export { makeWrite } from './write.ts'
