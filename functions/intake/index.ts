export { makeIntake } from './intake.ts'
