export { messageBreaches, viewBreaches } from './limits.ts'
