export { eventHistory, historyClients } from './event-history.ts'
