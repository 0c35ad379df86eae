export { LONG_TIMEOUTS } from './client-timeouts.ts'
