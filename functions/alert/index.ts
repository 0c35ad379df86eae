export { makeAlert } from './alert.ts'
