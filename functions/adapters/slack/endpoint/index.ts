export { slackEndpoint } from './endpoint.ts'
export { slackVerifier } from './verify-request.ts'
