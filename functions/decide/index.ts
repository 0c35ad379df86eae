export { makeDecide } from './decide.ts'
