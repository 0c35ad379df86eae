export { suggestStatement } from './load-published-actions.ts'
