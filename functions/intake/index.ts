/** Is this denial ours, and is it new? */

export { makeIntake } from './intake.ts'
