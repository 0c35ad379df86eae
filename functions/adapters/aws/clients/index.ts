export { LONG_TIMEOUTS } from './client-timeouts.ts'
export { type Credentials, sendSigned, serviceEndpoint } from './signed-request.ts'
