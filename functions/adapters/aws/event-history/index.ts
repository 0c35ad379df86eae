export { type EventHistoryOptions, eventHistory, historyClients } from './event-history.ts'
