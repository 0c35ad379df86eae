export { loadPublishedActions } from './load-published-actions.ts'
