/** Which denial broke this deploy? */

export { type Alerted, makeAlert } from './alert.ts'
export { investigateDeploy } from './investigate-deploy.ts'
export { judgeReported } from './judge-faults.ts'
